"""results.tsv: the current session in the five columns that existing tools read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from statistics import fmean

from cockpit.digest import digest_of_file
from cockpit.errors import LedgerError
from cockpit.events import (
    Entry,
    KeepRefused,
    Proposed,
    RunFinished,
    Sample,
    SessionResumed,
    SessionStarted,
    Staged,
    TrialJudged,
    TrialSettled,
    TrialStarted,
)
from cockpit.files import replace_file
from cockpit.trial import Completed, Crashed, TimedOut, Verdict

MARKER = Path(".cockpit") / "results.digest"
"""Beside the table: digests of what we wrote, so that nobody else's file is overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TsvRow:
    """One line of the table; `memory` is peak bytes, a missing value is None."""

    commit: str
    value: float | None
    memory: int | None
    status: str
    description: str


def render(rows: Iterable[TsvRow], metric: str = "val_bpb") -> str:
    """Return the table with upstream's precision; what is missing is blank, never 0.0."""
    lines = [f"commit\t{metric}\tmemory_gb\tstatus\tdescription"]
    for row in rows:
        value = "" if row.value is None else f"{row.value:.6f}"
        memory = "" if row.memory is None else f"{row.memory / 1024**3:.1f}"
        description = " ".join(row.description.split())
        lines.append(f"{row.commit[:7]}\t{value}\t{memory}\t{row.status}\t{description}")
    return "\n".join(lines) + "\n"


@dataclass(slots=True)
class _Trial:
    """What is known of one trial so far."""

    staged: str = ""
    settled: str = ""
    words: str = ""
    values: list[float] = field(default_factory=list)
    memory: int | None = None
    verdict: Verdict | None = None
    refused: bool = False

    def row(self, verdict: Verdict) -> TsvRow:
        value = verdict.value
        if value is None and self.values and verdict.word != "crash":
            value = fmean(self.values)
        words = self.words
        if verdict.word == "crash":
            words = f"{words} ({verdict.reason})" if words else verdict.reason
        kept = "discard" if self.refused else "keep"
        status = kept if verdict.kept else verdict.word
        return TsvRow(
            commit=self.settled or self.staged,
            value=value,
            memory=self.memory,
            status=status,
            description=words,
        )


@dataclass(slots=True)
class SessionTable:
    """The rows of one session, folded from its entries; rehearsals are no experiments."""

    metric: str = "val_bpb"
    _base: str = ""
    _trials: dict[int, _Trial] = field(default_factory=dict)

    def apply(self, entry: Entry) -> bool:
        """Fold one entry; say whether the table may read differently now."""
        event = entry.event
        match event:
            case SessionStarted(fingerprint=fingerprint, base_commit=commit):
                self.metric, self._base = fingerprint.metric, commit
            case SessionResumed():
                return bool(self._trials)
            case TrialStarted(trial=number) if number >= 0:
                base = event.kind == "baseline"
                self._trials[number] = (
                    _Trial(words="baseline", staged=self._base) if base else _Trial()
                )
            case Proposed(trial=number) if found := self._trials.get(number):
                found.words = event.proposal.hypothesis
            case Staged(trial=number) if found := self._trials.get(number):
                found.staged = event.commit
                found.words = found.words if found.words == "baseline" else event.summary
            case RunFinished(of=number) if found := self._trials.get(number):
                self._measure(found, event)
            case TrialJudged(trial=number) if found := self._trials.get(number):
                found.verdict = event.verdict
                return True
            case TrialSettled(trial=number) if found := self._trials.get(number):
                found.settled = event.commit
                return True
            case KeepRefused(trial=number) if found := self._trials.get(number):
                found.refused = True
                return True
            case _:
                pass
        return False

    def rows(self) -> list[TsvRow]:
        """Return one row a judged trial, the baseline first."""
        trials = [trial for _, trial in sorted(self._trials.items())]
        return [trial.row(trial.verdict) for trial in trials if trial.verdict is not None]

    def _measure(self, trial: _Trial, event: RunFinished) -> None:
        if event.role == "dry run" or not isinstance(event.result, Completed | Crashed | TimedOut):
            return
        peak = event.result.usage.memory
        if peak is not None:
            trial.memory = max(peak, trial.memory or 0)
        if isinstance(event.result, Completed):
            value = event.result.value(self.metric)
            trial.values += [] if value is None else [value]


class ResultsTsv:
    """Listener that keeps `path` up to date; writes over nothing but its own last writing.

    Args:
        path: results.tsv in the root of the workspace.
        entries: what the journal already holds, so that a resumed session keeps its rows.
    """

    def __init__(self, path: Path, entries: Iterable[Entry] = ()) -> None:
        self._path = path
        self._marker = path.parent / MARKER
        self._tables: dict[str, SessionTable] = {}
        self._refusal = ""
        for entry in entries:
            self._table(entry).apply(entry)

    @property
    def refusal(self) -> str:
        """Why the file is not written any more, in one sentence; empty while it is."""
        return self._refusal

    def __call__(self, item: Entry | Sample) -> None:
        """Fold an entry; rewrite the file when a trial was judged or settled.

        Raises:
            LedgerError: the file is somebody else's, or cannot be written; said once.
        """
        if not isinstance(item, Entry):
            return
        table = self._table(item)
        if not table.apply(item) or self._refusal:
            return
        try:
            self._write(render(table.rows(), table.metric).encode())
        except OSError as error:
            raise self._refuse(
                f"cannot be written ({error.strerror})", "free it or the disk"
            ) from error

    def _table(self, entry: Entry) -> SessionTable:
        if isinstance(entry.event, SessionStarted):
            self._tables[entry.session] = SessionTable()
        return self._tables.setdefault(entry.session, SessionTable())

    def _write(self, data: bytes) -> None:
        """Replace the file; the marker names old and new digest, as a crash may come between."""
        new, old = sha256(data).hexdigest(), ""
        if self._path.is_symlink() or self._path.exists():
            known = self._marker.read_text().split() if self._marker.exists() else []
            mine = self._path.is_file() and not self._path.is_symlink()
            old = digest_of_file(self._path) if mine else ""
            if old not in (*known, new):
                raise self._refuse(
                    "was not written by this cockpit and is left alone", "move it away"
                )
        self._marker.parent.mkdir(mode=0o700, exist_ok=True)
        # Synced, for a power cut could leave an empty file, which would not be known as ours.
        replace_file(self._marker, f"{old}\n{new}\n".encode())
        replace_file(self._path, data, aside=self._marker.parent)

    def _refuse(self, what: str, remedy: str) -> LedgerError:
        error = LedgerError(f"{self._path} {what}", remedy)
        self._refusal = str(error)
        return error
