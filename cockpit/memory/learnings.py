"""learnings.md: what past trials taught, rendered from the ledger; the human strikes lines.

The file is a view: missing or older, it is rendered again. Only tildes strike a line, and lines
that the human added stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from cockpit.events import (
    Entry,
    LessonLearned,
    LessonStruck,
    Sample,
    SessionResumed,
    SessionStarted,
)
from cockpit.memory.lines import SAID, SECTIONS, Line, condense, one_line, parse
from cockpit.trial import Proposal, Verdict

Strike = tuple[int, str]
"""The trial and the words of a struck lesson; the number alone would not tell sessions apart."""

_HEAD = """# Learnings

The cockpit writes this file from its ledger after every trial. To strike a line that is wrong, \
put it between tildes: `~~line~~`.
"""
_WHAT, _WHY, _REASON = 100, 90, 200
_SAID, _TAG, _TAGS = 220, 24, 3
_CHARS_PER_TOKEN = 3
"""Fewer than in prose: lessons are mostly names and numbers, which split into many tokens."""
_CONDENSED = ((200, 30), (120, 20), (120, 10), (90, 5), (90, 2), (60, 1), (60, 0))
"""Ever shorter views of a section: characters a line, and how many of the latest are shown."""


def lesson_of(verdict: Verdict, summary: str, hypothesis: str, trial: int) -> LessonLearned:
    """Return the one line that a verdict teaches: what was tried, why, and how it ended."""
    what, why = one_line(summary, _WHAT), one_line(hypothesis, _WHY)
    # Many hypotheses begin with the change itself; once is enough.
    both = f"{what} ({why})" if what and why and not why.startswith(what) else why or what
    tried = both or "no candidate"
    text = f"{tried}: {one_line(verdict.reason, _REASON)}"
    if verdict.kept:
        return LessonLearned(trial=trial, section="wins", text=text)
    if verdict.word == "crash":
        return LessonLearned(trial=trial, section="crashes", text=text)
    return LessonLearned(trial=trial, section="dead ends", text=text)


def render(
    lessons: Iterable[LessonLearned],
    struck: Collection[Strike] = (),
    *,
    earlier: Iterable[tuple[str, LessonLearned]] = (),
    own: Iterable[Line] = (),
) -> str:
    """Return the text of learnings.md; struck lines stay in it, struck.

    Args:
        lessons: of this session, oldest first.
        struck: the lessons that the human struck.
        earlier: lessons of other sessions with their tags; hints, listed before this session's.
        own: lines that the human added.
    """
    lines = list(own)
    near: dict[int, list[Strike]] = {}
    for strike in struck:
        near.setdefault(strike[0], []).append(strike)
    for tag, lesson in (*earlier, *(("", lesson) for lesson in lessons)):
        lines.append(
            Line(
                section=lesson.section,
                text=words_of(lesson),
                trial=lesson.trial,
                tag=tag,
                struck=any(means(strike, lesson) for strike in near.get(lesson.trial, ())),
            )
        )
    parts = [_HEAD]
    for section in SECTIONS:
        found = [str(line) for line in lines if line.section == section]
        parts.append("\n".join([f"## {section.capitalize()}", "", *found, *[""][: len(found)]]))
    return "\n".join(parts)


def words_of(lesson: LessonLearned) -> str:
    """Return a lesson as one line: the cockpit's words with the numbers, then the model's."""
    if not lesson.said:
        return lesson.text
    tags = f" [{', '.join(lesson.tags)}]" if lesson.tags else ""
    return f"{lesson.text}{SAID}{lesson.model or 'the agent'}: {lesson.said}{tags}"


def means(strike: Strike, lesson: LessonLearned) -> bool:
    """Say whether a strike is of this lesson, before or after a model said something of it."""
    trial, text = strike
    return trial == lesson.trial and (text + SAID).startswith(lesson.text + SAID)


def read_strikes(text: str) -> frozenset[Strike]:
    """Return the lessons struck in the text; what is merely missing from it is not struck."""
    return frozenset(
        (line.trial, line.text) for line in parse(text) if line.struck and line.trial is not None
    )


def for_agent(text: str, budget_tokens: int) -> str:
    """Return learnings.md as an agent reads it: struck lines out, condensed to a budget.

    The latest lines stay whole longest. A trial's number is never lost, even if that exceeds the
    budget: without its number an idea would be tried again.

    Args:
        text: of learnings.md.
        budget_tokens: an estimate at three characters a token, on the safe side.
    """
    lines = [line for line in parse(text) if not line.struck]
    shown = _view(lines, None)
    for shape in _CONDENSED:
        if len(shown) <= budget_tokens * _CHARS_PER_TOKEN:
            break
        shown = _view(lines, shape)
    return shown


def _view(lines: list[Line], shape: tuple[int, int] | None) -> str:
    parts = []
    for section in SECTIONS:
        found = [line for line in lines if line.section == section]
        if found:
            body = [str(line) for line in found] if shape is None else condense(found, *shape)
            parts.append("\n".join([f"## {section.capitalize()}", *body]))
    return "\n\n".join(parts)


class Lessons:
    """Plays the scribe: writes the lesson of a verdict and reads the human's strikes."""

    def lesson(self, trial: int, summary: str, hypothesis: str, verdict: Verdict) -> LessonLearned:
        """Return the lesson of a verdict."""
        return lesson_of(verdict, summary, hypothesis, trial)

    def refined(self, lesson: LessonLearned, proposal: Proposal) -> LessonLearned | None:
        """Return a lesson with what the maker of a later proposal says of it; None: nothing."""
        said = one_line(proposal.lesson, _SAID)
        if not said or said == lesson.text:
            return None
        tags = tuple(filter(None, (one_line(tag, _TAG) for tag in proposal.tags[:_TAGS])))
        return replace(lesson, said=said, tags=tags, model=one_line(proposal.model, _WHAT))

    def struck(self, learnt: tuple[LessonLearned, ...], text: str) -> tuple[LessonStruck, ...]:
        """Return the lessons that the human struck in the text of learnings.md."""
        strikes = read_strikes(text)
        return tuple(
            LessonStruck(trial=lesson.trial, text=lesson.text)
            for lesson in learnt
            if any(means(strike, lesson) for strike in strikes)
        )

    def for_agent(self, text: str, budget_tokens: int) -> str:
        """Return learnings.md as an agent reads it."""
        return for_agent(text, budget_tokens)


