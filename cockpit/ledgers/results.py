"""Read a results.tsv in upstream's columns, strictly: a line that does not fit is an error."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cockpit.errors import LedgerError

NEEDED = ("status", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One line: `value` is None for a crash, whose 0.0 is no measurement."""

    commit: str
    value: float | None
    status: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A table from elsewhere: the name of its metric, and its rows in order."""

    metric: str
    rows: tuple[ResultRow, ...]


def read_results(path: Path) -> Results:
    """Read the table at `path`: a header, then `commit`, the metric, and so on by name.

    Raises:
        LedgerError: it cannot be read, or a line is not what the header says.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(f"{path} cannot be read ({error})", "name a results.tsv") from error
    header = lines[0].split("\t") if lines else []
    if len(header) < 3 or header[0] != "commit" or any(name not in header for name in NEEDED):
        raise LedgerError(
            f"{path} does not begin with commit, a metric, status and description",
            "name a results.tsv with that header",
        )
    rows = [
        _row(line, header, f"{path}:{number}")
        for number, line in enumerate(lines[1:], start=2)
        if line.strip()
    ]
    return Results(metric=header[1], rows=tuple(rows))


def _row(line: str, header: list[str], place: str) -> ResultRow:
    fields = line.split("\t")
    if len(fields) != len(header):
        raise LedgerError(f"{place} has {len(fields)} fields, not {len(header)}", "mend the line")
    named = dict(zip(header, fields, strict=True))
    written, status = fields[1].strip(), named["status"].strip()
    try:
        value = None if status == "crash" or not written else float(written)
    except ValueError as error:
        raise LedgerError(f"{place} has the value {written!r}", "write a number") from error
    return ResultRow(commit=fields[0], value=value, status=status, description=named["description"])
