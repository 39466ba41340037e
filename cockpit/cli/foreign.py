"""A table from elsewhere on the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from cockpit.errors import UsageError
from cockpit.ledgers.results import read_results
from cockpit.metric import Direction, Metric
from cockpit.report.noise import Line, noise_text, weigh


def foreign(arguments: argparse.Namespace) -> int:
    """`cockpit ledger FILE.tsv --noise SIGMA`: mark the keeps that lie inside the noise."""
    sigma: float | None = arguments.noise
    if sigma is not None and not 0 < sigma < float("inf"):
        raise UsageError(f"--noise {sigma} is no standard deviation", "give a number above 0")
    table = read_results(Path(arguments.dir))
    direction = Direction.MAXIMIZE if arguments.maximize else Direction.MINIMIZE
    metric = Metric(name=table.metric, direction=direction, decimals=6)
    lines = (Line(value=r.value, status=r.status, what=r.description) for r in table.rows)
    weighed = weigh(lines, metric, sigma)
    if arguments.json:
        for row in weighed:
            facts = {
                "row": row.number,
                "value": row.line.value,
                "status": row.line.status,
                "delta": row.delta,
                "sigmas": row.sigmas,
                "inside_noise": row.inside if row.line.status == "keep" else None,
                "description": row.line.what,
            }
            sys.stdout.write(json.dumps(facts) + "\n")
    else:
        sys.stdout.write(noise_text(weighed, metric, sigma))
    return 0
