"""A workspace without files or git, and a scribe of plain lessons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cockpit import events as ev
from cockpit.constraints import NO_BOUNDS, Bounds
from cockpit.digest import digest_of
from cockpit.errors import WorkspaceError
from cockpit.ports import Settlement
from cockpit.source.stage import describe, stage
from cockpit.trial import Candidate, Proposal, Rejected, Verdict

TRAIN = '''"""A script for the fakes: constants, and the shape of the contract."""
import prepare

DEPTH = 2        # blocks
LR = 3e-4        # peak
WARMDOWN = 0.0   # share of the budget
BATCH = 8        # sequences
QK_NORM = False


def build_model():
    return None


if __name__ == "__main__":
    prepare.seed()
    prepare.time_left()
    prepare.submit(build_model())
'''


class MemoryWorkspace:
    """A workspace without files or git; it obeys the same contract as the real one."""

    def __init__(self, text: str = TRAIN) -> None:
        self.tree = self.branch = text
        self.tags: list[str] = []
        self.keeps: dict[str, list[tuple[int, str]]] = {}
        self._archive: dict[tuple[str, int], str] = {}
        self._lessons = ""

    @property
    def _tag(self) -> str:
        return self.tags[-1]

    def train(self) -> str:
        """Return the file as the tree shows it."""
        return self.tree

    def free_tag(self, today: date) -> str:
        """Return the first free tag of the day."""
        name = today.strftime("%b%d").lower()
        count = sum(tag == name or tag.startswith(f"{name}-") for tag in self.keeps)
        return name if not count else f"{name}-{count + 1}"

    def open_session(self, tag: str, text: str) -> tuple[str, str, str]:
        """Begin a session."""
        self.tags.append(tag)
        self.branch = text
        self.keeps[tag] = [(0, digest_of(text))]
        return f"autoresearch/{tag}", "0" * 40, digest_of(text)

    def resume_session(self, tag: str) -> None:
        """Go on with a session."""
        self.tags.append(tag)

    def baseline(self, text: str) -> Candidate | Rejected:
        """Return the unedited file as a candidate."""
        return describe(text)

    def hand_edit(self) -> str | None:
        """Return None: nobody edits a tree in memory."""
        return None

    def stage(
        self, proposal: Proposal, base: str, bounds: Bounds = NO_BOUNDS
    ) -> Candidate | Rejected:
        """Stage as the real workspace does."""
        return stage(proposal, base, bounds)

    def archive(self, trial: int, candidate: Candidate, message: str) -> str:
        """Remember the candidate."""
        self._archive[(self._tag, trial)] = candidate.text
        return digest_of(f"{self._tag}/{trial}/{candidate.text}/{message}")[:40]

    def text_of(self, trial: int) -> str:
        """Return an archived file."""
        text = self._archive.get((self._tag, trial))
        if text is None:
            raise WorkspaceError(
                f"trial {trial} has no archived file", "choose one that was staged"
            )
        return text

    def settle(self, trial: int, verdict: Verdict, message: str) -> Settlement:
        """Keep or do nothing; twice is once."""
        if not verdict.kept:
            return Settlement(tree="sandbox/train.py unchanged")
        kept = dict(self.keeps[self._tag])
        if trial not in kept:
            self.keeps[self._tag].append((trial, digest_of(message)))
            self.branch = self.text_of(trial)
        self.tree = self.branch
        return Settlement(
            commit=digest_of(f"{self._tag}/{trial}")[:40], tree="sandbox/train.py shows it"
        )

    def revert(self, trial: int, message: str) -> Settlement:
        """Show a kept file again; twice is once."""
        self.tree = self.branch = self.text_of(trial)
        return Settlement(commit=digest_of(message)[:40], tree="sandbox/train.py shows it")

    def program(self) -> str:
        """Return a strategy of one line."""
        return "# Strategy\nLowest val_bpb in five minutes.\n"

    def learnings(self) -> str:
        """Return what was written last."""
        return self._lessons

    def write_learnings(self, text: str) -> None:
        """Remember the rendering."""
        self._lessons = text


class PlainScribe:
    """Files each verdict's reason as its lesson; nobody strikes."""

    def lesson(
        self, trial: int, summary: str, hypothesis: str, verdict: Verdict
    ) -> ev.LessonLearned:
        """Return the lesson."""
        section = {"keep": "wins", "simpler": "wins", "crash": "crashes", "discard": "dead ends"}
        return ev.LessonLearned(
            trial=trial,
            section=section[verdict.word],  # type: ignore[arg-type]  # the literals of the dict
            text=f"{summary}: {verdict.reason}",
        )

    def refined(self, lesson: ev.LessonLearned, proposal: Proposal) -> ev.LessonLearned | None:
        """Return the lesson with the proposal's own, if it has one."""
        if not proposal.lesson:
            return None
        said, tags, model = proposal.lesson, proposal.tags, proposal.model
        return replace(lesson, said=said, tags=tags, model=model)

    def struck(
        self, learnt: tuple[ev.LessonLearned, ...], text: str
    ) -> tuple[ev.LessonStruck, ...]:
        """Return nothing."""
        return ()

    def for_agent(self, text: str, budget_tokens: int) -> str:
        """Return the text as it is."""
        return text
