"""The top of the morning audit: the answers, one block of lines for each question."""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual.content import Content

from cockpit.report.audit import Audit, Best
from cockpit.report.keeps import STANDINGS, Keep, Standing
from cockpit.report.lanes import LaneCost
from cockpit.report.morning import duration
from cockpit.report.timeline import KILLED
from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.morning import Morning

LABEL = 9
"""Cells of a question's name, left of its answer."""
NAMED, WRONGS, LANES, TRIALS = 3, 3, 3, 5
"""Keeps, kinds of trouble, lanes, trials of a trouble: how many are named, not counted."""
BREAKS = 3
"""Interruptions that are named, the newest."""
KILLED_SHORT = "killed, or a power cut"
AGAIN, HIDDEN = "re-measured  ", "audit split  "
LOOK: dict[Standing, tuple[str, str]] = {
    "real": ("▲", "$keep"),
    "provisional": ("?", "$warning"),
    "suspicious": ("!", "$error"),
    "printed": ("·", "$foreground"),
    "refused": ("×", "$muted"),
}
WORDS = (
    ("keep", "▲", "$keep"),
    ("simpler", "◆", "$simpler"),
    ("discard", "▽", "$discard"),
    ("crash", "✗", "$crash"),
    ("abandoned", "○", "$muted"),
)


def answers(morning: Morning, width: int, height: int) -> list[Content]:
    """Return the answers; blank lines part them where `height` has room for those."""
    audit, room = morning.audit, width - LABEL
    blocks = [
        ("trials", list(_trials(audit))),
        ("best", list(_best(audit))),
        ("keeps", list(_keeps(morning))),
        ("wrong", list(_wrong(audit, room))),
        ("cost", list(_cost(audit, room))),
    ]
    roomy = sum(len(lines) + 1 for _, lines in blocks) <= height
    out: list[Content] = []
    for name, lines in blocks:
        for at, line in enumerate(lines):
            label = name if at == 0 else ""
            out.append(ink.ink((f"{label:<{LABEL}}", "bold $primary"), line))
        if roomy:
            out.append(Content(""))
    return out


def since_words(audit: Audit) -> str:
    """Return when the window of the audit began, with the day where that is not today."""
    same = audit.until - audit.since < 20 * 3600
    form = "%H:%M" if same else "%a %d %b %H:%M"
    return time.strftime(form, time.localtime(audit.since))


# --- how many, how long, what interrupted ------------------------------------------------------


def _trials(audit: Audit) -> Iterable[Content]:
    parts: list[str | tuple[str, str] | Content] = [
        (str(audit.trials), "bold"),
        f" experiment{'s' * (audit.trials != 1)} in ",
        (duration(audit.seconds), "bold"),
        (f" since {since_words(audit)}", DIM),
    ]
    yield ink.ink(*parts)
    counts: list[str | tuple[str, str] | Content] = []
    for word, glyph, style in WORDS:
        number = audit.counts.get(word, 0)
        if number or word in ("keep", "discard", "crash"):
            look = style if number else DIM
            counts += ["   " if counts else "", (f"{glyph} {number}", look), (f" {word}", DIM)]
    yield ink.ink(*counts)
    yield _breaks(audit)
    if audit.ended:
        yield ink.ink(("it does not run: ", "$warning"), audit.ended)


def _breaks(audit: Audit) -> Content:
    if not audit.breaks:
        return ink.ink(("nothing interrupted it", DIM))
    number = len(audit.breaks)
    head = f"{number} break{'s' * (number != 1)}, {duration(audit.away)}"
    told = [
        f"{ink.clock(b.at)} {KILLED_SHORT if b.why == KILLED else b.why}"
        for b in reversed(audit.breaks[-BREAKS:])
    ]
    return ink.ink((head, "$warning"), (f": {', '.join(told)}", DIM))


# --- best before and now -------------------------------------------------------------------------


def _best(audit: Audit) -> Iterable[Content]:
    best, shown = audit.best, audit.metric.format
    if best.value is None:
        yield ink.ink(("nothing is measured yet", DIM))
        return
    yield _gain(audit, best)
    if audit.trust == "printed":
        yield ink.ink(("every value is the word of its script; nobody examined it", "$warning"))
        return
    if audit.again is not None:
        again = audit.again
        width = "" if again.half_width is None else f" ± {shown(again.half_width)}"
        age = "" if again.age is None else f", {ink.rough(again.age)} ago"
        older = "" if again.best == best.now else f"#{again.best} "
        yield ink.ink(
            (AGAIN, DIM),
            f"{older}better by {shown(again.gain)}{width}",
            (f", {again.pairs} pair{'s' * (again.pairs != 1)}{age}", DIM),
        )
    else:
        yield ink.ink((AGAIN, DIM), "not yet")
    if best.audit is None:
        yield ink.ink((HIDDEN, DIM), "not scored yet")
        return
    same = best.audit_before is None or best.before == best.now
    before = "" if same else f"{shown(best.audit_before)} → "
    yield ink.ink((HIDDEN, DIM), f"{before}{shown(best.audit)}", (", which nobody optimises", DIM))


