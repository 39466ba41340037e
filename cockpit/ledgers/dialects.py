"""Any results.tsv from elsewhere: five to thirteen columns, ragged, in the words of its author.

No row is lost: one that does not fit its header is realigned or kept as it is, and marked. Nothing
is believed beyond what is written: a crash has no value, a status that is no verdict stays none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from cockpit.ledgers import columns
from cockpit.ledgers.columns import Role, metric_column, normal, number, roles_of
from cockpit.ledgers.records import Record, decode, read_records
from cockpit.metric import Direction, Metric
from cockpit.trial import VerdictWord

GIB = 1024**3
MIB = 1024**2
SAMPLE = 50
"""Rows that tell which column holds decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRow:
    """One row as its author left it.

    `line` is its first in the file, from 1; `status` is as written and `word` the verdict it
    means, None when it means none (pending, done, blank). `memory` is in bytes, `at` Unix time,
    `seconds` what training took. `extra` holds the other columns, `marks` what is odd, in words.
    A value that is missing, or stands for a crash, is None, never 0.0.
    """

    line: int
    commit: str = ""
    value: float | None = None
    memory: int | None = None
    status: str = ""
    word: VerdictWord | None = None
    description: str = ""
    at: float | None = None
    seconds: float | None = None
    extra: tuple[tuple[str, str], ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignLedger:
    """A table from elsewhere: rows in order, the metric, why it is taken to improve that way.

    `notes` are sentences about the file as a whole.
    """

    metric: Metric
    direction_why: str
    rows: tuple[ForeignRow, ...]
    notes: tuple[str, ...] = ()

    @property
    def marked(self) -> tuple[ForeignRow, ...]:
        """The rows with something odd about them."""
        return tuple(row for row in self.rows if row.marks)


def read_dialect(data: bytes, direction: Direction | None = None) -> ForeignLedger:
    """Read a table in any dialect; `direction` overrides what would be inferred."""
    text, odd = decode(data)
    records, notes = read_records(text)
    metric_name = ""
    read: list[tuple[ForeignRow, str]] = []
    objectives = _objectives(records)
    for record in records:
        roles, at, name = objectives[record.header]
        metric_name = metric_name or name
        read.append((_row(record, roles, at), name))
    rows = [row for row, _ in read]
    name = metric_name or "value"
    if len({n for _, n in read if n}) > 1:
        notes.append("the parts of the file have different metrics; the first names the session")
    why = "as asked"
    if direction is None:
        direction, why = infer_direction(name, rows)
    metric = Metric(name=name, direction=direction, decimals=_decimals(rows))
    return ForeignLedger(
        metric=metric,
        direction_why=why,
        rows=tuple(_zero_is_missing(row, direction) for row in rows),
        notes=tuple(filter(None, (odd, *notes))),
    )


def infer_direction(name: str, rows: Sequence[ForeignRow]) -> tuple[Direction, str]:
    """Return which way the metric improves, and why that is believed, in words."""
    named = columns.direction_of_name(name)
    kept = [row.value for row in rows if row.word == "keep" and row.value]
    down = sum(b < a for a, b in pairwise(kept))
    up = sum(b > a for a, b in pairwise(kept))
    if named is not None:
        return Direction(named), f"by the name {name}"
    if down != up:
        way = Direction.MINIMIZE if down > up else Direction.MAXIMIZE
        word = "smaller" if down > up else "larger"
        return way, f"{max(down, up)} of {down + up} keeps are {word} than the keep before"
    return Direction.MINIMIZE, f"nothing says which way {name} improves: less is taken for better"


_Header = tuple[dict[Role, int], int | None, str]
"""Columns by role, the column of the objective, its name."""


# --- one row -----------------------------------------------------------------------------------


def _objectives(records: Sequence[Record]) -> dict[tuple[str, ...], _Header]:
    """Return what each header means; a few of its rows tell which column holds decimals."""
    rows: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for record in records:
        seen = rows.setdefault(record.header, [])
        if len(seen) < SAMPLE:
            seen.append(record.fields)
    found = {}
    for header, some in rows.items():
        roles = roles_of(header)
        at = metric_column(header, roles, some)
        found[header] = (roles, at, "" if at is None else normal(header[at]))
    return found


def _row(record: Record, roles: dict[Role, int], metric: int | None) -> ForeignRow:
    fields, marks = _aligned(record, roles, metric)
    cell = {role: fields[at].strip() for role, at in roles.items()}
    value, beside = (None, "") if metric is None else number(fields[metric])
    status = cell.get("status", "")
    word = columns.WORDS.get(normal(status))
    if beside:
        marks.append(f"beside the value stands {beside!r}")
    if word == "crash" and value:
        marks.append(f"a crash with the value {value:g}, which is not believed")
    if word is None:
        marks.append(f"the status {status!r} is no verdict" if status else "no status")
    known = {*roles.values(), metric}
    named = [*record.header, *(f"field {i + 1}" for i in range(len(record.header), len(fields)))]
    return ForeignRow(
        line=record.line,
        commit=cell.get("commit", ""),
        value=None if word == "crash" else value,
        memory=_memory(record.header, roles, fields),
        status=status,
        word=word,
        description=cell.get("description", ""),
        at=_time(cell.get("time", "")),
        seconds=number(cell.get("seconds", ""))[0],
        extra=tuple(
            (named[i], text.strip())
            for i, text in enumerate(fields)
            if i not in known and text.strip()
        ),
        marks=(*record.marks, *marks),
    )


def _aligned(
    record: Record, roles: dict[Role, int], metric: int | None
) -> tuple[list[str], list[str]]:
    """Return as many fields as the header has, or more, and what was odd about them."""
    fields, wanted = list(record.fields), len(record.header)
    short = wanted - len(fields)
    if short == 0:
        return fields, []
    if short < 0:
        marks = [f"{-short} field{'s' * (short < -1)} more than the header"]
        if roles.get("description") == wanted - 1:
            fields[wanted - 1 :] = ["\t".join(fields[wanted - 1 :])]
        return fields, marks
    marks = [f"{short} field{'s' * (short > 1)} fewer than the header"]
    status = roles.get("status")
    found = [i for i, field in enumerate(fields) if columns.is_status(field)]
    if status is not None and found and 0 < (gap := status - found[0]) <= short:
        at = _gap_at(fields[: found[0]], gap, metric)
        fields[at:at] = [""] * gap
        marks.append("realigned by its status")
    return fields + [""] * (wanted - len(fields)), marks


def _gap_at(before: list[str], gap: int, metric: int | None) -> int:
    """Return where, before the status, fields are missing: where the value then fits."""
    if before and "." in before[0] and number(before[0])[0] is not None:
        return 0  # no commit is a decimal number
    for at in range(len(before), -1, -1):
        padded = [*before[:at], *[""] * gap, *before[at:]]
        if metric is not None and metric < len(padded) and "." in padded[metric]:
            return at
    return len(before)


def _memory(header: Sequence[str], roles: dict[Role, int], fields: Sequence[str]) -> int | None:
    at = roles.get("memory")
    amount = None if at is None else number(fields[at])[0]
    if at is None or not amount:
        return None
    return int(amount * (MIB if normal(header[at]).endswith("_mb") else GIB))


def _time(cell: str) -> float | None:
    """Return Unix time of a cell; a time without a zone is taken for UTC."""
    amount, beside = number(cell)
    if amount is not None and not beside and amount > 1e9:
        return amount / 1000 if amount > 1e11 else amount
    try:
        found = datetime.fromisoformat(cell.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _zero_is_missing(row: ForeignRow, direction: Direction) -> ForeignRow:
    if row.value != 0 or direction is Direction.MAXIMIZE:
        return row
    marks = (*row.marks, "the value 0 is taken for a missing one")
    return replace(row, value=None, marks=marks)


def _decimals(rows: Sequence[ForeignRow]) -> int:
    """Return how many decimals the values are written with, four to six."""
    shown = [re.sub(r"0+$", "", f"{row.value:.6f}") for row in rows if row.value is not None]
    return min(6, max([4, *(len(text.partition(".")[2]) for text in shown)]))
