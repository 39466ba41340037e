"""Where the cockpit is killed: a table of events, and how each of them is brought about."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from dataclasses import dataclass

from cockpit.cli.journal import history
from tests.e2e.cabin import SMALL, SWEEP, Cabin, Line, until
from tests.e2e.terminal import screen

RUN = ("run", *SWEEP, *SMALL, "--experiments", "1")
LOOK = (*RUN, "--experiments", "0")
VERIFY = ("verify", "--pairs", "2", "--yes", "--json")
FOREIGN = "what\tsomebody\telse\tmeasured\n"
BROKEN = ("broken", "a slip")
IDLE = ("idle", "learn nothing")
STILL = ("still", "learn next to nothing")
LAST_WORDS = ("SessionEnded", "RequestAcknowledged", "KeepVerified")
"""After these a cockpit may be gone by itself before it is killed."""
AUDITED = "page through their diffs"
"""Words of the audit alone, once it knows the keeps."""
LAST_ROW, RIGHT, ENTER = "\x1b[F", "\x1b[C", "\r"


# --- what is done before a kill ------------------------------------------------------------------


def nothing(ship: Cabin) -> None:
    """Leave the workspace as the last kill left it."""


def file_of(name: str, ship: Cabin) -> str:
    """Write a human's train.py beside the workspace; return its path."""
    mine = ship.root.parent / f"{name}.py"
    rates = {"idle": "0.0", "still": "1e-9"}
    idle = re.sub(r"(?m)^((MUON_)?LR) = \S+", rf"\1 = {rates.get(name)}", ship.train)
    mine.write_text(idle if name in rates else ship.train + "\ndef broken(:\n")
    return str(mine)


def foreign_table(ship: Cabin) -> None:
    """Put somebody else's results.tsv where the cockpit writes its own."""
    (ship.root / "results.tsv").write_text(FOREIGN)


def strike(ship: Cabin) -> None:
    """Strike the first lesson that is there."""
    path = ship.root / "learnings.md"
    path.write_text(re.sub(r"(?m)^- ([^~].*)$", r"- ~~\1~~", path.read_text(), count=1))


# --- the kills -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kill:
    """A kill after an event, `kind` or `kind: role`, of a trial numbered `least` or more.

    `tries` is a human's own file; `keys` are pressed on the screen, each once it showed or the
    journal held the words before them; `sends` is a signal sent after the first run began.
    """

    after: str
    command: tuple[str, ...] = RUN
    least: int = 1
    first: Callable[[Cabin], None] = nothing
    tries: tuple[str, str] | None = None
    keys: tuple[tuple[str, str], ...] = ()
    sends: signal.Signals | None = None

    @property
    def kind(self) -> str:
        return self.after.partition(":")[0]

    def words(self, ship: Cabin) -> tuple[str, ...]:
        """Return the command, with the human's file where there is one."""
        if self.tries is None:
            return self.command
        name, why = self.tries
        return ("try", file_of(name, ship), "-m", why, *SMALL, "--json")