class LearningsFile:
    """Listener that keeps learnings.md a rendering of the ledger.

    Args:
        entries: what the journal already holds, of all sessions.
        write: puts the text in the tree, whole or not at all.
        read: returns the text in the tree, empty when there is none.
    """

    def __init__(
        self, entries: Iterable[Entry], write: Callable[[str], None], read: Callable[[], str]
    ) -> None:
        self._write, self._read = write, read
        self._lessons: list[tuple[str, LessonLearned]] = []
        self._struck: set[Strike] = set()
        for entry in entries:
            self._fold(entry)

    def __call__(self, item: Entry | Sample) -> None:
        """Fold an entry; render the file again when a lesson, a strike or a session came."""
        if isinstance(item, Entry) and self._fold(item):
            text = self._read()
            # The human may strike between a verdict and the engine's next look: not undone here.
            struck = self._struck | read_strikes(text)
            rendered = render(
                (lesson for tag, lesson in self._lessons if tag == item.session),
                struck,
                earlier=[pair for pair in self._lessons if pair[0] != item.session],
                own=(line for line in parse(text) if line.trial is None),
            )
            if rendered != text:
                self._write(rendered)

    def _file(self, tag: str, lesson: LessonLearned) -> None:
        """Add a lesson; what a model said of one that is there takes its place."""
        known = range(len(self._lessons) - 1, -1, -1) if lesson.said else ()
        for at in known:
            where, old = self._lessons[at]
            if (where, old.trial) == (tag, lesson.trial):
                self._lessons[at] = (tag, lesson)
                return
        self._lessons.append((tag, lesson))

    def _fold(self, entry: Entry) -> bool:
        match entry.event:
            case LessonLearned():
                self._file(entry.session, entry.event)
            case LessonStruck(trial=trial, text=text):
                self._struck.add((trial, text))
            case SessionStarted() | SessionResumed():
                pass
            case _:
                return False
        return True
