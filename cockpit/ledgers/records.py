"""From the bytes of a table to its records: encodings, quotes, and lines broken inside a field.

A table written by hand or by a model is ragged. Every line ends up in a record or in the notes;
none is dropped.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from cockpit.ledgers.columns import COMMIT, UPSTREAM, is_status, normal, number, roles_of

QUOTED_LINES = 40
"""A quoted field that is not closed within so many lines was never meant as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Fields of one row under the header of its part; `line` is its first, from 1."""

    line: int
    header: tuple[str, ...]
    fields: tuple[str, ...]
    marks: tuple[str, ...] = ()


def decode(data: bytes) -> tuple[str, str]:
    """Return the text, line ends as newlines, and a note on what was odd about its encoding."""
    encoding, note = "utf-8-sig", ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif data[:400].count(0) * 4 > len(data[:400]):
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    text = data.decode(encoding, "replace")
    if encoding != "utf-8-sig":
        note = "the file is UTF-16"
    elif "�" in text and b"\xef\xbf\xbd" not in data:
        note = "some bytes are not UTF-8 and show as �"
    text = text.replace("\0", "").replace("\r\n", "\n")
    return text.replace("\r", " " if "\n" in text else "\n"), note


def read_records(text: str) -> tuple[list[Record], list[str]]:
    """Return the records in order, and what is to be said about the file.

    What no terminal can show (escape sequences, half of a surrogate pair) is shown as �.
    """
    records, notes = _records(text)
    return [
        replace(
            record,
            header=tuple(_shown(name) for name in record.header),
            fields=tuple(_shown(field) for field in record.fields),
        )
        for record in records
    ], notes


def _shown(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _stand_in(c) for c in text)


def _stand_in(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) == "Cf" else "�"  # marks of direction, joiners


def _records(text: str) -> tuple[list[Record], list[str]]:
    if text.lstrip()[:1] == "{":
        return _json_records(text)
    lines = text.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return [], ["the file is empty"]
    split = _splitter(lines[first])
    header, start, notes = tuple(split(lines[first])), first + 1, []
    if not _is_header(header):
        header, start = UPSTREAM, first
        notes.append("there is no header: upstream's five columns are assumed")
    records: list[Record] = []
    for number_, fields in _rows(lines, start, split):
        if _is_header(fields):
            same = [normal(f) for f in fields] == [normal(h) for h in header]
            notes.append(f"line {number_} {'repeats the' if same else 'is a new'} header")
            header = tuple(fields)
        elif records and not _is_row(fields, header):
            records[-1] = _continued(records[-1], fields)
        else:
            records.append(Record(line=number_, header=header, fields=tuple(fields)))
    return records, notes


def _splitter(header: str) -> Callable[[str], list[str]]:
    """Return how lines are cut: at what the first one has between its fields."""
    if "\t" not in header and "," not in header and re.search(r"\S {2,}\S", header):
        return lambda line: re.split(r" {2,}", line.strip())
    mark = "\t" if "\t" in header or "," not in header else ","

    def split(line: str) -> list[str]:
        if f'{mark}"' in f"{mark}{line}" and line.count('"') % 2 == 0:
            rows = list(csv.reader(io.StringIO(line, newline=""), delimiter=mark))
            if len(rows) == 1:
                return rows[0]
        return line.split(mark)

    return split


def _rows(
    lines: Sequence[str], start: int, split: Callable[[str], list[str]]
) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers, from 1, and fields; a quoted field may go over several lines."""
    at = start
    while at < len(lines):
        line, used = lines[at], 1
        if re.search(r'(^|[\t,])"', line) and line.count('"') % 2:
            for more in range(2, min(QUOTED_LINES, len(lines) - at) + 1):
                joined = "\n".join(lines[at : at + more])
                if joined.count('"') % 2 == 0:
                    line, used = joined, more
                    break
        if line.strip():
            yield at + 1, split(line)
        at += used


def _is_header(fields: Sequence[str]) -> bool:
    if len(fields) < 2 or any(f[:1].isdigit() and number(f)[0] is not None for f in fields):
        return False
    known = roles_of(fields)
    named = "status" in known or len(known) >= 2
    return named and not any(is_status(field) for field in fields)


def _is_row(fields: Sequence[str], header: Sequence[str]) -> bool:
    """Say whether these fields begin a row; otherwise they go on with the one before."""
    if len(fields) == 1:
        return COMMIT.fullmatch(fields[0].strip()) is not None
    if fields[0].strip() == "" and not any(is_status(f) for f in fields):
        return len(fields) == len(header)
    return (
        len(fields) == len(header)
        or COMMIT.fullmatch(fields[0].strip()) is not None
        or any(is_status(field) for field in fields[:-1] if field.strip())
        or number(fields[1])[0] is not None
    )


def _continued(record: Record, fields: Sequence[str]) -> Record:
    joined = (*record.fields[:-1], f"{record.fields[-1]}\n{fields[0]}", *fields[1:])
    mark = "a field goes over several lines"
    marks = record.marks if mark in record.marks else (*record.marks, mark)
    return Record(line=record.line, header=record.header, fields=joined, marks=marks)


def _json_records(text: str) -> tuple[list[Record], list[str]]:
    """Read one JSON object a line; the header is every key, in order of appearance."""
    found: list[tuple[int, dict[str, str] | str]] = []
    keys: dict[str, None] = {}
    for at, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except ValueError:
            found.append((at, line))
            continue
        cells = data if isinstance(data, dict) else {"description": data}
        written = {str(k): _written(v) for k, v in cells.items()}
        keys |= dict.fromkeys(written)
        found.append((at, written))
    keys |= dict.fromkeys(["description"])
    header = tuple(keys)
    return [_json_record(at, cells, header) for at, cells in found], ["one JSON object a line"]


def _json_record(line: int, cells: dict[str, str] | str, header: tuple[str, ...]) -> Record:
    if isinstance(cells, str):
        fields = tuple(cells if name == "description" else "" for name in header)
        return Record(line=line, header=header, fields=fields, marks=("this line is not JSON",))
    return Record(line=line, header=header, fields=tuple(cells.get(name, "") for name in header))


def _written(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
