"""Every key, once: bindings, footer, help and palette are all made from this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

Group = Literal["session", "review", "look", "ledger", "cockpit"]


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
    name: str,
    keys: str,
    label: str,
    words: str,
    group: Group,
    *,
    show: str = "",
    act: str = "",
    changes: bool = False,
    footer: int = 0,
) -> Key:
    """Make a row of the table; what is shown and done is mostly the key and its id."""
    return Key(
        id=name,
        keys=keys,
        show=show or keys,
        action=act or name,
        label=label,
        help=words,
        group=group,
        changes=changes,
        footer=footer,
    )


KEYS: tuple[Key, ...] = (
    _key(
        "pause",
        "p",
        "pause",
        "rest after this trial; again: go on",
        "session",
        changes=True,
        footer=2,
    ),
    _key(
        "skip",
        "s",
        "skip",
        "abandon the trial in hand, within a second",
        "session",
        changes=True,
        footer=3,
    ),
    _key(
        "revert",
        "r",
        "revert",
        "make the selected kept trial the best again",
        "session",
        changes=True,
        footer=4,
    ),
    _key("steer", "i", "steer", "leave a note for the agent", "session", changes=True, footer=5),
    _key("accept", "y", "accept", "train the proposal in review", "review", changes=True, footer=1),
    _key(
        "refuse",
        "n",
        "refuse",
        "turn it down with a reason that the agent sees",
        "review",
        changes=True,
        footer=1,
    ),
    _key(
        "edit",
        "e",
        "edit",
        "change the candidate in $EDITOR, then train it",
        "review",
        changes=True,
        footer=1,
    ),
    _key(
        "hold",
        "space",
        "hold",
        "stop the countdown of the review",
        "review",
        show="Space",
        changes=True,
        footer=1,
    ),
    _key(
        "trust",
        "A",
        "trust",
        "accept, and review no more proposals",
        "review",
        changes=True,
        footer=1,
    ),
    *(
        _key(
            f"pane-{name}",
            str(number),
            name,
            f"go to the pane {name}",
            "look",
            act=f"pane('{name}')",
        )
        for number, name in enumerate(("plan", "diff", "gpu", "run", "ledger"), 1)
    ),
    _key(
        "zoom", "z", "zoom", "give the pane the whole screen; again: give it back", "look", footer=8
    ),
    _key(
        "open",
        "enter",
        "open",
        "open the selected trial: diff, runs, verdict, sample",
        "ledger",
        show="Enter",
        footer=6,
    ),
    _key(
        "follow",
        "escape",
        "follow",
        "let diff and cursor follow the trial in hand",
        "ledger",
        show="Esc",
    ),
    _key(
        "filter",
        "slash",
        "filter",
        "show only the trials that contain a text",
        "ledger",
        show="/",
        footer=7,
    ),
    _key("sort", "o", "sort", "order by time, by value, by sigma", "ledger"),
    _key(
        "hunk-back",
        "left_square_bracket",
        "hunk back",
        "previous hunk of the diff",
        "look",
        show="[",
        act="hunk(-1)",
    ),
    _key(
        "hunk-on",
        "right_square_bracket",
        "hunk on",
        "next hunk of the diff",
        "look",
        show="]",
        act="hunk(1)",
    ),
    _key("theme", "t", "theme", "next theme", "cockpit", act="next_theme"),
    _key("help", "question_mark", "help", "this page", "cockpit", show="?", footer=9),
    _key(
        "quit",
        "q",
        "quit",
        "end the run and the session's work, leave; again: at once",
        "cockpit",
        footer=10,
    ),
)
BY_ID = {key.id: key for key in KEYS}

DIALOG: list[BindingType] = [
    Binding("escape,q", "close", "close", key_display="Esc", id="dialog-close"),
]
"""Closes every dialog; `q` because a terminal multiplexer delays Escape."""


def bindings() -> list[BindingType]:
    """Return the bindings of the main screen."""
    return [key.binding() for key in KEYS]


def unknown_ids(keymap: Mapping[str, str]) -> list[str]:
    """Return the ids of a remapping that no key has."""
    return [name for name in keymap if name not in BY_ID]
