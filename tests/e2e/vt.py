"""As much of a terminal as Textual needs: what stands where, after bytes were written."""

from __future__ import annotations

import codecs
import re

CODE = re.compile(
    r"\x1b(?:\[([0-?]*)[ -/]*([@-~])"
    r"|[\]PX^_](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\)"
    r"|(?![\[\]PX^_])[ -/]*[0-~])"
)
UNFINISHED = re.compile(r"\x1b(?:[\[\]PX^_][^\x07]{0,4000})?$")


class Paper:
    """The cells of a screen; feed it what a program writes."""

    def __init__(self, width: int, height: int) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Become another size, empty, as a terminal that is attached anew."""
        self.width, self.height = width, height
        self._cells = [[" "] * width for _ in range(height)]
        self._x = self._y = 0

    @property
    def lines(self) -> list[str]:
        """What stands on it, without blanks at the ends."""
        return ["".join(row).rstrip() for row in self._cells]

    @property
    def text(self) -> str:
        """The same in one piece."""
        return "\n".join(self.lines)

    def feed(self, written: bytes) -> None:
        """Take what was written; half a code waits for its other half."""
        text = self._rest + self._decoder.decode(written)
        self._rest = ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._put(text[at])
                at += 1
            elif code := CODE.match(text, at):
                if code[2]:
                    self._obey(code[1], code[2])
                at = code.end()
            elif UNFINISHED.match(text, at):
                self._rest = text[at:]
                return
            else:
                at += 1

    def _put(self, glyph: str) -> None:
        if glyph == "\r":
            self._x = 0
        elif glyph == "\n":
            self._x, self._y = 0, self._y + 1
        elif glyph >= " " and self._y < self.height:
            if self._x < self.width:
                self._cells[self._y][self._x] = glyph
            self._x += 1

    def _obey(self, given: str, command: str) -> None:
        numbers = [int(n) for n in given.split(";") if n.isdigit()]
        match command:
            case "H" | "f":
                row, column = [*numbers, 1, 1][:2] if len(numbers) > 1 else (1, 1)
                self._y, self._x = row - 1, column - 1
            case "J":
                self._cells = [[" "] * self.width for _ in range(self.height)]
            case "K" if self._y < self.height:
                self._cells[self._y][self._x :] = [" "] * (self.width - self._x)
            case _:
                return
