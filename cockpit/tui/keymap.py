"""Every key, once: bindings, footer, help and palette are all made from this table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from textual.binding import Binding, BindingType
from textual.keys import key_to_character

Group = Literal["session", "review", "look", "ledger", "audit", "cockpit", "replay"]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One thing a key does.

    `id` is what settings remap it by; `keys` are Textual key names; `changes` marks what a
    read-only screen must not offer; `footer` is its rank there, 0 for not at all.
    """

    id: str
    keys: str
    show: str
    action: str
    label: str
    help: str
    group: Group
    changes: bool = False
    footer: int = 0

    def binding(self) -> Binding:
        """Return the Textual binding."""
        return Binding(
            self.keys, self.action, self.label, key_display=self.show, id=self.id, tooltip=self.help
        )


def _key(
    name: str, keys: str, label: str, words: str, *, show: str = "", act: str = "", footer: int = 0
) -> Key:
    """Make a row of the table; what is shown and done is mostly the key and its id."""
    return Key(
        id=name,
        keys=keys,
        show=show or keys,
        action=act or name.replace("-", "_"),
        label=label,
        help=words,
        group="look",
        footer=footer,
    )


def _group(group: Group, *keys: Key, changes: bool = False) -> tuple[Key, ...]:
    """Put keys into a group; say whether they change anything."""
    return tuple(replace(key, group=group, changes=changes) for key in keys)


SESSION = _group(
    "session",
    _key("pause", "p", "pause", "rest after this trial; again: go on", footer=2),
    _key("release", "P", "free GPU", "end the run, unload the model; again: run it anew"),
    _key("skip", "s", "skip", "abandon the trial in hand, within a second; asks first", footer=3),
    _key("revert", "r", "revert", "make the selected kept trial the best again", footer=4),
    _key("again", "g", "run again", "queue the selected trial's file for another trial"),
    _key("steer", "i", "steer", "leave a note for the agent", footer=5),
    _key("program", "E", "edit plan", "open program.md in $EDITOR; the agent reads it next"),
    changes=True,
)
REVIEW = _group(
    "review",
    _key("accept", "y", "accept", "train the proposal in review", footer=1),
    _key("refuse", "n", "refuse", "turn it down with a reason that the agent sees", footer=1),
    _key("edit", "e", "edit", "change the candidate in $EDITOR, then train it", footer=1),
    _key("hold", "space", "hold", "stop the countdown of the review", show="Space", footer=1),
    _key("trust", "A", "trust", "accept, and review no more proposals", footer=1),
    changes=True,
)
PANES = tuple(
    _key(f"pane-{name}", str(number), name, f"go to the pane {name}", act=f"pane('{name}')")
    for number, name in enumerate(("plan", "diff", "gpu", "run", "ledger"), 1)
)
LOOK = _group(
    "look",
    *PANES,
    _key("zoom", "z", "zoom", "give the pane the whole screen; again: give it back", footer=9),
    _key(
        "hunk-back", "left_square_bracket", "hunk back", "previous hunk of the diff",
        show="[", act="hunk(-1)",
    ),
    _key(
        "hunk-on", "right_square_bracket", "hunk on", "next hunk of the diff",
        show="]", act="hunk(1)",
    ),
    _key("split", "u", "split diff", "the diff side by side; again: in one column"),
    _key("compare", "b", "compare", "hold every trial's file against the selected one; again: end"),
    _key("copy", "c", "copy", "send what the pane shows to the terminal's clipboard and a file"),
)  # fmt: skip
LEDGER = _group(
    "ledger",
    _key("open", "enter", "open", "open the selected trial: diff, runs, verdict, log, sample",
         show="Enter", footer=6),
    _key("follow", "escape", "follow", "let diff and cursor follow the open trial; end a filter",
         show="Esc"),
    _key("filter", "slash", "filter", "show only the trials that contain all these words",
         show="/", footer=7),
    _key("sort", "o", "sort", "order by time, by value, by sigma"),
)  # fmt: skip
COCKPIT = _group(
    "cockpit",
    _key("audit", "m", "audit", "the morning audit: what happened, is it real, what it cost",
         footer=8),
    _key("write", "w", "report", "write the report as Markdown and HTML; says where",
         footer=8),
    _key("theme", "t", "theme", "choose a theme; it is tried on as you move"),
    _key("help", "question_mark,f1", "help", "this page; F1 also where ? is typed", show="?",
         footer=9),
    _key("quit", "q", "quit", "end the run and the session's work, leave; again: at once",
         footer=10),
)  # fmt: skip
KEYS: tuple[Key, ...] = (*SESSION, *REVIEW, *LOOK, *LEDGER, *COCKPIT)
"""Of the main screen."""
AUDIT_OWN = (
    *_group(
        "audit",
        _key("keep-on", "j,down", "next", "the next kept trial and its diff", show="j",
             act="keep(1)", footer=1),
        _key("keep-back", "k,up", "before", "the kept trial before and its diff", show="k",
             act="keep(-1)", footer=1),
    ),
    *_group(
        "audit",
        _key("approve", "y", "approve", "let the selected provisional keep stand", footer=2),
        _key("give-up", "n", "refuse", "give the selected keep up; asks for the reason", footer=2),
        _key("strike", "x", "strike", "choose a lesson that no agent is to read again", footer=5),
        changes=True,
    ),
    *_group(
        "audit",
        _key("whole", "a", "all or new", "the whole session; again: since you left", footer=6),
        _key("back", "escape,q,m", "back", "back to the main screen", show="q", footer=10),
    ),
)  # fmt: skip
SHARED = ("revert", "again", "open", "copy", "write", "theme", "help")
AUDIT: tuple[Key, ...] = (*AUDIT_OWN, *(key for key in KEYS if key.id in SHARED))
"""Of the morning audit; what it shares with the main screen does the same to the selected keep."""
REPLAY = _group(
    "replay",
    _key("replay-pause", "p", "pause", "let the recorded time stand still; again: go on",
         act="app.replay_pause", footer=1),
    _key("replay-step", "s", "next", "go to the end of the trial in hand",
         act="app.replay_step", footer=1),
    _key("replay-faster", "plus", "faster", "play twice as fast", show="+",
         act="app.replay_faster(2)", footer=1),
    _key("replay-slower", "minus", "slower", "play half as fast", show="-",
         act="app.replay_faster(0.5)", footer=1),
)  # fmt: skip
"""Of a replay; they come before those of the main screen."""
BY_ID = {key.id: key for key in (*KEYS, *AUDIT_OWN, *REPLAY)}
BY_ACTION = {key.action: key for key in BY_ID.values()}
PALETTE = "colon"
"""Opens the palette; as a binding of the app it is not in the table."""

