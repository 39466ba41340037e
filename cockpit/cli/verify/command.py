"""`cockpit verify [N..M | BRANCH] [DIR]`: do the keeps hold, and how sure is that?"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from cockpit import events as ev
from cockpit.agents.human import HumanAgent
from cockpit.arena.telemetry import Gpus
from cockpit.cli.flags import settings_of
from cockpit.cli.here import SystemClock
from cockpit.cli.journal import history, open_journal, workspace_root
from cockpit.cli.surroundings import Surroundings
from cockpit.cli.verify.assess import assess
from cockpit.cli.verify.plan import as_measured, comparable, plan_of
from cockpit.cli.verify.subject import Subject, is_range, of_branch, of_session
from cockpit.config import Settings
from cockpit.engine.control import Control
from cockpit.engine.desk import Opening
from cockpit.engine.fold import Fold
from cockpit.engine.session import SetupWatch
from cockpit.engine.verification import Verification
from cockpit.engine.verify import Verifier
from cockpit.errors import CockpitError, UsageError
from cockpit.lock import WorkspaceLock
from cockpit.report.verify import estimate_text, ran_text, verify_facts, verify_markdown
from cockpit.setup import find_workspace

AROUND = 15.0
"""For the estimate: seconds around a run that was never made here."""


def verify(arguments: argparse.Namespace) -> int:
    """Say the cost, run what is left of it, print what it shows."""
    _which_is_which(arguments)
    root = workspace_root(arguments.dir)
    settings = settings_of(root, arguments)
    fold = Fold(history(root))
    subject = _subject(root, fold, arguments.what)
    known, plan = plan_of(subject, settings, fold, arguments)
    left = len(known.waiting())
    if left:
        each = subject.seconds or plan.fingerprint.budget + AROUND
        _ask(estimate_text(known, each), agreed=arguments.yes)
    if left or not known.told:  # The power may have gone after the last run.
        known = _work(root, settings, subject, plan)
    return _tell(known, arguments)


def _which_is_which(arguments: argparse.Namespace) -> None:
    """Take a lone argument that is a workspace for DIR, as every other command does."""
    if arguments.dir == "." and arguments.what and not is_range(arguments.what):
        given = Path(arguments.what)
        if given.is_dir() and find_workspace(given) is not None:
            arguments.dir, arguments.what = arguments.what, ""


def _subject(root: Path, fold: Fold, what: str) -> Subject:
    if not is_range(what):
        return of_branch(root, what, fold.board)
    from cockpit.workspace import GitWorkspace

    tag = fold.board.session_tag
    return of_session(fold.board, what, GitWorkspace(root, tag).text_of if tag else str)


def _ask(estimate: str, *, agreed: bool) -> None:
    """Say the cost; go on if told to, else ask.

    Raises:
        UsageError: nobody is there to be asked.
        CockpitError: the answer was no.
    """
    print(estimate, file=sys.stderr, flush=True)
    if agreed:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nobody is at a terminal here to agree to that", "say so with --yes")
    print("start? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CockpitError("nothing was run", "say y, or --yes")


def _work(root: Path, settings: Settings, subject: Subject, plan: ev.VerifyStarted) -> Verification:
    with WorkspaceLock(root), open_journal(root) as journal, _signals() as control:
        watch = SetupWatch(control, _say)
        opening = _open(root, as_measured(settings, subject.fingerprint), watch)
        plan = replace(plan, fingerprint=comparable(plan, opening.fingerprint, subject))
        opening.runner.recover()
        fold = Fold(journal.read())
        verifier = Verifier(
            ledger=journal,
            fold=fold,
            runner=opening.runner,
            clock=SystemClock(),
            watch=watch,
            texts=subject.texts,
            assess=assess,
            tell=lambda entry: _say_ran(fold, entry),
        )
        return verifier.verify(plan)


def _open(root: Path, settings: Settings, watch: SetupWatch) -> Opening:
    clock = SystemClock()
    surroundings = Surroundings(
        root=root,
        settings=settings,
        clock=clock,
        human=HumanAgent(),
        session=lambda: ev.VERIFY,
        gpus=Gpus(clock),
        humans_only=True,
    )
    return surroundings(watch)


@contextmanager
def _signals() -> Iterator[Control]:
    """Let the first signal end the run in hand, orderly."""
    control = Control()

    def end(number: int, _: FrameType | None) -> None:
        control.stop(f"ended by {signal.Signals(number).name}")

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield control
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(sample: ev.Sample) -> None:
    if isinstance(sample, ev.Progress) and sample.text:
        print(sample.text, file=sys.stderr, flush=True)


def _say_ran(fold: Fold, entry: ev.Entry) -> None:
    if isinstance(entry.event, ev.VerifyRan):
        known = fold.verifications.known[entry.event.verify]
        print(ran_text(known, entry.event), file=sys.stderr, flush=True)


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise CockpitError(
            f"{path} cannot be written ({error.strerror}); the runs are in the ledger",
            "give the command another file",
        ) from error


def _tell(known: Verification, arguments: argparse.Namespace) -> int:
    """Print what is known; return 1 when it was ended before its end."""
    if known.waiting():
        left = len(known.waiting())
        again = " (without --again)" if arguments.again else ""
        words = f"ended with {left} runs to go; the same command{again} goes on there"
        print(words, file=sys.stderr)
        return 1
    page = verify_markdown(known)
    if arguments.json:
        print(json.dumps(verify_facts(known)))
    elif arguments.markdown:
        _write(Path(arguments.markdown), page)
        print(f"written to {arguments.markdown}", file=sys.stderr)
    else:
        print(page, end="")
    return 0