def _gain(audit: Audit, best: Best) -> Content:
    shown = audit.metric.format
    name = (f"{audit.metric.name} ", DIM)
    now = [(shown(best.value), "bold $keep"), (f" #{best.now}", DIM)]
    if best.gain is None or best.before == best.now:
        return ink.ink(name, *now, "  unchanged")
    sigmas = "" if best.sigmas is None else f"  {best.sigmas:.1f}σ"
    return ink.ink(
        name,
        shown(best.value_before),
        (f" #{best.before}", DIM),
        (" → ", DIM),
        *now,
        f"  better by {shown(best.gain)}",
        (sigmas, "bold $keep"),
    )


# --- real or noise -------------------------------------------------------------------------------


def _keeps(morning: Morning) -> Iterable[Content]:
    keeps = morning.audit.keeps
    if not keeps:
        yield ink.ink(("nothing was kept", DIM))
        return
    standings = [keep.standing for keep in keeps]
    parts: list[str | tuple[str, str] | Content] = []
    for word in reversed(STANDINGS):
        if number := standings.count(word):
            glyph, style = LOOK[word]
            parts += ["   " if parts else "", (f"{glyph} {number}", style), (f" {word}", DIM)]
    verified = sum(bool(keep.verified) for keep in keeps)
    if verified:
        parts.append((f"   {verified} verified", DIM))
    yield ink.ink(*parts)
    doubtful = [keep for keep in keeps if keep.standing in ("suspicious", "provisional")]
    doubtful.sort(key=lambda keep: STANDINGS.index(keep.standing))
    shown = doubtful if len(doubtful) <= NAMED else doubtful[: NAMED - 1]
    yield from (_doubt(keep) for keep in shown)
    if len(doubtful) > len(shown):
        yield ink.ink((f"and {len(doubtful) - len(shown)} more to look at", DIM))
        return
    others = [keep for keep in keeps if keep not in doubtful]
    yield from (_kept(keep) for keep in others[: NAMED - len(shown)])


def _kept(keep: Keep) -> Content:
    glyph, style = LOOK[keep.standing]
    sigmas = "" if keep.sigmas is None else f"{keep.sigmas:+.1f}σ "
    what = keep.summary or keep.hypothesis
    return ink.ink((f"{glyph} #{keep.trial} ", f"bold {style}"), (sigmas, DIM), what)


def _doubt(keep: Keep) -> Content:
    glyph, style = LOOK[keep.standing]
    return ink.ink(
        (f"{glyph} #{keep.trial} ", f"bold {style}"), (f"{keep.standing}: ", style), keep.why
    )


# --- what went wrong -----------------------------------------------------------------------------


def _wrong(audit: Audit, room: int) -> Iterable[Content]:
    if not audit.troubles:
        yield ink.ink(("nothing went wrong", DIM))
        return
    found = audit.troubles
    shown = found if len(found) <= WRONGS else found[: WRONGS - 1]
    for trouble in shown:
        mild = trouble.kind == "abandoned" or trouble.kind.startswith("refused")
        style = "$muted" if mild else "$crash"
        numbers = " ".join(f"#{n}" for n in trouble.trials[:TRIALS])
        more = " …" if len(trouble.trials) > TRIALS else ""
        tail = f"  {numbers}{more}"
        head = ink.ink((f"{trouble.count:>3} × ", "bold"), (trouble.kind, style))
        reason = Content(f": {trouble.reason}" if trouble.reason else "")
        left = max(0, room - head.cell_length - len(tail))
        yield ink.ink(head, reason.truncate(left, ellipsis=True), (tail, DIM))
    if len(found) > len(shown):
        rest = sum(trouble.count for trouble in found[len(shown) :])
        words = f"{rest:>3} × of {len(found) - len(shown)} more kinds; w writes them all"
        yield ink.ink((words, DIM))


# --- who contributed what, at what cost ----------------------------------------------------------


def _cost(audit: Audit, room: int) -> Iterable[Content]:
    lanes = [lane for lane in audit.lanes if lane.lane is not None]
    if not lanes:
        yield ink.ink(("the table does not say who proposed what", DIM))
        return
    name = max(12, min(34, room - 38))
    yield ink.ink((f"{'':<{name}}{'trials':>6}{'keeps':>7}{'gain':>10}{'hours':>7}{'kWh':>7}", DIM))
    yield from (_lane(audit, lane, name) for lane in lanes[:LANES])
    if audit.trust != "printed" and audit.hours.words():
        yield ink.ink(("time  ", DIM), audit.hours.words())


def _lane(audit: Audit, lane: LaneCost, width: int) -> Content:
    title = Content(" ".join((lane.lane or "", *lane.models))).truncate(width - 1, ellipsis=True)
    gain = f"{lane.gain:+.{audit.metric.decimals}f}" if lane.keeps else "·"
    energy = "·" if lane.kwh is None else f"{lane.kwh:.2f}"
    return ink.ink(
        title.pad_right(width - title.cell_length),
        f"{lane.trials:>6}{lane.keeps:>7}",
        (f"{gain:>10}", "$keep" if lane.gain > 0 else DIM),
        f"{lane.hours:>7.1f}{energy:>7}",
    )
