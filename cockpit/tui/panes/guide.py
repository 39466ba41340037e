"""The first minute on screen: the guide's sentences, from what the view knows."""

from __future__ import annotations

from textual.content import Content

from cockpit.report.guide import Facts, fit, guide
from cockpit.tui import ink
from cockpit.tui.view import View

PHASES = ("setup", "rehearsal", "baseline")
TOLD = ("ollama", "model", "device")
"""Notices that the guide says in its own words."""


def guiding(view: View) -> bool:
    """Say whether this is the first minute: nothing has been judged yet, and something goes on."""
    if view.reading is not None:
        return False
    return view.board.phase in PHASES and not view.ended and not view.board.imported


def guide_lines(view: View, width: int, height: int) -> list[Content]:
    """Return the guide in at most `height` lines."""
    said = fit(guide(facts_of(view), ink.clock), width, height)
    return [ink.ink((f"{label:<8}", "bold $primary"), text) for label, text in said]


def facts_of(view: View) -> Facts:
    """Return what is known now."""
    board, live, now = view.board, view.live, view.clock.now()
    mark, walls, notices = board.fingerprint, board.isolation, board.notices
    sample = live.telemetry[-1] if live.telemetry else None
    gpus = sorted(sample.devices if sample else (), key=lambda d: d.memory_total or 0)
    ended = [r for r in board.rehearsals.values() if r.ended_at is not None]
    spans = [(r.ended_at or now) - r.started_at for r in ended]
    said = {topic: notices[topic].text for topic in TOLD if topic in notices}
    return Facts(
        now=now,
        phase=board.phase,
        looked=sample is not None,
        gpu=gpus[-1].name if gpus else "",
        memory=gpus[-1].memory_total if gpus else None,
        device=mark.device if mark else "",
        threads=mark.threads if mark else 0,
        on_gpu=bool(mark and mark.driver),
        trouble=said.get("device", ""),
        agent=board.agent,
        model=said.get("model", ""),
        no_model=said.get("ollama", ""),
        level=walls.level if walls else "",
        blocked=walls.blocked if walls else 0,
        attempts=walls.attempts if walls else 0,
        through=board.rehearsal.through,
        needed=board.rehearsal.needed,
        each=sum(spans) / len(spans) if spans else None,
        budget=view.budget,
        deadline=view.deadline if board.phase == "baseline" else None,
        review=board.review_mode if mark else view.start.review,
        wait=view.start.wait,
        stop_at=view.stop_at,
        experiments=view.start.experiments,
        fits=view.fit,
        turn=view.turn,
        watched=view.read_only,
    )
