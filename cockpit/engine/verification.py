"""What is known of a verification: a fold of its events, and what is to be run next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cockpit import events as ev
from cockpit.metric import Direction, Metric
from cockpit.trial import Completed, RunResult, Stopped

GIVEN_UP = 2
"""Failures of a file that never came through, after which it is not run again."""


@dataclass(slots=True)
class Verification:
    """One verification; `results` holds its runs by file and pair, `said` the word on each keep."""

    plan: ev.VerifyStarted
    results: dict[tuple[str, int], RunResult] = field(default_factory=dict)
    said: dict[str, ev.KeepVerified] = field(default_factory=dict)
    at: float = 0.0

    @property
    def metric(self) -> Metric:
        """What is measured."""
        return Metric(name=self.plan.fingerprint.metric, direction=Direction(self.plan.direction))

    @property
    def values(self) -> dict[str, dict[int, float]]:
        """The value of each file in each pair, where it came through."""
        found: dict[str, dict[int, float]] = {file.digest: {} for file in self.plan.files}
        for (digest, pair), result in self.results.items():
            value = result.value(self.metric.name) if isinstance(result, Completed) else None
            if value is not None:
                found[digest][pair] = value
        return found

    @property
    def told(self) -> bool:
        """Say whether a word is known of each keep; they are said after the last run."""
        return all(keep.label in self.said for keep in self.plan.keeps)

    def waiting(self) -> list[tuple[ev.VerifyFile, int]]:
        """Return what is still to be run, in order: pair after pair, there and back again."""
        order: list[tuple[ev.VerifyFile, int]] = []
        for pair in range(1, self.plan.pairs + 1):
            files = self.plan.files if pair % 2 else tuple(reversed(self.plan.files))
            order += [(file, pair) for file in files]
        return [
            (file, pair)
            for file, pair in order
            if (file.digest, pair) not in self.results and not self.given_up(file.digest)
        ]

    def given_up(self, digest: str) -> str:
        """Return why a file is not run again, or nothing."""
        own = [result for (each, _), result in self.results.items() if each == digest]
        failed = [result for result in own if not isinstance(result, Completed)]
        if len(failed) < GIVEN_UP or len(failed) < len(own):
            return ""
        return failed[-1].reason

    def apply(self, entry: ev.Entry) -> None:
        """Advance by one entry of this verification."""
        self.at = entry.at
        match entry.event:
            case ev.VerifyStarted():
                self.plan = entry.event
            case ev.VerifyRan(digest=digest, pair=pair, result=result):
                if not isinstance(result, Stopped):
                    self.results[digest, pair] = result
                    self.said.clear()
            case ev.KeepVerified(keep=keep):
                self.said[keep.label] = entry.event
            case _:
                pass


@dataclass(slots=True)
class Verifications:
    """All verifications of a journal, by name, oldest first."""

    known: dict[str, Verification] = field(default_factory=dict)

    def apply(self, entry: ev.Entry) -> bool:
        """Advance by one entry; say whether it was one of a verification."""
        event = entry.event
        if not isinstance(event, ev.VerifyStarted | ev.VerifyRan | ev.KeepVerified):
            return False
        if isinstance(event, ev.VerifyStarted):
            self.known.setdefault(event.verify, Verification(plan=event))
        self.known[event.verify].apply(entry)
        return True

    @property
    def words(self) -> dict[str, ev.KeepVerified]:
        """The newest word on each kept file, by its digest."""
        oldest_first = sorted(self.known.values(), key=lambda found: found.at)
        return {said.keep.new: said for found in oldest_first for said in found.said.values()}

    def alike(self, plan: ev.VerifyStarted) -> Verification | None:
        """Return the newest verification of the same files and keeps, or None."""
        like = (
            found
            for found in self.known.values()
            if (found.plan.files, found.plan.keeps) == (plan.files, plan.keeps)
            and found.plan.fingerprint.budget == plan.fingerprint.budget
        )
        return max(like, key=lambda found: found.at, default=None)


def pair_seed(verify: str, pair: int) -> int:
    """Return the seed that all files of a pair get: no run of a session ever had it."""
    digest = hashlib.sha256(f"verify/{verify}/{pair}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
