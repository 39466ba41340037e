"""Pieces of status lines that give way when there is no room, and the words of what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from cockpit import events as ev
from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Part of a line; pieces of the highest `rank` are left out first. 0 always stays."""

    text: Content
    rank: int = 0
    right: bool = False


def fit(pieces: Sequence[Piece], width: int, gap: int = 3) -> Content:
    """Join pieces into one line of `width` cells, leaving out what does not fit."""
    kept = [p for p in pieces if p.text]
    while len(kept) > 1 and _length(kept, gap) > width:
        worst = max(range(len(kept)), key=lambda i: (kept[i].rank, i))
        if not kept[worst].rank:
            break
        del kept[worst]
    blank = Content(" " * gap)
    left = blank.join([p.text for p in kept if not p.right])
    right = blank.join([p.text for p in kept if p.right])
    space = width - left.cell_length - right.cell_length
    return Content.assemble(left, " " * max(space, gap if right else 0), right)


def _length(pieces: Sequence[Piece], gap: int) -> int:
    return sum(p.text.cell_length for p in pieces) + gap * (len(pieces) - 1)


def next_step(view: View) -> tuple[str, str]:
    """Say what happens next and when, or what needs the human; and in which style."""
    board, live = view.board, view.live
    if view.quitting:
        return "ending the run and leaving… q again leaves at once", "$warning"
    if view.ended:
        return f"the session ended: {view.ended}", "$warning"
    if view.reading is not None:
        after = "" if view.read_only else "; the session begins after that"
        return f"{view.reading:.0%} of the journal is read{after}", DIM
    if view.review is not None:
        return _review(view), "$warning"
    if board.running and board.request is not None and board.request.state == "pending":
        return board.request.text, "$warning"
    if board.released and board.request is not None:
        return board.request.text, "$warning"
    if board.paused:
        return "paused, the GPU rests; p goes on", "$warning"
    if live.waiting is not None:
        until = f" until {ink.clock(live.waiting.until)}" if live.waiting.until else ""
        return f"waiting for {live.waiting.text}{until}", "$warning"
    return _next_stage(view), "$muted"


def _review(view: View) -> str:
    row = view.review
    if row is None:
        return ""
    name = f"#{ink.number(row.number)}"
    if row.review_until is None:
        return f"{name} waits for you: y accept  n refuse  e edit  A trust from here on"
    left = ink.span(row.review_until - view.clock.now())
    return f"{name} accepted in {left} unless you say: n refuse  e edit  Space hold  y now"


def _next_stage(view: View) -> str:
    live = view.live
    if view.board.phase == "rehearsal" and live.stage in ("stage", "dry run", "examine"):
        left = view.board.rehearsal.needed - view.board.rehearsal.through - 1
        return f"next: {left} more in rehearsal" if left > 0 else "next: the baseline"
    match live.stage:
        case "propose":
            return "next: the gate, as soon as there is a proposal"
        case "stage" | "dry run":
            return f"next: {ink.span(view.budget)} of training if it comes through"
        case "train":
            at = ink.clock(view.deadline)
            return f"next: judge at {at}" if at else "the clock starts when torch is loaded"
        case "examine" | "judge":
            return "next: verdict, lesson, new proposal"
        case "review":
            return "next: training"
        case "idle":
            return live.progress.text if live.progress is not None else ""


def outlook(view: View) -> str:
    """Say how many trials fit before the stop hour, are still to come, or fit an hour."""
    if view.fit is not None and view.stop_at is not None:
        left = view.stop_at - view.clock.now()
        return f"{ink.clock(view.stop_at)} in {ink.rough(left)} · {view.fit} more"
    rate = f"{3600 / max(view.turn, 1.0):.1f} trials/h" if view.turns else ""
    if view.left is not None:
        return f"{view.left} of {view.start.experiments} to come{' · ' if rate else ''}{rate}"
    return rate


NOTICE_STYLE: dict[ev.Level, str] = {"needs human": "$error", "warning": "$warning", "info": DIM}


def by_rank(view: View) -> list[ev.Noticed]:
    """Return the notices, the most pressing first."""
    ranks = list(NOTICE_STYLE)
    return sorted(view.board.notices.values(), key=lambda n: ranks.index(n.level))


def notice(view: View) -> tuple[str, str]:
    """Return the most pressing notice and its style; empty when all is well."""
    if view.reading is not None:  # they are of the past so far
        return "", ""
    notices = [n for n in by_rank(view) if n.level != "info"]
    if not notices and view.waiting and not view.read_only:
        many = f"{view.waiting} keeps wait" if view.waiting > 1 else "a keep waits"
        return f"? {many} for your approval: m", "$warning"
    if not notices:
        return "", ""
    more = f" (+{len(notices) - 1})" if len(notices) > 1 else ""
    return f"! {notices[0].text}{more}", NOTICE_STYLE[notices[0].level]


def needs_human(view: View) -> bool:
    """Say whether something waits for the human: a review, an ended session, a notice."""
    if view.reading is not None:
        return bool(view.ended)
    pressing = any(n.level == "needs human" for n in view.board.notices.values())
    return view.review is not None or bool(view.ended) or pressing


def window_title(view: View) -> str:
    """Say in the terminal's title where it stands, and flag when a human is needed."""
    flag = "! " if needs_human(view) else ""
    row = view.review
    if row is not None:
        return f"{flag}cockpit: #{ink.number(row.number)} waits for you"
    if view.ended:
        return f"{flag}cockpit: ended"
    if view.reading is not None:
        return f"{flag}cockpit: reading"
    trial = f" #{ink.number(view.open.number)}" if view.open is not None else ""
    best = f" - best {view.board.metric.format(view.best)}" if view.best is not None else ""
    resting = "released" if view.board.released else "paused"
    stage = view.board.phase if view.live.stage == "idle" else view.live.stage
    state = resting if view.board.paused else stage
    return f"{flag}cockpit: {state}{trial}{best}"
