"""Every key, once: bindings, footer, help and palette are all made from this table."""

from __future__ import annotations

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


KEYS: tuple[Key, ...] = (
    Key(
        id="pause",
        keys="p",
        show="p",
        action="pause",
        label="pause",
        help="rest after this trial; again: go on",
        group="session",
        changes=True,
        footer=2,
    ),
    Key(
        id="skip",
        keys="s",
        show="s",
        action="skip",
        label="skip",
        help="abandon the trial in hand, within a second",
        group="session",
        changes=True,
        footer=3,
    ),
    Key(
        id="revert",
        keys="r",
        show="r",
        action="revert",
        label="revert",
        help="make the selected kept trial the best again",
        group="session",
        changes=True,
        footer=4,
    ),
    Key(
        id="steer",
        keys="i",
        show="i",
        action="steer",
        label="steer",
        help="leave a note for the agent",
        group="session",
        changes=True,
        footer=5,
    ),
    Key(
        id="accept",
        keys="y",
        show="y",
        action="accept",
        label="accept",
        help="train the proposal in review",
        group="review",
        changes=True,
        footer=1,
    ),
    Key(
        id="refuse",
        keys="n",
        show="n",
        action="refuse",
        label="refuse",
        help="turn it down with a reason that the agent sees",
        group="review",
        changes=True,
        footer=1,
    ),
    Key(
        id="edit",
        keys="e",
        show="e",
        action="edit",
        label="edit",
        help="change the candidate in $EDITOR, then train it",
        group="review",
        changes=True,
        footer=1,
    ),
    Key(
        id="hold",
        keys="space",
        show="Space",
        action="hold",
        label="hold",
        help="stop the countdown of the review",
        group="review",
        changes=True,
        footer=1,
    ),
    Key(
        id="trust",
        keys="A",
        show="A",
        action="trust",
        label="trust",
        help="accept, and review no more proposals",
        group="review",
        changes=True,
        footer=1,
    ),
    *(
        Key(
            id=f"pane-{name}",
            keys=str(number),
            show=str(number),
            action=f"pane('{name}')",
            label=name,
            help=f"go to the pane {name}",
            group="look",
        )
        for number, name in enumerate(("plan", "diff", "gpu", "run", "ledger"), 1)
    ),
    Key(
        id="zoom",
        keys="z",
        show="z",
        action="zoom",
        label="zoom",
        help="give the pane the whole screen; again: give it back",
        group="look",
        footer=8,
    ),
    Key(
        id="open",
        keys="enter",
        show="Enter",
        action="open",
        label="open",
        help="open the selected trial: diff, runs, verdict, sample",
        group="ledger",
        footer=6,
    ),
    Key(
        id="follow",
        keys="escape",
        show="Esc",
        action="follow",
        label="follow",
        help="let diff and cursor follow the trial in hand",
        group="ledger",
    ),
    Key(
        id="filter",
        keys="slash",
        show="/",
        action="filter",
        label="filter",
        help="show only the trials that contain a text",
        group="ledger",
        footer=7,
    ),
    Key(
        id="sort",
        keys="o",
        show="o",
        action="sort",
        label="sort",
        help="order by time, by value, by sigma",
        group="ledger",
    ),
    Key(
        id="hunk-back",
        keys="left_square_bracket",
        show="[",
        action="hunk(-1)",
        label="hunk back",
        help="previous hunk of the diff",
        group="look",
    ),
    Key(
        id="hunk-on",
        keys="right_square_bracket",
        show="]",
        action="hunk(1)",
        label="hunk on",
        help="next hunk of the diff",
        group="look",
    ),
    Key(
        id="theme",
        keys="t",
        show="t",
        action="next_theme",
        label="theme",
        help="next theme",
        group="cockpit",
    ),
    Key(
        id="help",
        keys="question_mark",
        show="?",
        action="help",
        label="help",
        help="this page",
        group="cockpit",
        footer=9,
    ),
    Key(
        id="quit",
        keys="q",
        show="q",
        action="quit",
        label="quit",
        help="end the run and the session's work, leave; again: at once",
        group="cockpit",
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


def unknown_ids(keymap: dict[str, str]) -> list[str]:
    """Return the ids of a remapping that no key has."""
    return [name for name in keymap if name not in BY_ID]