MOVES = {
    "line-up": "up,k",
    "line-down": "down,j",
    "page-up": "pageup",
    "page-down": "pagedown",
    "top": "home",
    "end": "end",
    "row-up": "up,k",
    "row-down": "down,j",
    "first-row": "home",
    "last-row": "end",
}
"""Keys that move within a pane; remapped by id like the others."""

DIALOG: list[BindingType] = [
    Binding("escape,q", "close", "close", key_display="Esc", id="dialog-close"),
]
"""Closes every dialog; `q` because a terminal multiplexer delays Escape."""


def bindings(table: Iterable[Key] = KEYS) -> list[BindingType]:
    """Return the bindings of a screen, by default of the main one."""
    return [key.binding() for key in table]


def move(name: str, action: str, words: str) -> Binding:
    """Return the binding of a key that moves within a pane."""
    return Binding(MOVES[name], action, words, show=False, id=name)


def problems(keymap: Mapping[str, str]) -> list[str]:
    """Return one sentence for each id that no key has, and for each key given to two actions."""
    said: list[str] = []
    for name, keys in keymap.items():
        if name not in BY_ID and name not in MOVES:
            said.append(f"[keys] {name} is no key of the cockpit; docs/KEYS.md lists the ids")
        elif not all(key.strip() for key in keys.split(",")):
            said.append(f'[keys] {name} = {keys!r} names no key; write one like "x" or "f5"')
    for table in (KEYS, AUDIT):
        taken = {PALETTE: "the palette"}
        for key in table:
            for each in _spread(fitting(keymap).get(key.id, key.keys)):
                clash = f"[keys] {shown(each)} is given to both {taken.get(each)} and {key.id}"
                if each in taken and clash not in said:
                    said.append(clash)
                taken[each] = key.id
    return said


def fitting(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return what of a remapping can be used."""
    known = {name: keys for name, keys in keymap.items() if name in BY_ID or name in MOVES}
    return {name: keys for name, keys in known.items() if all(k.strip() for k in keys.split(","))}


def _spread(keys: str) -> Iterable[str]:
    """Yield the Textual names of comma-separated keys; `?` and `question_mark` are one."""
    for binding in Binding.make_bindings([Binding(keys, "", "")]):
        yield binding.key


def typed(key: str) -> str | None:
    """Return the character that a key types, or None."""
    glyph = GLYPHS.get(key, "")
    return glyph if len(glyph) == 1 and glyph.isascii() else key_to_character(key)


def shown(key: str) -> str:
    """Return a key as it stands on a keyboard."""
    return GLYPHS.get(key, key)


GLYPHS = {
    "colon": ":", "up": "↑", "down": "↓", "pageup": "PgUp", "pagedown": "PgDn",
    "question_mark": "?", "slash": "/", "left_square_bracket": "[",
    "right_square_bracket": "]", "enter": "Enter", "escape": "Esc", "space": "Space",
    "home": "Home", "end": "End", "tab": "Tab", "shift+tab": "Shift-Tab", "f1": "F1",
    "plus": "+", "minus": "-", "ctrl+c": "Ctrl-C", "ctrl+q": "Ctrl-Q",
}  # fmt: skip
