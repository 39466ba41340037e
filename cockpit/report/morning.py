"""The morning report: the audit's facts as sections, and those as text, Markdown or HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cockpit.report.audit import Audit
from cockpit.report.keeps import STANDINGS, Keep
from cockpit.report.timeline import Break

Table = tuple[tuple[str, ...], ...]
TROUBLES, KEEPS = 12, 40
"""Rows of a table that are shown; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the report: sentences, then a table whose first row is its head.

    `code` is text to be shown as it is: a tune.
    """

    title: str
    lines: tuple[str, ...] = ()
    table: Table = ()
    code: str = ""


def sections(audit: Audit) -> tuple[Section, ...]:
    """Return the report: the answers first, then keeps, troubles, lanes and the tunes."""
    found = [
        Section(title="In short", lines=tuple(_short(audit))),
        Section(title="Keeps, the doubtful first", table=_keeps(audit)),
        Section(title="What went wrong", table=_troubles(audit)),
        Section(title="What it cost", table=_lanes(audit)),
        Section(title="The first tune", code=audit.first_tune),
        Section(title="The best tune", code=audit.best_tune),
    ]
    return tuple(s for s in found if s.lines or s.table or s.code)


def duration(seconds: float) -> str:
    """Return a span as `7 h 05 min`, `12 min` or `40 s`."""
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if seconds >= 60 else f"{seconds:.0f} s"


def _short(audit: Audit) -> Iterable[str]:
    since = datetime.fromtimestamp(audit.since)
    counts = ", ".join(f"{n} {word}" for word, n in audit.counts.items() if n)
    yield (
        f"{audit.trials} experiments in {duration(audit.seconds)} since {since:%d %b %H:%M}"
        + (f": {counts}" if counts else "")
    )
    if audit.share is not None and audit.trust != "printed":
        waited = f"; it waited {duration(audit.hours.waited)} for you" if audit.hours.waited else ""
        yield f"{duration(audit.hours.work)} at work: {audit.hours.words()}{waited}"
    yield _breaks(audit.breaks)
    if audit.ended:
        yield f"it does not run: {audit.ended}"
    yield from _best(audit)
    words = [keep.standing for keep in audit.keeps]
    if words:
        yield (
            ", ".join(f"{words.count(w)} {w}" for w in reversed(STANDINGS) if w in words)
            + f" of {len(words)} keep{'s' * (len(words) != 1)}"
        )


def _breaks(breaks: Sequence[Break]) -> str:
    if not breaks:
        return "nothing interrupted it"
    told = "; ".join(
        f"{datetime.fromtimestamp(b.at):%H:%M} for {duration(b.seconds)}: {b.why}"
        for b in breaks[-4:]
    )
    return f"interrupted {len(breaks)} time{'s' * (len(breaks) != 1)} ({told})"


def _best(audit: Audit) -> Iterable[str]:
    best, shown = audit.best, audit.metric.format
    if best.value is None:
        yield "nothing is measured yet"
        return
    if best.gain is None or best.before == best.now:
        yield f"best {audit.metric.name} {shown(best.value)} (#{best.now}), unchanged"
    else:
        sigmas = "" if best.sigmas is None else f", {best.sigmas:+.1f} sigma"
        yield (
            f"best {audit.metric.name} {shown(best.value_before)} (#{best.before}) -> "
            f"{shown(best.value)} (#{best.now}), better by {shown(best.gain)}{sigmas}"
        )
    if audit.again is not None:
        again = audit.again
        width = "" if again.half_width is None else f" ± {shown(again.half_width)} (95 %)"
        age = "" if again.age is None else f", {duration(again.age)} ago"
        yield (
            f"measured again: #{again.best} beats the baseline by {shown(again.gain)}{width}, "
            f"{again.pairs} pairs{age}"
        )
    else:
        yield "best against baseline was not measured again yet"
    if best.audit is not None:
        same = best.audit_before is None or best.before == best.now
        before = "" if same else f"{shown(best.audit_before)} -> "
        yield f"on the audit split, which nobody optimises: {before}{shown(best.audit)}"
    if audit.trust == "printed":
        yield "every value is the word of its script; nobody examined it"


def _keeps(audit: Audit) -> Table:
    if not audit.keeps:
        return ()
    keeps = sorted(audit.keeps, key=lambda keep: STANDINGS.index(keep.standing))
    head = ("#", "is", audit.metric.name, "gain", "sigma", "by", "what", "why")
    rows = [_keep(keep, audit) for keep in keeps[:KEEPS]]
    if len(keeps) > KEEPS:
        rows.append(("", "", "", "", "", "", f"and {len(keeps) - KEEPS} more", ""))
    return (head, *rows)


def _keep(keep: Keep, audit: Audit) -> tuple[str, ...]:
    shown = audit.metric.format
    return (
        str(keep.trial),
        keep.standing,
        shown(keep.value),
        "" if keep.gain is None else f"{keep.gain:+.{audit.metric.decimals}f}",
        "" if keep.sigmas is None else f"{keep.sigmas:+.1f}",
        keep.lane or "",
        keep.summary or keep.hypothesis,
        keep.why,
    )


def _troubles(audit: Audit) -> Table:
    if not audit.troubles:
        return ()
    rows = [
        (str(t.count), t.kind, t.reason, " ".join(f"#{n}" for n in t.trials[:6]))
        for t in audit.troubles[:TROUBLES]
    ]
    if len(audit.troubles) > TROUBLES:
        rows.append(("", "", f"and {len(audit.troubles) - TROUBLES} more kinds", ""))
    return (("times", "what", "for example", "trials"), *rows)


def _lanes(audit: Audit) -> Table:
    known = [lane for lane in audit.lanes if lane.lane is not None]
    if not known:
        return ()
    rows = [
        (
            " ".join((lane.lane or "", *lane.models)),
            str(lane.turns),
            str(lane.trials),
            str(lane.keeps),
            f"{lane.gain:+.{audit.metric.decimals}f}",
            f"{lane.hours:.1f}",
            f"{lane.read + lane.written:,}" if lane.written else "",
            "not measured" if lane.kwh is None else f"{lane.kwh:.2f}",
        )
        for lane in known
    ]
    return (("lane", "turns", "trials", "keeps", "gain", "hours", "tokens", "kWh"), *rows)


# --- renderings --------------------------------------------------------------------------------


def report_text(audit: Audit) -> str:
    """Return the report for a terminal or a pipe."""
    out = [f"{audit.session}: {audit.data}", ""]
    for section in sections(audit):
        out.append(section.title.upper())
        out += [f"  {line}" for line in section.lines]
        out += _aligned(section.table)
        out += [f"  {line}" for line in section.code.rstrip().splitlines()]
        out.append("")
    return "\n".join(out).rstrip() + "\n"


def report_markdown(audit: Audit) -> str:
    """Return the report as Markdown."""
    out = [f"# {audit.session}", "", audit.data, ""]
    for section in sections(audit):
        out += [f"## {section.title}", ""]
        out += [f"- {line}" for line in section.lines]
        for at, row in enumerate(section.table):
            out.append("| " + " | ".join(_cell(text) for text in row) + " |")
            if at == 0:
                out.append("|" + "---|" * len(row))
        if section.code:
            out += ["```", section.code.rstrip().replace("```", "'''"), "```"]
        out.append("")
    return "\n".join(out).rstrip() + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _aligned(table: Table) -> list[str]:
    if not table:
        return []
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return [
        "  " + "  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