BASELINE = (
    Kill("SessionStarted", (*RUN, "--rehearsals", "1"), 0),
    Kill("RehearsalFinished", (*RUN, "--rehearsals", "1"), -1),
    Kill("PhaseEntered", (*RUN, "--rehearsals", "1"), 0),
    Kill("RunStarted", RUN, 0),
    Kill("RunFinished", RUN, 0),
    Kill("TrialJudged", RUN, 0),
)
EXPERIMENT = (
    Kill("TrialStarted"),
    Kill("Asked"),
    Kill("Proposed"),
    Kill("Staged"),
    Kill("RunStarted: dry run"),
    Kill("RunFinished: dry run"),
    Kill("RunStarted: scoring run"),
    Kill("TrialAbandoned", LOOK),
    Kill("TrialJudged", tries=IDLE),
)
REFUSED = (
    Kill("ProposalRejected", tries=BROKEN),
    Kill("AgentDeclined", tries=BROKEN),
    Kill("TrialSettled", tries=BROKEN),
    Kill("LessonLearned", tries=BROKEN),
)
"""Of a file that the gate turns back, which costs no run."""
LOOKING = (
    Kill("SessionResumed", LOOK),
    Kill("ListenerFailed", LOOK, first=foreign_table),
    Kill("IsolationMeasured", LOOK),
    Kill("Noticed", (*LOOK, "--agent", "ollama")),
    Kill("LessonStruck", first=strike),
    Kill("RequestAcknowledged", sends=signal.SIGTERM),
    Kill("BestRemeasured", (*LOOK, "--remeasure", "1")),
    Kill("SessionEnded", LOOK),
)
ATTENDED = (
    Kill("ReviewOpened", ()),
    Kill("Reviewed", (), keys=(("ReviewOpened", "y"),)),
    Kill("Steered", (), keys=(("ReviewOpened", "i"), ("A note to the agent", "rates first\r"))),
    Kill("KeepApproved", (), keys=(("ReviewOpened", "m"), (AUDITED, "y"))),
    Kill(
        "IncumbentReverted",
        (),
        keys=(
            ("ReviewOpened", f"5{LAST_ROW}r"),
            ("Revert to trial #0?", RIGHT + ENTER),
            ("RequestAcknowledged", "s"),
            ("Skip trial #", "y"),
        ),
    ),
    Kill(
        "KeepRefused",
        (),
        keys=(
            ("ReviewOpened", "m"),
            (AUDITED, "n"),
            ("Refuse keep #", f"luck{ENTER}"),
            ("RequestAcknowledged", "qs"),
            ("Skip trial #", "y"),
        ),
    ),
)
VERIFYING = (Kill("VerifyStarted", VERIFY), Kill("VerifyRan", VERIFY), Kill("KeepVerified", VERIFY))
"""Each goes on where the one before was killed."""
KILLS = (*BASELINE, *EXPERIMENT, *REFUSED, *LOOKING, *ATTENDED, *VERIFYING)


# --- killing --------------------------------------------------------------------------------------


def named(line: Line, name: str) -> bool:
    kind, _, role = name.partition(": ")
    return bool(line["event"] == kind and (not role or line["role"] == role))


def kill_after(cabin: Cabin, kill: Kill) -> list[Line]:
    """Run until the event; kill; return what was printed.

    A kill comes some milliseconds after what was printed, so that the next event may be there
    already. A phase is entered again later. Where the one before came so late that the baseline
    was judged, the last one in the baseline takes the first event of an experiment.
    """

    def ripe(line: Line) -> bool:
        trial = line.get("trial", kill.least)
        over = kill == BASELINE[-1] and trial > 0
        return (named(line, kill.after) and trial >= kill.least) or over

    with cabin.start(*kill.words(cabin)) as underway:
        if kill.sends is not None:
            underway.wait_for(lambda line: line["event"] == "RunStarted")
            underway.process.send_signal(kill.sends)
        underway.wait_for(ripe)
        code = underway.end(signal.SIGKILL)
        assert code == -signal.SIGKILL or kill.kind in LAST_WORDS, code
        return underway.events


def ear(cabin: Cabin) -> Callable[[str], bool]:
    """Return a function that says whether the journal got an event of a kind from here on."""
    last = len(cabin.journal) - 1

    def heard(kind: str) -> bool:
        return any(type(e.event).__name__ == kind for e in history(cabin.root, after=last))

    return heard


def kill_quiet_after(cabin: Cabin, kill: Kill) -> None:
    """Run what prints no events until the journal has the event; kill."""
    heard = ear(cabin)
    with cabin.start(*kill.command) as underway:
        assert until(lambda: heard(kill.kind))
        underway.process.kill()
        assert underway.process.wait() == -signal.SIGKILL or kill.kind in LAST_WORDS


def kill_screen_after(cabin: Cabin, kill: Kill) -> None:
    """Press the keys on the screen, wait for the event, kill."""
    heard = ear(cabin)

    with screen(cabin, COCKPIT_REVIEW_MODE="ask") as terminal:
        for sign, keys in kill.keys:
            seen = until(lambda sign=sign: heard(sign) or sign in terminal.text)  # type: ignore[misc]
            assert seen, terminal.text[-2000:]
            terminal.press(keys)
        assert until(lambda: heard(kill.after)), terminal.text[-2000:]
        terminal.process.kill()
        assert terminal.process.wait() == -signal.SIGKILL
