"""Which session a start goes on with: the newest under the fingerprint it finds, or a new one."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from cockpit import events as ev
from cockpit.engine.bounds import tell_of_bounds
from cockpit.engine.desk import Desk
from cockpit.engine.settling import restore
from cockpit.metric import Direction

NAMES = {"data": "the data", "prepare": "prepare.py", "driver": "the driver", "trust": "the trust"}


def open_session(desk: Desk) -> None:
    """Go on with the newest session under this fingerprint, or start one with its own baseline."""
    opening = desk.opening
    found = desk.fold.find(opening.fingerprint)
    if found is not None:
        desk.tag = found.session_tag
        desk.workspace.resume_session(desk.tag)
        desk.emit(
            ev.SessionResumed(
                agent=opening.agent,
                review=desk.plan.review,
                constraints=desk.plan.constraints.sentences(),
            )
        )
        restore(desk)
    else:
        last = None if desk.board.imported else desk.board.fingerprint
        desk.tag = ""  # a failure to open ends no session, nor the one that was mended before
        tag = desk.workspace.free_tag(date.fromtimestamp(desk.clock.now()))
        branch, base, digest = desk.workspace.open_session(tag, desk.workspace.train())
        desk.tag = tag
        desk.emit(
            ev.SessionStarted(
                tag=tag,
                branch=branch,
                base_commit=base,
                digest=digest,
                fingerprint=opening.fingerprint,
                direction=Direction.MINIMIZE.value,
                data=opening.data,
                agent=opening.agent,
                review=desk.plan.review,
                constraints=desk.plan.constraints.sentences(),
            )
        )
        if last is not None and (why := changed(last, opening.fingerprint)):
            desk.notice("info", "fingerprint", why)
    desk.emit(opening.isolation)
    for notice in opening.notices:
        desk.emit(notice)
    if desk.board.incumbent is not None:
        tell_of_bounds(desk, desk.board.incumbent)


def changed(last: ev.Fingerprint, now: ev.Fingerprint) -> str:
    """Say what about the fingerprint differs from the last session's; empty when nothing does."""
    differing = [
        f"{NAMES.get(field.name, field.name)} is {_shown(getattr(now, field.name))}, "
        f"was {_shown(getattr(last, field.name))}"
        for field in fields(ev.Fingerprint)
        if getattr(now, field.name) != getattr(last, field.name)
    ]
    if not differing:
        return ""
    told = "; ".join(differing)
    return f"{told}: values do not compare, so a new session begins with its own baseline"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"
