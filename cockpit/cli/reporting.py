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
from cockpit.report.audit import audit_of
from cockpit.report.chart import staircase
from cockpit.report.html import report_html
from cockpit.report.morning import report_markdown, report_text
from cockpit.report.timeline import Timeline


def report(arguments: argparse.Namespace) -> int:
    """`cockpit report [DIR|FILE]`."""
    entries = night(
        Path(arguments.place),
        session=arguments.session or "",
        direction=direction_of(arguments),
    )
    board = Fold(entries).board
    now = time.time()
    since = now - span(arguments.since) if arguments.since else 0.0
    audit = audit_of(board, Timeline(entries).of(board.session_tag), now=now, since=since)
    if arguments.html:
        page = report_html(audit, staircase(board))
        path = Path(arguments.html)
        try:
            replace_file(path, page.encode())
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
