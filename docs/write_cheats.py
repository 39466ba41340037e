"""Write docs/CHEATS.md from the first lines of the cheats: `python -m docs.write_cheats`."""

from __future__ import annotations

from pathlib import Path

from cockpit.cli.calibrate.cheats import PASSES, Cheat, guard_sentence, honest, read_cheats

PAGE = Path(__file__).with_name("CHEATS.md")
HEAD = """# Every known cheat

Each is one `train.py` in `tests/e2e/cheats/`, a few lines away from `honest.py` beside it:
compare them with `diff`. What a cheat must come to stands in its first lines, and `cockpit
calibrate` runs them all on your machine, with your `prepare.py` and your data, in a copy of the
workspace. There the guard is asked, and then bypassed: **the guard** is what it says, **the
wall** what the same file comes to without it, as the verdict puts it. None is kept.

`--json` prints one check a line: its `kind` (walls, sandbox, cheat), `name`, `title`, what the
`guard` says, verdict `word` and `reason`, what is `amiss` (empty when nothing is), `seconds`. The
exit code is 1 if anything is amiss.

This page is generated. Do not edit it: run `python -m docs.write_cheats`. How surely a leak is
seen is derived in [TRUST.md](TRUST.md#how-often-a-lie-escapes).

| cheat | what it does | the guard | verdict | the wall |
|---|---|---|---|---|
"""
ELSEWHERE = """
On a GPU a compiler must be able to start processes, so `background_process` may fork there: it
ends as a discard, for what it handed over at once, and its child is ended with it.
"""


def row(cheat: Cheat, base: str) -> str:
    """Return the line of one cheat."""
    guard = guard_sentence(cheat.text, base)
    said = PASSES if guard == PASSES else f"*{guard.partition(' (and ')[0]}*"
    cells = (f"`{cheat.name}`", cheat.title, said, cheat.word, f"*{cheat.says}*")
    return f"| {' | '.join(cells)} |\n"


def render() -> str:
    """Return the whole page."""
    base = honest()
    return HEAD + "".join(row(cheat, base) for cheat in read_cheats()) + ELSEWHERE


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
