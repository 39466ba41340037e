"""The main screen: five panes, header, footer; which of them show depends on the size."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, Resize
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from cockpit.tui import keymap, layout
from cockpit.tui.layout import PANES, layout_words
from cockpit.tui.painted import Painted
from cockpit.tui.panes.detail import DetailPane
from cockpit.tui.panes.diff import DiffPane
from cockpit.tui.panes.footer import Footer
from cockpit.tui.panes.gpu import GpuPane
from cockpit.tui.panes.guide import guiding
from cockpit.tui.panes.header import Header
from cockpit.tui.panes.ledger import LedgerPane
from cockpit.tui.panes.plan import PlanPane
from cockpit.tui.panes.run import RunPane
from cockpit.tui.panes.trend import TrendPane
from cockpit.tui.screens.deeds import Deeds
from cockpit.tui.view import View

NAMES = {"plan": "1 plan", "diff": "2 diff", "gpu": "3 gpu", "run": "4 run"}
SIDE = {"plan": "left", "gpu": "left", "run": "centre", "diff": "centre"}


class MainScreen(Deeds, Screen[None]):
    """Everything at once, or as much of it as fits."""

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings()
    table: ClassVar[tuple[keymap.Key, ...]] = keymap.KEYS
    AUTO_FOCUS = "#ledger"
    ALLOW_IN_MAXIMIZED_VIEW = "Header, Footer"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - declared so by Textual
        (0, "-thin"),
        (layout.NARROW, "-narrow"),
        (layout.NORMAL, "-normal"),
        (layout.WIDE, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (layout.SHORT, "-short"),
        (layout.UPRIGHT, "-upright"),
        (layout.TALL, "-tall"),
    ]

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view
        self._reviewing = False

    def compose(self) -> ComposeResult:
        """Make header, panes and footer."""
        view = self.view
        yield Header(view, id="header")
        with Vertical(id="body"):
            with Horizontal(id="top"):
                with Vertical(id="left"):
                    yield PlanPane(view, id="plan")
                    yield GpuPane(view, id="gpu")
                with Vertical(id="centre"):
                    yield RunPane(view, id="run")
                    yield DiffPane(view, id="diff")
                with Vertical(id="right"):
                    yield TrendPane(view, id="trend")
                    yield DetailPane(view, id="detail")
            with Vertical(id="bottom"):
                yield LedgerPane(view, id="ledger")
                yield Input(placeholder="filter", id="filter", compact=True)
        yield Footer(view, id="footer")

    def on_mount(self) -> None:
        """Show the run beside the ledger until another pane is asked for."""
        self.add_class("left-plan", "centre-run", "side-centre")

    # --- drawing ---------------------------------------------------------------------------------

    def repaint(self, *names: str) -> None:
        """Draw what changed in the named panes, or in all of them."""
        self.set_class(guiding(self.view), "-first")
        for pane in self.query("Painted, PlanPane"):
            if isinstance(pane, Painted | PlanPane) and (not names or pane.id in names):
                pane.repaint()

    def on_resize(self, _event: Resize) -> None:
        """Let the panes that appear draw themselves."""
        self.call_after_refresh(self._settled)

    def _settled(self) -> None:
        if self.focused is None:  # a size too small for panes took it away
            self.query_one(LedgerPane).focus()
        self._name_hidden()
        self.repaint()

    @property
    def layout_words(self) -> str:
        """What the layout of now shows, and what a larger window adds."""
        panes = [self.query_one(f"#{name}") for name in PANES]
        shown = tuple(pane.id or "" for pane in panes if pane.region.area)
        zoomed = self.maximized.id or "" if self.maximized else ""
        return layout_words(self.size, shown, zoomed)

    def notice_review(self) -> None:
        """Bring the diff to the front when it must be judged, and the run when it trains."""
        review = self.view.review is not None
        if review != self._reviewing:
            self._reviewing = review
            self.show_pane("diff" if review else "run")
            self.call_after_refresh(self.repaint)

    # --- the panes -------------------------------------------------------------------------------

    def action_pane(self, name: str) -> None:
        """Show a pane and give it the focus."""
        if self.maximized is not None:
            self.minimize()
        self.show_pane(name)
        target = self.query_one("#plan-text" if name == "plan" else f"#{name}", Widget)
        target.focus()
        self.call_after_refresh(self.repaint)

    def show_pane(self, name: str) -> None:
        """Bring a pane to the front of its side, where sides show one pane only."""
        side = SIDE.get(name)
        if side is None:
            return
        for other, where in SIDE.items():
            self.set_class(other == name, f"{side}-{other}") if where == side else None
        self.set_class(side == "left", "side-left")
        self.set_class(side == "centre", "side-centre")
        self._name_hidden()

    def _name_hidden(self) -> None:
        """Tell the view which panes hide behind which, for their titles."""
        one, pairs = self.has_class("-narrow"), self.has_class("-short")
        self.view.behind = {
            pane: "  ".join(
                NAMES[other]
                for other in NAMES
                if other != pane and (one or (pairs and SIDE[other] == side))
            )
            for pane, side in SIDE.items()
        }

    def on_descendant_focus(self, _event: DescendantFocus) -> None:
        """Refresh the footer: other keys may be active now."""
        self.call_after_refresh(self.query_one(Footer).repaint)

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        else:
            pane = self.focused
            if pane is not None and pane.id == "plan-text":
                pane = self.query_one(PlanPane)
            if pane is not None:
                self.maximize(pane, container=False)
        self.call_after_refresh(self.repaint)

    # --- the ledger ------------------------------------------------------------------------------

    def action_follow(self) -> None:
        """Let the cursor follow the trial in hand; first of all close the filter."""
        line = self.query_one("#filter", Input)
        if line.display:
            line.value = ""
            self.close_filter()
        self.query_one(LedgerPane).select(None)

    def action_sort(self) -> None:
        """Order the ledger by the next criterion."""
        self.query_one(LedgerPane).next_sort()

    def action_filter(self) -> None:
        """Open the filter line."""
        line = self.query_one("#filter", Input)
        line.display = True
        line.focus()
        self.query_one(LedgerPane).begin_filter()

    def close_filter(self) -> None:
        """Hide the filter line; what it filters stays."""
        self.query_one("#filter", Input).display = False
        self.query_one(LedgerPane).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while typing."""
        self.query_one(LedgerPane).set_filter(event.value)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Keep the filter, go back to the table."""
        self.close_filter()

    def on_ledger_pane_moved(self, _event: LedgerPane.Moved) -> None:
        """Let diff and detail show the trial under the cursor."""
        self.repaint("diff", "detail", "footer")
