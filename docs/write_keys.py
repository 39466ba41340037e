"""Write docs/KEYS.md from the table of the keys: `python -m docs.write_keys`.

Its words are those of `cockpit/tui/keymap.py`; what is wrong on the page is mended there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from textual.binding import Binding

from cockpit.tui.keymap import AUDIT, AUDIT_OWN, BY_ID, GROUPS, MOVES, Key, shown

PAGE = Path(__file__).with_name("KEYS.md")
HEAD = """# Keys

Every key of the screen. `?` shows those that do something at the moment, and explains the layout;
`:` finds them by name. Plain letters only: no Ctrl key is ever needed, and every dialog closes with
`q` as well as with `Esc`, which a terminal multiplexer delays. Keys marked ✎ change something: they
are left out under `--read-only` and on a replay.

This page is generated from the table that the screen itself is made from. Do not edit it: run
`python -m docs.write_keys`. `tests/unit/test_docs_keys.py` holds it to the table.

![Help while a trial runs: the layout, then every key that does something](pictures/help.svg)

## Other keys

A key is changed by its id in `cockpit.toml`; several are separated by commas, and replace all that
the action had:

```toml
[keys]
pause = "x"
hunk-on = "f5,N"
```

Names are those of Textual: letters as they are, `space`, `enter`, `escape`, `up`, `f5`, `ctrl+p`.
An unknown id, or a key that is given to two actions of one screen, is named when the screen
opens; the rest works.
"""
TITLES = {
    "session": ("Session", ""),
    "review": ("A proposal in review", "They do something while a proposal waits."),
    "look": ("Looking", ""),
    "ledger": ("Ledger", "Enter also ends the filter line, Esc clears it; `F1` is help there."),
    "audit": ("Morning audit", ""),
    "cockpit": ("Cockpit", ""),
    "replay": ("Replay", "`cockpit replay` plays a recorded night; these come before the others."),
}
SCROLLING = ("line-up", "line-down", "page-up", "page-down", "top", "end")


def render() -> str:
    """Return the page."""
    parts = [HEAD]
    for group in GROUPS:
        title, words = TITLES[group]
        rows = [_row(key) for key in BY_ID.values() if key.group == group]
        parts.append(_section(title, words or _shared(group), ("key", "id", "what it does"), rows))
    parts.append(_section("Moving", "Within a pane.", ("key", "id"), _moves()))
    return "\n".join(parts)


def _section(title: str, words: str, heads: tuple[str, ...], rows: Iterable[str]) -> str:
    said = f"{words}\n\n" if words else ""
    head = f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
    return f"## {title}\n\n{said}{head}" + "".join(f"{row}\n" for row in rows)


def _row(key: Key) -> str:
    mark = " ✎" if key.changes else ""
    return f"| {_names(key.keys)} | `{key.id}` | {key.help}{mark} |"


def _names(keys: str) -> str:
    """Return comma-separated Textual names as they stand on a keyboard."""
    names = [binding.key for binding in Binding.make_bindings([Binding(keys, "", "")])]
    return " ".join(f"`{shown(name)}`" for name in names)


def _shared(group: str) -> str:
    if group != "audit":
        return ""
    both = [key for key in AUDIT if key not in AUDIT_OWN]
    names = ", ".join(f"`{shown(key.keys.split(',')[0])}`" for key in both)
    return f"`m` opens it. There {names} do the same to the selected keep."


def _moves() -> Iterator[str]:
    for name, keys in MOVES.items():
        where = "" if name in SCROLLING else " (ledger)"
        yield f"| {_names(keys)} | `{name}`{where} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
