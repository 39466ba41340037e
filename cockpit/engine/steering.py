"""What the human told the agents, and what an agent asked: a fold, and the notices it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cockpit import events as ev
from cockpit.ports import PastTrial, plateau
from cockpit.trial import Proposal

if TYPE_CHECKING:
    from cockpit.engine.desk import Desk

RECENT = 5
"""Notes that an agent is told; what must last longer is pinned, or belongs into program.md."""


@dataclass(slots=True, kw_only=True)
class Steering:
    """The notes so far, the pinned one, and the question that nobody answered yet.

    `said` is all that the human said, refusals with their reasons included, as agents read it.
    """

    notes: list[ev.Steered] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    pinned: str = ""
    question: str = ""
    asker: str = ""
    _hypotheses: dict[int, str] = field(default_factory=dict)

    def apply(self, event: ev.Event) -> None:
        """Advance by one event; most are none of its business."""
        match event:
            case ev.Steered(pinned=True):
                self.pinned = event.text
            case ev.Steered():
                answer = f"you asked “{event.answers}”, the answer is: {event.text}"
                self.notes.append(event)
                self.said.append(answer if event.answers else event.text)
                self.question = "" if event.answers else self.question
            case ev.Proposed(proposal=proposal):
                self._hypotheses[event.trial] = proposal.hypothesis
                self._ask(proposal)
            case ev.Reviewed(decision="refused") if event.reason:
                idea = self._hypotheses.get(event.trial, f"#{event.trial}")
                self.said.append(f"I refused “{idea}”: {event.reason}")
            case ev.KeepRefused() if event.reason:
                self.said.append(f"I gave up #{event.trial} though it was kept: {event.reason}")
            case ev.TrialSettled() | ev.TrialAbandoned():
                self._hypotheses.pop(event.trial, None)
            case _:
                pass

    def _ask(self, proposal: Proposal) -> None:
        """Take a question, unless it was answered before."""
        if proposal.question and all(note.answers != proposal.question for note in self.notes):
            self.question = proposal.question
            self.asker = proposal.model or proposal.lane

    def told(self) -> tuple[str, ...]:
        """Return the latest that the human said."""
        return tuple(self.said[-RECENT:])


def file_lesson(lessons: list[ev.LessonLearned], lesson: ev.LessonLearned) -> None:
    """Add a lesson; what was said of one that is there takes its place."""
    if lesson.said:
        for at in range(len(lessons) - 1, -1, -1):
            if lessons[at].trial == lesson.trial:
                lessons[at] = lesson
                return
    lessons.append(lesson)


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
