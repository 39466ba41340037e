"""What the human told the agents, and what an agent asked: a fold, and the notices it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cockpit import events as ev
from cockpit.ports import PastTrial, plateau

if TYPE_CHECKING:
    from cockpit.engine.desk import Desk

RECENT = 5
"""Notes that an agent is told; what must last longer is pinned, or belongs into program.md."""


@dataclass(slots=True, kw_only=True)
class Steering:
    """The notes so far, the pinned one, and the question that nobody answered yet."""

    notes: list[ev.Steered] = field(default_factory=list)
    pinned: str = ""
    question: str = ""
    asker: str = ""

    def apply(self, event: ev.Event) -> None:
        """Advance by one event; most are none of its business."""
        match event:
            case ev.Steered(pinned=True):
                self.pinned = event.text
            case ev.Steered():
                self.notes.append(event)
                self.question = "" if event.answers else self.question
            case ev.Proposed(proposal=proposal) if proposal.question:
                if all(note.answers != proposal.question for note in self.notes):
                    self.question = proposal.question
                    self.asker = proposal.model or proposal.lane
            case _:
                pass

    def told(self) -> tuple[str, ...]:
        """Return the latest notes as an agent reads them, each with the question it answers."""
        return tuple(
            f"you asked “{note.answers}”, the answer is: {note.text}" if note.answers else note.text
            for note in self.notes[-RECENT:]
        )


def announce(desk: Desk, history: tuple[PastTrial, ...]) -> None:
    """Tell the human of a plateau and of an open question; withdraw what is over."""
    since = ""
    if plateau(history):
        kept = [row.trial for row in history if row.comparable and row.word == "keep"]
        since = f"#{kept[-1]}" if kept and kept[-1] > 0 else "the baseline"
    dry = f"no keep since {since}: bolder edits, lanes even, the sweep looks further"
    desk.notice("info", "plateau", dry if since else "")
    asked = desk.board.steering
    question = f"{asked.asker} asks: {asked.question} (i answers)" if asked.question else ""
    desk.notice("warning", "question", question)
