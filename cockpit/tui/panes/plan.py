"""Pane 1, Plan: program.md and learnings.md as they are now, and the agent's thinking below."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size

from cockpit.engine.board import Board
from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines, name_border
from cockpit.tui.view import View

_ITEM = re.compile(r"\s*(?:[-*]|\d+[.)])\s")


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
        if not self.children:  # a file was read before the pane was composed
            return
        context = self.view.live.context
        below = (
            f"{ink.count(context.tokens)} of {ink.count(context.window)} tokens" if context else ""
        )
        news = self.view.program != self.view.first_read.get("program", self.view.program)
        title = "1 Plan · program.md" + (" · changed" if news else "")
        name_border(self, self.view, self.view.titled("plan", title), below)
        voice = self.query_one(Voice)
        wanted = voice.wanted(self.scrollable_content_region.size)
        if voice.styles.height is None or voice.styles.height.value != wanted:
            voice.styles.height = wanted
        self.query_one(PlanText).repaint()
        voice.repaint()


class PlanText(Lines):
    """The human's program, then what was learnt; scrollable."""

    def __init__(self, view: View, *, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(view, id=id)
        self._files: dict[str, tuple[object, tuple[Content, ...]]] = {}

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return both files, headings coloured and long lines wrapped."""
        view = self.view
        empty = ink.ink(("program.md is empty: the agent has no strategy", "$warning"))
        if view.board.imported:
            empty = ink.ink(("no program.md came with this night", DIM))
        program = self._file("program", view.program, width) or (empty,)
        learnings = self._file("learnings", view.learnings, width)
        if not learnings:
            return program
        return (*program, Content(""), ink.ink((" learnings.md ", "$chip on $warning")), *learnings)

    def _file(self, name: str, text: str, width: int) -> tuple[Content, ...]:
        """Return a file's lines; a bar stands before those that are new since the screen opened."""
        key = (text, self.view.first_read.get(name, text), width)
        known = self._files.get(name)
        if known is None or known[0] != key:
            known = self._files[name] = (key, tuple(marked(*key)))
        return known[1]


class Voice(Lines, can_focus=False):
    """The last lesson, the human's last note, and what the model thinks or writes."""

    def wanted(self, room: Size) -> int:
        """Return how many lines it should have: what it says, at most two fifths of the pane."""
        most = max(2, room.height // 2)
        return min(self._prepared(Size(room.width, most)), most)

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the lesson, the note, then the end of the thinking."""
        return self._say(width, height)

    def _say(self, width: int, most: int) -> list[Content]:
        live, said = self.view.live, list(_said(self.view.board))
        speech = live.reply or live.thinking
        room = most - (most > 3) - (1 if speech else 0)
        each = 2 if 2 * len(said) <= room else 1
        lines: list[Content] = [Content("")] if most > 3 else []
        for chip, style, text in said:
            lines += _chipped(chip, style, text, width, each)
        if speech:
            word = "writing" if live.reply else "thinking"
            lines += _ending(f" {word} ", speech, width, max(1, most - len(lines)))
        return lines if any(line.plain for line in lines) else []


def _said(board: Board) -> Iterable[tuple[str, str, str]]:
    """Yield what was learnt, pinned, noted and asked last, each with its word and style."""
    if board.lessons:
        lesson = board.lessons[-1]
        text = f"{lesson.said or lesson.text} (#{lesson.trial})"
        yield " learned ", "$chip on $warning", text
    if "plateau" in board.notices:
        yield " plateau ", "$chip on $secondary", board.notices["plateau"].text
    steering = board.steering
    if steering.pinned:
        yield " pinned ", "$chip on $primary", steering.pinned
    if steering.notes:
        yield " note ", "$chip on $primary", steering.notes[-1].text
    if steering.question:
        yield " asks ", "$chip on $warning", f"{steering.asker}: {steering.question}"


def _chipped(chip: str, style: str, text: str, width: int, most: int) -> list[Content]:
    """Return a coloured word and the beginning of a text, in at most `most` lines."""
    room = max(width, len(chip) + 12)
    lines = textwrap.wrap(
        text, room, initial_indent=" " * (len(chip) + 1), max_lines=most, placeholder=" …"
    )
    first = lines[0].lstrip() if lines else ""
    return [ink.ink((chip, style), " ", first), *(Content(line) for line in lines[1:])]


def _ending(chip: str, text: str, width: int, most: int) -> list[Content]:
    """Return a coloured word and as much of the end of a text as `most` lines hold."""
    flat = " ".join(text[-width * (most + 1) :].split())
    room = max(width, len(chip) + 12)
    lines = textwrap.wrap(flat, room, initial_indent=" " * (len(chip) + 1))
    if len(lines) > most:
        tail = " ".join(" ".join(lines[-most:]).split())
        lines = textwrap.wrap(f"…{tail}", room, initial_indent=" " * (len(chip) + 1))[-most:]
    first = lines[0].lstrip() if lines else ""
    head = ink.ink((chip, "$chip on $secondary"), " ", (first, DIM))
    return [head, *(ink.ink((line, DIM)) for line in lines[1:])]


def markdown(text: str, width: int) -> Iterable[Content]:
    """Yield the lines of a Markdown text, wrapped, its headings, lists and strikes told apart."""
    fenced = False
    for line in paragraphs(text):
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
        plain = shown.replace("**", "").replace("~~", "")
        for part in textwrap.wrap(plain, max(width, 12), subsequent_indent=hang) or [""]:
            yield ink.ink((part, style))


def marked(text: str, before: str, width: int) -> Iterable[Content]:
    """Yield the lines of a Markdown text, with a bar before what does not stand in `before`."""
    if text == before:
        yield from markdown(text, width)
        return
    known = set(paragraphs(before))
    for paragraph in _blocks(text):
        new = any(line and line not in known for line in paragraphs(paragraph))
        for line in markdown(paragraph, width - 2 if new else width):
            yield ink.ink(("▌ ", "$accent")) + line if new else line


def _blocks(text: str) -> Iterable[str]:
    """Yield a text line by line, a fenced block as one."""
    held: list[str] = []
    for line in paragraphs(text):
        held.append(line)
        if sum(1 for each in held if each.startswith("```")) % 2 == 0:
            yield "\n".join(held)
            held = []
    if held:
        yield "\n".join(held)


def paragraphs(text: str) -> Iterable[str]:
    """Yield the lines of a Markdown text, those of one paragraph or list item joined."""
    held, fenced = "", False
    for raw in text.splitlines():
        line = raw.rstrip()
        fence = line.startswith("```")
        alone = fenced or fence or not line or line.startswith(("#", ">", "|", "<!--"))
        fenced ^= fence
        if alone or _ITEM.match(line):
            if held:
                yield held
            held = ""
            if alone:
                yield line
            else:
                held = line
        else:
            held = f"{held} {line.lstrip()}" if held else line
    if held:
        yield held


def _line_style(line: str, *, fenced: bool) -> str:
    if fenced or line.startswith((">", "```", "<!--", "|")):
        return DIM
    if line.lstrip("- ").startswith("~~"):
        return f"{DIM} strike"
    if line.startswith("# "):
        return "bold $accent"
    return "bold $primary" if line.startswith("#") else ""
