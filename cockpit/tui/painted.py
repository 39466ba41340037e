"""The base of every pane: lines drawn by hand, repainted cell by cell.

Textual repaints whole regions; over SSH that is most of the traffic. A pane here compares what
it would draw with what stands on the screen and reports only the cells that differ.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Resize
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

from cockpit.tui.ink import to_ascii
from cockpit.tui.keymap import move

if TYPE_CHECKING:
    from cockpit.tui.view import View


def name_border(pane: Widget, view: View, title: str, subtitle: str = "") -> None:
    """Write on a pane's border; in plain ASCII an arrow says where the focus is."""
    if view.ascii_only:
        focused = pane.has_focus or pane.has_focus_within
        title = f"{'> ' if focused else ''}{to_ascii(Content(title)).plain}"
        subtitle = to_ascii(Content(subtitle)).plain
    above, below = Content(title), Content(subtitle)
    if pane.border_title != above.markup:  # Textual repaints the whole pane for a new title
        pane.border_title = above
    if pane.border_subtitle != below.markup:
        pane.border_subtitle = below


class Painted(ScrollView, can_focus=True, inherit_bindings=False):
    """A pane over the `View`; subclasses give `prepare` and `line`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        move("line-up", "scroll_up", "line up"),
        move("line-down", "scroll_down", "line down"),
        move("page-up", "page_up", "page up"),
        move("page-down", "page_down", "page down"),
        move("top", "scroll_home", "to the top"),
        move("end", "scroll_end", "to the end"),
    ]

    def __init__(self, view: View, *, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id)
        self.view = view
        self._drawn: dict[int, Strip] = {}
        self._colours: tuple[str, Style] | None = None
        self.failure = ""

    # --- to be given ---------------------------------------------------------------------------

    @abstractmethod
    def prepare(self, width: int, height: int) -> int:
        """Get ready to draw at this size and return how many lines there are."""

    @abstractmethod
    def line(self, y: int) -> Content:
        """Return line `y`, counted from the top of all lines."""

    @property
    def plain(self) -> str:
        """All its lines as text, for the clipboard."""
        region = self.scrollable_content_region.size
        count = self.prepare(region.width, region.height)
        return "\n".join(self.line(y).plain.rstrip() for y in range(count))

    # --- drawing -------------------------------------------------------------------------------

    def repaint(self) -> None:
        """Draw what changed; cheap when nothing did."""
        size = self.scrollable_content_region.size
        if not self.is_mounted or not self.display or not size:
            return
        lines = self._prepared(size)
        if self.virtual_size != Size(size.width, lines):
            self._resize_contents(Size(size.width, lines))
        top = self.scroll_offset.y
        old, self._drawn = self._drawn, {}
        dirty = []
        for y in range(top, top + size.height):
            strip = self._drawn[y] = self._strip(y, lines)
            span = changed_span(old.get(y), strip)
            if span is not None:
                dirty.append(Region(span[0], y - top, span[1] - span[0], 1))
        if dirty:
            self.refresh(*dirty)

    def _resize_contents(self, size: Size) -> None:
        """Take another count of lines; no pane's place depends on it, so nothing is laid out anew.

        A scrollbar that comes or goes does lay the screen out.
        """
        self.set_reactive(Painted.virtual_size, size)
        self._scroll_update(size)

    def redraw(self) -> None:
        """Draw everything anew, after a change of size or theme."""
        self._drawn.clear()
        self.repaint()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Give Textual one line of the viewport."""
        at = y + self.scroll_offset.y
        if at not in self._drawn:
            self._drawn[at] = self._strip(at, self.virtual_size.height)
        return self._drawn[at]

    def _prepared(self, size: Size) -> int:
        """Prepare; a pane that cannot must say so and leave the night alone."""
        try:
            lines = self.prepare(size.width, size.height)
        except Exception as error:
            self.failure = f"this pane could not be drawn: {error!r}"
            self.log.error(self.failure)
            return 1
        self.failure = ""
        return lines

    def _strip(self, y: int, lines: int) -> Strip:
        width = self.scrollable_content_region.width
        style = self.visual_style
        if not 0 <= y < lines:
            return Strip.blank(width, style.rich_style)
        content = Content(self.failure) if self.failure else self.line(y)
        if self.view.ascii_only:
            content = to_ascii(content)
        strips = Visual.to_strips(self, content, width, 1, style, pad=True)
        return strips[0] if strips else Strip.blank(width, style.rich_style)

    # --- Textual -------------------------------------------------------------------------------

    def on_resize(self, _event: Resize) -> None:
        """Draw at the new size."""
        self.redraw()

    def notify_style_update(self) -> None:
        """Draw in the new colours; Textual calls this for much less than a change of them."""
        super().notify_style_update()
        colours = (self.app.theme, self.visual_style)
        if colours != self._colours:
            self._colours = colours
            self.redraw()


class Lines(Painted):
    """A pane whose lines are made all at once."""

    lines: Sequence[Content] = ()

    @abstractmethod
    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the lines to show at this size."""

    def prepare(self, width: int, height: int) -> int:
        """Make the lines."""
        self.lines = self.compose_lines(width, height)
        return len(self.lines)

    def line(self, y: int) -> Content:
        """Return a line made by `prepare`."""
        return self.lines[y] if y < len(self.lines) else Content("")


def changed_span(old: Strip | None, new: Strip) -> tuple[int, int] | None:
    """Return the first and the end column of what differs between two strips, or None."""
    if old is None or old.cell_length != new.cell_length:
        return 0, new.cell_length
    if old == new:
        return None
    before = [(c, s.style) for s in old for c in s.text]
    after = [(c, s.style) for s in new for c in s.text]
    if len(before) != new.cell_length or len(after) != new.cell_length:
        return 0, new.cell_length  # a wide glyph: cells and characters do not match
    start, end = 0, len(after)
    while start < end and before[start] == after[start]:
        start += 1
    while end > start and before[end - 1] == after[end - 1]:
        end -= 1
    return (start, end) if end > start else None
