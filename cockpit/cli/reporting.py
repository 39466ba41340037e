"""`cockpit report`: the morning report of any ledger."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from cockpit.cli.nights import direction_of, night
from cockpit.cli.reading import span
from cockpit.engine.fold import Fold
from cockpit.errors import UsageError
from cockpit.files import replace_file
from cockpit.lock import holder
from cockpit.report.audit import audit_of
from cockpit.report.chart import staircase
from cockpit.report.html import report_html
from cockpit.report.morning import report_markdown, report_text
from cockpit.report.timeline import Timeline
from cockpit.setup import find_workspace


def report(arguments: argparse.Namespace) -> int:
    """`cockpit report [DIR|FILE]`."""
    entries = night(
        Path(arguments.place),
        session=arguments.session or "",
        direction=direction_of(arguments),
    )
    fold = Fold(entries)
    board = fold.board
    now = time.time()
    since = now - span(arguments.since) if arguments.since else 0.0
    track = Timeline(entries).of(board.session_tag)
    audit = audit_of(
        board,
        track,
        now=now,
        since=since,
        alive=_alive(Path(arguments.place)),
        verified=fold.verifications.words,
    )
    if arguments.html:
        page = report_html(audit, staircase(board))
        path = Path(arguments.html)
        try:
            replace_file(path, page.encode("utf-8", "replace"))
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written ({error.strerror})", "name another file"
            ) from error
        sys.stdout.write(f"wrote {path}\n")
    elif arguments.json:
        sys.stdout.write(json.dumps(asdict(audit), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write((report_markdown if arguments.markdown else report_text)(audit))
    return 0


def _alive(place: Path) -> bool:
    """Say whether a cockpit is at work there; at a table or a bare journal there is none."""
    root = find_workspace(place) if place.is_dir() else None
    return root is not None and holder(root) is not None
