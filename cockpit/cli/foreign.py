"""A table from elsewhere on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from cockpit.errors import LedgerError, UsageError
from cockpit.ledgers.dialects import ForeignLedger, read_dialect
from cockpit.metric import Direction
from cockpit.report.noise import Line, Weighed, noise_text, weigh


def foreign(arguments: argparse.Namespace) -> int:
    """`cockpit ledger FILE.tsv --noise SIGMA`: mark the keeps that lie inside the noise."""
    sigma: float | None = arguments.noise
    if sigma is not None and not 0 < sigma < float("inf"):
        raise UsageError(f"--noise {sigma} is no standard deviation", "give a number above 0")
    table = _read(Path(arguments.dir), Direction.MAXIMIZE if arguments.maximize else None)
    lines = (
        Line(
            value=row.value,
            kept=row.word in ("keep", "simpler"),
            status=row.status,
            what=row.description,
            odd=row.marks,
        )
        for row in table.rows
    )
    weighed = weigh(lines, table.metric, sigma)
    if arguments.json:
        sys.stdout.write("".join(json.dumps(_facts(row)) + "\n" for row in weighed))
        return 0
    way = "less" if table.metric.direction is Direction.MINIMIZE else "more"
    sys.stdout.write(noise_text(weighed, table.metric, sigma))
    for note in (f"{way} is better: {table.direction_why}", *table.notes):
        sys.stdout.write(f"{note}\n")
    return 0


def _read(path: Path, direction: Direction | None) -> ForeignLedger:
    try:
        table = read_dialect(path.read_bytes(), direction)
    except OSError as error:
        raise LedgerError(f"{path} cannot be read ({error.strerror})", "name a table") from error
    if not table.rows:
        raise LedgerError(f"{path} has no row", "name a results.tsv")
    return table


def _facts(row: Weighed) -> dict[str, object]:
    return {
        "row": row.number,
        "value": row.line.value,
        "status": row.line.status,
        "delta": row.delta,
        "sigmas": row.sigmas,
        "inside_noise": row.inside if row.line.kept else None,
        "description": row.line.what,
        "odd": list(row.line.odd),
    }
