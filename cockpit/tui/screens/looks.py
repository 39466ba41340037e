"""What the keys do that only look: pages, comparisons, themes, and what goes to the clipboard."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from textual.screen import Screen
from textual.widget import Widget

from cockpit.engine.rows import Row
from cockpit.files import replace_file
from cockpit.tui import ink
from cockpit.tui.attended import Attended
from cockpit.tui.keymap import typed
from cockpit.tui.morning import gather, write_report
from cockpit.tui.painted import Painted
from cockpit.tui.panes.diff import SIDES, DiffPane
from cockpit.tui.screens.pages import help_page, trial_page
from cockpit.tui.screens.picker import pick_theme
from cockpit.tui.themed import Themed
from cockpit.tui.view import View

COPIED = "copied.txt"
"""The file under .cockpit/ that holds what was copied last."""
CLIPBOARD = 60_000
"""Characters that terminals take through OSC 52 at once; longer texts are in the file alone."""


class Looks(Screen[None]):
    """The actions of the main screen that change nothing but the screen."""

    view: View

    @property
    def target(self) -> Row | None:
        """The trial that the keys act on."""
        return self.view.shown

    @abstractmethod
    def repaint(self, *names: str) -> None:
        """Draw what changed in the named panes, or in all of them; each screen has its own."""

    # --- pages -----------------------------------------------------------------------------------

    def action_open(self) -> None:
        """Show everything about the selected trial."""
        row = self.target
        if row is not None:
            self.app.push_screen(trial_page(self.view, row.number))

    def action_audit(self) -> None:
        """Open the morning audit, of what came since the human was last here."""
        from cockpit.tui.screens.audit import AuditScreen  # it is a screen of deeds itself

        assert isinstance(self.app, Attended)
        self.app.push_screen(AuditScreen(self.view, self.app.since))

    async def action_write(self) -> None:
        """Write the report beside the ledger, as Markdown and as HTML."""
        work, folder = gather(self.view, 0.0), self.view.reports
        try:
            paths = await asyncio.to_thread(lambda: write_report(work(), folder))
        except OSError as error:
            self.notify(
                f"no report in {folder}: {error.strerror or error}", severity="error", markup=False
            )
            return
        names = " and ".join(str(path.name) for path in paths)
        self.notify(f"wrote {names} in {folder}", timeout=8, markup=False)

    def action_help(self) -> None:
        """Show the keys that are active now; in a line that is typed into, letters are not."""
        layout: str = getattr(self, "layout_words", "")
        line = self.focused
        active = [
            each
            for key, each in self.active_bindings.items()
            if line is None or not line.check_consume_key(key, typed(key))
        ]
        self.app.push_screen(help_page(self.view, active, layout))

    def action_theme(self) -> None:
        """Choose a theme."""
        assert isinstance(self.app, Themed)
        pick_theme(self.app)

    # --- the diff --------------------------------------------------------------------------------

    def action_hunk(self, step: int) -> None:
        """Step through the hunks of the diff."""
        self.query_one(DiffPane).hunk(step)

    def action_split(self) -> None:
        """Show the diff side by side, or in one column again."""
        pane = self.query_one(DiffPane)
        width = pane.scrollable_content_region.width
        if width < SIDES:
            self.notify(
                f"side by side needs {SIDES} columns, the pane has {width}: z gives it all of them",
                timeout=4,
                markup=False,
            )
            return
        self.view.split = not pane.split
        self.repaint("diff")

    def action_compare(self) -> None:
        """Hold every selected trial's file against the one selected now, or end that."""
        view, row = self.view, self.view.shown
        if view.base is not None and (row is None or row.number == view.base):
            view.base = None
            self.notify("diffs are against the best again", timeout=3)
        elif row is not None and row.archived:
            view.base = row.number
            self.notify(
                f"select any trial to compare it with #{ink.number(row.number)}; b on it ends that",
                timeout=5,
                markup=False,
            )
        else:
            self.notify("this trial has no file to compare with", timeout=3)
        self.repaint("diff", "ledger")

    # --- copying ---------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Send what the focused pane shows to the terminal's clipboard and to a file."""
        what, text = self.copied(self.focused)
        if not text.strip():
            self.notify(f"there is nothing to copy in {what}", timeout=3, markup=False)
            return
        path = self.view.root / ".cockpit" / COPIED
        where = ""
        if not self.view.read_only:
            try:
                replace_file(path, text.encode("utf-8", "replace"), mode=0o600)
                where = f"written to .cockpit/{COPIED}"
            except OSError as error:
                where = f"not written to a file: {error.strerror}"
        if len(text) <= CLIPBOARD:
            self.app.copy_to_clipboard(text)
            where = f"sent to the terminal's clipboard{', ' if where else ''}{where}"
        self.notify(f"{what}: {where or 'too long for a clipboard'}", timeout=5, markup=False)

    def copied(self, pane: Widget | None) -> tuple[str, str]:
        """Return what a pane shows, in words and as plain text; of the ledger, the whole trial."""
        view, row = self.view, self.view.shown
        match pane.id if pane is not None else None:
            case "plan" | "plan-text":
                return "program.md", view.program
            case "diff":
                return "the diff", self.query_one(DiffPane).plain
            case "run":
                return "the log", "\n".join(view.live.lines)
            case "gpu" if isinstance(pane, Painted):
                return "the meters", pane.plain
            case _ if row is not None:
                page = trial_page(view, row.number)
                return f"#{ink.number(row.number)}", page.plain(100)
            case _:
                return "the ledger", ""
