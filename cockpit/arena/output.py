"""What a run printed, as text a person can read; pure functions. Nothing printed decides anything.

Output is untrusted: escape sequences would steer the terminal, and direction marks would make a
line read otherwise than it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TRAIN = "train.py"
LONGEST_LINE = 2_000
TAIL_LINES, TAIL_CHARS = 40, 4_000
REASON_CHARS = 300

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links, the clipboard
    r"|[\x1b][PX^_].*?(?:\x1b\\|$)"  # DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, the cursor
    r"|\x1b[ -/]*[0-~]?"
)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
_STEP = re.compile(
    r"^step (\d{1,12}) \| loss (-?\d{1,12}(?:\.\d{1,12})?(?:e[+-]?\d{1,3})?) \| tok/s (\d{1,12})$"
)
_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)')
_ERROR = re.compile(r"^([A-Za-z_][\w.]*)(?::\s(.*))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A progress line: `step {int} | loss {float} | tok/s {int}`; loss in nats per token."""

    step: int
    loss: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The last traceback: what was raised, and where in `train.py` (None: nowhere in it)."""

    kind: str
    message: str
    line: int | None = None
    source: str = ""

    def sentence(self) -> str:
        """Return, for example, `NameError at line 41: name 'x' is not defined (y = x + 1)`."""
        where = f" at line {self.line}" if self.line is not None else ""
        source = f" ({self.source})" if self.source else ""
        told = f": {self.message}" if self.message else ""
        return f"{self.kind}{where}{told}"[:REASON_CHARS] + source[:REASON_CHARS]


def clean(text: str) -> str:
    """Strip escape sequences, control and direction characters; of overwritten lines the last."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_clean_line(line) for line in lines)


def _clean_line(line: str) -> str:
    kept = _ESCAPES.sub("", line.rstrip("\r").rpartition("\r")[2])
    return _UNSEEN.sub("", kept.expandtabs(4))[:LONGEST_LINE]


def parse_step(line: str) -> Step | None:
    """Return the progress of a clean line, or None."""
    found = _STEP.match(line.strip())
    if found is None:
        return None
    step, loss, rate = found.groups()
    return Step(step=int(step), loss=float(loss), tokens_per_second=float(rate))


def tail(text: str) -> str:
    """Return the last lines of a clean text, without blank ones at its end."""
    lines = text.rstrip().split("\n")[-TAIL_LINES:]
    return "\n".join(lines)[-TAIL_CHARS:]


def failure(text: str) -> Failure | None:
    """Return what the last traceback of a clean text says, or None when there is none."""
    start = max(text.rfind("Traceback (most recent call last)"), 0)
    lines = text[start:].split("\n")
    line: int | None = None
    source = ""
    seen = False
    for index, found in enumerate(map(_FRAME.match, lines)):
        if found is None:
            continue
        seen = True
        if found[1].endswith("/" + TRAIN) or found[1] == TRAIN:
            line = int(found[2])
            below = lines[index + 1].strip() if index + 1 < len(lines) else ""
            source = "" if _FRAME.match(below) else below
    raised = _raised(lines) if seen else None
    if raised is None:
        return None
    return Failure(kind=raised[0], message=raised[1], line=line, source=source)


def _raised(lines: list[str]) -> tuple[str, str] | None:
    """Return kind and message: the last unindented `Kind: message` behind the last frame."""
    last_frame = max(i for i, line in enumerate(lines) if _FRAME.match(line))
    for index in range(last_frame + 1, len(lines)):
        found = _ERROR.match(lines[index])
        if found is not None:
            return found[1].rpartition(".")[2], (found[2] or "").strip()
    return None


class Lines:
    """Cuts a byte stream into clean lines; a line that never ends is cut at a limit."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completes."""
        *whole, rest = (self._rest + data).split(b"\n")
        if len(rest) > 4 * LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        self._rest = rest
        return [clean(line.decode("utf-8", "replace")) for line in whole]
