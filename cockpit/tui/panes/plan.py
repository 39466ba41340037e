"""Pane 1, Plan: program.md and learnings.md as they are now, and the agent's thinking below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size

from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines
from cockpit.tui.view import View


class PlanPane(Vertical):
    """The plan above, the voice of the agent below."""

    BORDER_TITLE = "1 Plan · program.md"

    def __init__(self, view: View, *, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id)
        self.view = view

    def compose(self) -> ComposeResult:
        """Make both parts."""
        yield PlanText(self.view, id="plan-text")
        yield Voice(self.view, id="voice")

    def repaint(self) -> None:
        """Draw what changed in both."""
        context = self.view.live.context
        self.border_subtitle = (
            f"{ink.count(context.tokens)} of {ink.count(context.window)} tokens" if context else ""
        )
        voice = self.query_one(Voice)
        wanted = voice.wanted(self.scrollable_content_region.size)
        if voice.styles.height is None or voice.styles.height.value != wanted:
            voice.styles.height = wanted
        self.query_one(PlanText).repaint()
        voice.repaint()


class PlanText(Lines):
    """The human's program, then what was learnt; scrollable."""

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return both files, headings coloured and long lines wrapped."""
        view = self.view
        lines = list(markdown(view.program, width))
        if not lines:
            lines = [ink.ink(("program.md is empty: the agent has no strategy", "$warning"))]
        learnings = list(markdown(view.learnings, width))
        if learnings:
            lines += [Content(""), ink.ink((" learnings.md ", "$chip on $warning")), *learnings]
        return lines


class Voice(Lines, can_focus=False):
    """The last lesson, the human's last note, and what the model thinks or writes."""

    def wanted(self, room: Size) -> int:
        """Return how many lines it should have: what it says, at most two fifths of the pane."""
        return min(len(self._say(room.width)), max(1, room.height * 2 // 5))

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the lesson, then the end of the thinking."""
        lines = self._say(width)
        return lines if len(lines) <= height else [*lines[:1], *lines[len(lines) - height + 1 :]]

    def _say(self, width: int) -> list[Content]:
        view = self.view
        lines: list[Content] = []
        if view.board.lessons:
            lesson = view.board.lessons[-1]
            lines += _chipped("learned", "$warning", f"{lesson.text} (#{lesson.trial})", width, 2)
        if view.board.steering:
            lines += _chipped("note", "$primary", view.board.steering[-1], width, 1)
        live = view.live
        if live.thinking and not live.reply:
            lines += _chipped("thinking", "$secondary", live.thinking, width, 6, DIM)
        elif live.reply:
            lines += _chipped("writing", "$secondary", live.reply, width, 6, DIM)
        return lines


def _chipped(
    word: str, ground: str, text: str, width: int, most: int, style: str = ""
) -> list[Content]:
    """Return a coloured word and the end of a text after it, in at most `most` lines."""
    chip = f" {word} "
    flat = " ".join(text[-width * most * 2 :].split())
    wrapped = textwrap.wrap(flat, max(width, 12), initial_indent=" " * (len(chip) + 1))
    kept = wrapped[-most:] if style else wrapped[:most]
    if not kept:
        return []
    head = ink.ink((chip, f"$chip on {ground}"), " ")
    if kept[0] is wrapped[0]:
        return [head + ink.ink((kept[0].lstrip(), style)), *(ink.ink((t, style)) for t in kept[1:])]
    return [head + ink.ink(("…", style)), *(ink.ink((t, style)) for t in kept)][: most + 1]


def markdown(text: str, width: int) -> Iterable[Content]:
    """Yield the lines of a Markdown text, wrapped, its headings, lists and strikes told apart."""
    fenced = False
    for raw in text.splitlines():
        line = raw.rstrip()
        if line.startswith("```"):
            fenced = not fenced
        style = _line_style(line, fenced=fenced)
        if fenced or not line:
            yield ink.ink((line, style))
            continue
        indent = len(line) - len(line.lstrip())
        bullet = line.lstrip()[:2] in ("- ", "* ")
        shown = f"{' ' * indent}• {line.lstrip()[2:]}" if bullet else line
        hang = " " * (indent + 2 if bullet else indent)
        for part in textwrap.wrap(shown, max(width, 12), subsequent_indent=hang) or [""]:
            yield ink.ink((part, style))


def _line_style(line: str, *, fenced: bool) -> str:
    if fenced or line.startswith((">", "```", "<!--", "|")):
        return DIM
    if line.lstrip("- ").startswith("~~"):
        return f"{DIM} strike"
    if line.startswith("# "):
        return "bold $accent"
    return "bold $primary" if line.startswith("#") else ""
