"""One trial in words: verdict, runs, cost, rejections, sample; a pane on wide screens."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from textual.content import Content

from cockpit.engine.board import Board
from cockpit.engine.exam import exam_cost
from cockpit.engine.rows import Row, RunRow
from cockpit.metric import Metric
from cockpit.trial import Completed, Crashed, Rejected, Stopped, TimedOut
from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines, name_border
from cockpit.tui.view import View

TAIL = 8
"""Log lines shown of a run that came through."""


class DetailPane(Lines):
    """Why the row under the cursor ended as it did."""

    BORDER_TITLE = "Trial"

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the trial's facts."""
        row = self.view.shown
        if row is None:
            return []
        name_border(self, self.view, f"Trial #{ink.number(row.number)}")
        return list(describe(row, self.view.board, width, log_tail(self.view, row)))


def log_tail(view: View, row: Row) -> Sequence[str]:
    """Return the last lines of a trial that ended, unless its result carries them already."""
    if not row.runs or row.state not in ("settled", "abandoned"):
        return ()
    if isinstance(row.runs[-1].result, Crashed | TimedOut):
        return ()
    return view.shelf.log(row.number, len(row.runs))[-TAIL:]


def describe(row: Row, board: Board, width: int, log: Sequence[str] = ()) -> Iterator[Content]:
    """Yield everything known about a trial but its diff; `log` is the end of its last run's."""
    metric = board.metric
    glyph, word, style = ink.verdict(row)
    yield ink.ink((f"{glyph} {word}", f"bold {style}"), (f"   {ink.author(row)} {row.model}", DIM))
    yield from _wrapped(row.hypothesis, width, "italic")
    if row.summary and row.summary != row.hypothesis:
        yield from _wrapped(row.summary, width)
    yield from _wrapped(row.reason, width, style)
    yield Content("")
    yield from _facts(row, metric)
    if row.runs:
        yield from _titled("runs")
        for run in row.runs:
            yield from _run(run, row, metric, width)
    if row.rejections:
        yield from _titled("turned back")
        for rejection in row.rejections:
            yield from _wrapped(f"{rejection.stage}: {rejection.reason}", width, DIM)
    if row.sample:
        yield from _titled("a sample that the model wrote")
        for line in row.sample.splitlines():
            yield from _wrapped(line, width)
    if log:
        yield from _titled("last lines of its log")
        for line in log:
            yield from _wrapped(line, width, DIM)
    if row.archived and not row.in_review:
        yield from _titled("run it again")
        for line in reproduce(row, board):
            yield from _wrapped(line, width, "$accent")


def _titled(text: str) -> Iterator[Content]:
    yield Content("")
    yield ink.ink((text, "bold $primary"))


def reproduce(row: Row, board: Board) -> tuple[str, ...]:
    """Return the commands that run a trial's file once more, through gate and judge."""
    kind = "rehearsals" if row.number < 0 else "trials"
    number = abs(row.number)
    budget = board.fingerprint.budget if board.fingerprint is not None else 300.0
    file = f"train-{'r' if row.number < 0 else ''}{number}.py"
    ref = f"refs/cockpit/{board.session_tag}/{kind}/{number}"
    return (
        f"git show {ref}:sandbox/train.py > {file}",
        f'cockpit try {file} --again --budget {budget:g} -m "#{ink.number(row.number)} again"',
    )


def _facts(row: Row, metric: Metric) -> Iterator[Content]:
    delta = metric.format_delta(row.delta)
    sigmas = f"{ink.signed(row.sigmas)}σ" if row.sigmas is not None else ""
    stood = f", the machine waited {ink.span(row.waited)}" if row.waited >= 1 else ""
    review = f"{row.decision}{stood}" if row.decision else ""
    facts = (
        (metric.name, metric.format(row.value)),
        ("against best", " ".join(t for t in (delta, sigmas) if t)),
        ("noise floor σ", metric.format(row.sigma)),
        ("audit split", metric.format(row.audit)),
        ("began", ink.clock(row.started_at, seconds=True)),
        ("proposal", _proposing(row)),
        ("review", " ".join(t for t in (review, row.decision_reason) if t)),
        ("training", f"{row.seconds:.0f} s" if row.seconds else ""),
        ("examination", ink.examined(exam_cost(row.runs))),
        ("peak memory", ink.size(row.memory)),
        ("commit", row.commit[:12] or row.archived[:12]),
        ("tree", row.tree),
    )
    for name, value in facts:
        if value:
            yield ink.ink((f"{name:<15}", DIM), value)


def _proposing(row: Row) -> str:
    """Say what answers took, and how much of that the loading of the model."""
    seconds, tokens = sum(row.spent.asking.values()), row.spent.written.total()
    load = f", {row.spent.load:.1f} s of it loading" if row.spent.load >= 1 else ""
    written = f", {tokens:,} tokens" if tokens else ""
    return f"{seconds:.1f} s{load}{written}" if seconds >= 0.1 else ""


def _run(run: RunRow, row: Row, metric: Metric, width: int) -> Iterator[Content]:
    of = "" if run.of == row.number else f" of #{run.of}"
    head = f"{run.run} {run.role}{of}  seed {run.seed}  "
    match run.result:
        case None:
            yield ink.ink((head, DIM), ("running", "$running"))
        case Completed() as done:
            probes = f"  {done.probes} probes" if done.probes else ""
            value = metric.format(done.value(metric.name)) or "through"
            yield ink.ink((head, DIM), value, (f"  {done.trust}{probes}", DIM))
        case Crashed() | TimedOut() as failed:
            yield ink.ink((head, DIM), (failed.reason, "$crash"))
            for line in failed.log_tail.splitlines()[-8:]:
                yield from _wrapped(f"  {line}", width, DIM)
        case Rejected() | Stopped() as ended:
            yield ink.ink((head, DIM), (ended.reason, "$warning"))
    if run.why:
        yield from _wrapped(f"  {run.why}", width, DIM)


def _wrapped(text: str, width: int, style: str = "") -> Iterator[Content]:
    indent = " " * (len(text) - len(text.lstrip()))
    for line in textwrap.wrap(text, max(width, 12), subsequent_indent=indent):
        yield ink.ink((line, style))
