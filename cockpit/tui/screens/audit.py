"""The morning audit: what happened, whether it is real, what it cost."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.widget import Widget

from cockpit.engine.rows import Row
from cockpit.report.keeps import Keep
from cockpit.report.morning import report_markdown
from cockpit.tui import keymap
from cockpit.tui.keymap import BY_ACTION
from cockpit.tui.morning import Morning, gather
from cockpit.tui.panes.footer import Footer
from cockpit.tui.screens.audit_sheet import AuditSheet
from cockpit.tui.screens.deeds import Deeds
from cockpit.tui.screens.dialogs import Note
from cockpit.tui.screens.lessons import StrikePicker
from cockpit.tui.view import View

AGED, CALM = 30.0, 2.0
"""Seconds after which ages are worked out again, and between two times of that."""


class AuditScreen(Deeds):
    """The audit over the main screen; its keys act on the selected keep."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings(keymap.AUDIT)
    table: ClassVar[tuple[keymap.Key, ...]] = keymap.AUDIT
    layout_words = (
        "the answers, then staircase, keeps and tunes; 160 columns stand them side by side"
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (160, "-wide")]  # noqa: RUF012 - Textual's way

    def __init__(self, view: View, since: float) -> None:
        super().__init__()
        self.view = view
        self.left, self.since = since, since
        self.morning: Morning | None = None
        self.trouble = ""
        self.at = 0
        self._worked = 0.0
        self._working = False

    def compose(self) -> ComposeResult:
        """Make both sheets and the footer."""
        with Horizontal():
            yield AuditSheet(self.view, self, keeps=False)
            yield AuditSheet(self.view, self, keeps=True)
        yield Footer(self.view, id="footer")

    def on_mount(self) -> None:
        """Begin to work the facts out."""
        self.query_one("#audit").focus()
        self.work()

    # --- facts -----------------------------------------------------------------------------------

    def work(self) -> None:
        """Work the facts out in another thread; draw them when they are there."""
        if not self._working:
            self._working, self._worked = True, time.monotonic()
            self.run_worker(self._gather(), exit_on_error=False, group="shelf")

    async def _gather(self) -> None:
        chosen = self.keep
        try:
            self.morning = await asyncio.to_thread(gather(self.view, self.since))
        except Exception as error:  # the night must not end over its audit
            self.trouble = f"the audit could not be worked out: {error!r}"
            self.log.error(self.trouble)
            self.repaint()
            return
        finally:
            self._working = False
        numbers = [keep.trial for keep in self.morning.keeps]
        if chosen is not None and self.at and chosen.trial in numbers:
            self.at = numbers.index(chosen.trial)
        self.at = min(self.at, max(0, len(numbers) - 1))
        self.refresh_bindings()
        self.repaint()

    def look_again(self) -> None:
        """Work the facts out again when they are old; called once a second."""
        known = self.morning
        if known is None or time.monotonic() - self._worked < CALM:
            return
        if self.view.fold.seq != known.seq or self.view.clock.now() - known.at >= AGED:
            self.work()

    @property
    def keep(self) -> Keep | None:
        """The selected keep."""
        keeps = self.morning.keeps if self.morning is not None else ()
        return keeps[self.at] if self.at < len(keeps) else None

    @property
    def target(self) -> Row | None:
        """The trial that the keys act on: the selected keep's."""
        return self.view.rows.get(self.keep.trial) if self.keep is not None else None

    # --- drawing ---------------------------------------------------------------------------------

    @property
    def wide(self) -> bool:
        """Say whether the keeps have a sheet of their own."""
        return self.has_class("-wide")

    def repaint(self, *names: str) -> None:
        """Draw what changed."""
        for sheet in self.query(AuditSheet):
            sheet.repaint()
        self.query_one(Footer).repaint()

    def on_resize(self, _event: Resize) -> None:
        """Draw at the new size, once the classes are set."""
        self.call_after_refresh(self._resized)

    @property
    def keeps_sheet(self) -> AuditSheet:
        """The sheet that shows the keeps."""
        return self.query_one("#audit-keeps" if self.wide else "#audit", AuditSheet)

    def _resized(self) -> None:
        self.keeps_sheet.focus()
        self.repaint()

    # --- keys ------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide keys that would do nothing."""
        key = BY_ACTION.get(action)
        if key is not None and key.changes and not super().check_action(action, parameters):
            return False
        match action:
            case "approve":
                return self.target is not None and self.target.provisional
            case "give_up":
                return self.target is not None and self.target.kept
            case "strike":
                return self.morning is not None and bool(self.morning.lessons)
            case "whole":
                return bool(self.left)
            case "open":
                return self.target is not None
        return super().check_action(action, parameters)

    def action_keep(self, step: int) -> None:
        """Go to the next keep, or first of all to the selected one where it is out of sight."""
        if self.morning is None or not self.morning.keeps:
            return
        sheet = self.keeps_sheet
        if self.wide or sheet.selected_in_sight or sheet.scroll_offset.y:
            self.at = min(max(0, self.at + step), len(self.morning.keeps) - 1)
        sheet.show_selected()
        self.refresh_bindings()
        self.repaint()

    def on_audit_sheet_clicked(self, event: AuditSheet.Clicked) -> None:
        """Open the keep that was clicked."""
        self.at = event.at
        self.refresh_bindings()
        self.repaint()
        if not self.keeps_sheet.selected_in_sight:  # the one opened before made room
            self.keeps_sheet.show_selected()

    def action_whole(self) -> None:
        """Show the whole session, or what came since the human left."""
        self.since = 0.0 if self.since else self.left
        self.work()

    def action_back(self) -> None:
        """Go back to the main screen; of a burst of keys the first one does."""
        if self.app.screen is self:
            self.dismiss()

    def action_approve(self) -> None:
        """Let the selected provisional keep stand."""
        row = self.target
        if row is not None:
            number = row.number
            self._press(lambda c: c.approve_keep(number), f"approving #{number}")

    def action_give_up(self) -> None:
        """Refuse the selected keep, with a reason."""
        row = self.target
        if row is None:
            return
        number, best = row.number, row.number == self.view.board.incumbent
        what = "what it replaced is the best again" if best else "what was kept later stays"

        def refused(reason: str | None) -> None:
            if reason is not None:
                self._press(lambda c: c.refuse_keep(number, reason), f"refusing #{number}")

        question = f"Refuse keep #{number}: why? Then {what}"
        self.app.push_screen(Note(question, "the agents read it", required=False), refused)

    def action_strike(self) -> None:
        """Choose a lesson and strike it."""
        if self.morning is None:
            return

        def chosen(lesson: tuple[int, str] | None) -> None:
            if lesson is not None:
                trial, text = lesson
                self._press(lambda c: c.strike(trial, text), f"striking the lesson of #{trial}")

        keep = self.keep
        picker = StrikePicker(self.morning.lessons, None if keep is None else keep.trial)
        self.app.push_screen(picker, chosen)

    def copied(self, pane: Widget | None) -> tuple[str, str]:
        """Return the report of what is shown."""
        return "the report", report_markdown(self.morning.audit) if self.morning else ""
