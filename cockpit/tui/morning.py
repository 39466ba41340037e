"""What the morning audit shows, worked out off the screen's thread from a still of the folds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cockpit import events as ev
from cockpit.files import replace_file
from cockpit.report.audit import Audit, audit_of
from cockpit.report.chart import Staircase, staircase
from cockpit.report.html import report_html
from cockpit.report.keeps import Keep, keeps_of
from cockpit.report.morning import report_markdown
from cockpit.tui.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """The audit since a moment, and of the whole session its staircase, keeps and lessons.

    `since` is Unix time, 0 for the whole session; `keeps` and `lessons` stand newest first, without
    the struck ones; `at` and `seq` say what it was worked out from.
    """

    audit: Audit
    stairs: Staircase
    keeps: tuple[Keep, ...]
    lessons: tuple[ev.LessonLearned, ...]
    since: float
    at: float
    seq: int

    def new(self, keep: Keep) -> bool:
        """Say whether a keep came after the last look."""
        return bool(self.since) and keep.at >= self.since


def gather(view: View, since: float) -> Callable[[], Morning]:
    """Return what works the facts out, in any thread: nothing it reads changes under it."""
    board, track = view.board, view.timeline.of(view.board.session_tag)
    still = replace(
        board, rows=dict(board.rows), lessons=list(board.lessons), struck=list(board.struck)
    )
    kept_track = replace(track, breaks=list(track.breaks))
    words, now, seq = view.fold.verifications.words, view.clock.now(), view.fold.seq

    def work() -> Morning:
        struck = {(strike.trial, strike.text) for strike in still.struck}
        return Morning(
            audit=audit_of(
                still, kept_track, now=now, since=since, alive=view.alive(), verified=words
            ),
            stairs=staircase(still),
            keeps=keeps_of(still, 0.0, words),
            lessons=tuple(x for x in reversed(still.lessons) if (x.trial, x.text) not in struck),
            since=since,
            at=now,
            seq=seq,
        )

    return work


def write_report(morning: Morning, folder: Path) -> tuple[Path, Path]:
    """Write the report as Markdown and as HTML; return both paths.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y-%m-%d-%H%M", time.localtime(morning.at))
    name = f"{morning.audit.session.replace('/', '-') or 'report'}-{stamp}"
    markdown, page = folder / f"{name}.md", folder / f"{name}.html"
    replace_file(markdown, report_markdown(morning.audit).encode("utf-8", "replace"))
    html = report_html(morning.audit, morning.stairs)
    replace_file(page, html.encode("utf-8", "replace"))
    return markdown, page
