"""What models do: ramble, think, misquote, repeat themselves, reach for what is not theirs."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.ports import RunOrder
from cockpit.trial import Crashed, RunResult, Usage
from tests.ollama import scripted
from tests.ollama.minds import blocks
from tests.ollama.night import Terms
from tests.ollama.scripted import MODEL, Scripted, Trap, fills, says
from tests.ollama.traps import GOOD, NOTICED, ONE, PASSED_ON, REPAIRED, TURNED_BACK, Row
from tests.ollama.web import Answer, Lines

BATCH = "BATCH = 8        # sequences"
JSON = '{"name": "NAME", "value": VALUE, "hypothesis": "why not"}'
THINKS = {"capabilities": ("completion", "thinking")}
SMALL = {"parameters": "1.5B"}


def again(number: int) -> Trap:
    """Say what was said in answer to the request of that number."""

    def trap(server: Scripted) -> Answer | Lines:
        text = blocks((BATCH, BATCH.replace("8", str(63 + number))))
        return says(text)(server)

    return trap


def dies(marker: str, reason: str) -> Callable[[RunOrder], RunResult | None]:
    """Let each dry run of a file that holds `marker` crash."""

    def outcome(order: RunOrder) -> RunResult | None:
        if order.role == "dry run" and marker in order.text:
            return Crashed(reason=reason, usage=Usage(), log_tail=f"Traceback ...\n{reason}")
        return None

    return outcome


MODELS = (
    Row(
        name="JSON cut by length",
        issue="JSON cut by `length`",
        does=(says('{"name": "LR", "va', reason="length"), GOOD),
        server=SMALL,
        sees="the reply was cut off after 4 tokens, before its end",
        shown="refusal",
        ledger=REPAIRED,
    ),
    Row(
        name="thinking parts",
        issue="thinking parts",
        does=(says(blocks((BATCH, BATCH.replace("8", "64"))), thinking="Let me see."), GOOD),
        server=THINKS,
        sees="Let me see.",
        shown="thinking",
        ledger=ONE,
    ),
    Row(
        name="thinking in the reply",
        issue="thinking parts",
        does=(
            says(f"<think>DEPTH? No.</think>{blocks((BATCH, BATCH.replace('8', '64')))}"),
            GOOD,
        ),
        sees="Try this.",
        shown="hypothesis",
        ledger=ONE,
    ),
    Row(
        name="thinking without an end",
        issue="thinking parts",
        does=(says("", thinking="Hm. " * 1100), GOOD),
        server=THINKS,
        sees=f"{MODEL} used up its reply with thinking, and came to no proposal",
        shown="refusal",
        ledger=["Asked", "ProposalRejected", *NOTICED],
    ),
    Row(
        name="thinking that was not asked for",
        issue="thinking parts",
        does=(says("<think>Hm. Hm.", reason="length"), GOOD),
        sees=f"{MODEL} thinks though it is not asked to, and is given room",
        shown="notice",
        ledger=["Asked", "ProposalRejected", *NOTICED],
    ),
    Row(
        name="a capability that is none",
        does=(scripted.fails(400, f'"{MODEL}" does not support thinking'), GOOD),
        server=THINKS,
        sees=f'{MODEL} cannot think, whatever the server lists (400: "{MODEL}" does not support',
        shown="refusal",
        ledger=REPAIRED,
    ),
    Row(
        name="fenced JSON",
        issue="fenced JSON",
        does=(fills(f"Sure:\n```json\n{JSON}\n```"), GOOD),
        server=SMALL,
        sees="why not",
        shown="hypothesis",
        ledger=ONE,
    ),
    Row(
        name="prose instead of JSON",
        issue="prose instead of JSON",
        does=(says("I would raise the learning rate."), GOOD),
        server=SMALL,
        sees="the reply holds no JSON object (it begins “I would raise the learning rate.”)",
        shown="refusal",
        ledger=REPAIRED,
    ),
    Row(
        name="empty reply",
        does=(says(""), GOOD),
        sees="the reply holds no search/replace block (it is empty)",
        shown="refusal",
        ledger=REPAIRED,
    ),
    Row(
        name="white space without end",
        does=(says("\n" * 1000, reason="length"), GOOD),
        server=SMALL,
        sees="the reply was cut off after 250 tokens, before its end",
        shown="refusal",
        ledger=REPAIRED,
    ),
    Row(
        name="edit that matches twice",
        issue="edit that matches twice",
        does=(says(blocks(("    prepare.", "    pass"))), GOOD),
        sees="the search text of block 1 of 1 matches 3 places",
        shown="refusal",
        ledger=TURNED_BACK,
    ),
    Row(
        name="edit of a protected name",
        issue="edit of a protected name",
        does=(says(blocks((BATCH, f"{BATCH}\nprepare.time_left = lambda: 9e9"))), GOOD),
        sees="line 8 changes prepare.time_left, which is refused: prepare.py is locked",
        shown="refusal",
        ledger=TURNED_BACK,
    ),
    Row(
        name="no-op",
        issue="no-op",
        does=(says(blocks((BATCH, "BATCH = 8  # windows"))), GOOD),
        sees="the edit changes nothing that runs",
        shown="refusal",
        ledger=TURNED_BACK,
    ),
    Row(
        name="repeat of trial 3",
        issue="repeat of trial 3",
        does=(GOOD, GOOD, GOOD, again(3), GOOD),
        terms=Terms(experiments=5),
        sees="repeats #3 (BATCH 8 -> 66): it ended as discard",
        shown="refusal",
        ledger=TURNED_BACK,
        at=4,
    ),
    Row(
        name="parroted value out of range",
        does=(
            fills('{"name": "NAME", "value": 1e9, "hypothesis": "as before"}'),
            GOOD,
        ),
        server=SMALL,
        sees="",
        shown="refusal",
        ledger=REPAIRED,
    ),
    Row(
        name="unicode and CRLF",
        issue="unicode and CRLF",
        does=(
            says(
                blocks(
                    (BATCH, "BATCH = 64  # größere Häppchen: β₂ → ½ 🎵"),
                    hypothesis="größere Häppchen glätten ∇.",
                ).replace("\n", "\r\n")
            ),
            GOOD,
        ),
        sees="größere Häppchen glätten ∇.",
        shown="hypothesis",
        ledger=ONE,
    ),
    Row(
        name="control codes in a reply",
        does=(
            says(
                blocks((BATCH, BATCH.replace("8", "64")), hypothesis="red \x1b[31m\x1b]0;x\x07 ink")
            ),
            GOOD,
        ),
        sees="red ",
        shown="hypothesis",
        ledger=ONE,
    ),
    Row(
        name="200 kB reply",
        issue="200 kB reply",
        does=(says("and so on, " * 20_000, size=4000), GOOD),
        sees="the reply was cut off after 68,000 characters, before its end",
        shown="refusal",
        ledger=REPAIRED,
    ),
    Row(
        name="endless stream",
        issue="endless stream",
        does=(scripted.rambles(), GOOD),
        sees=f"{MODEL} took more than 300 s over one proposal; choose a smaller model, or",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="edit that dies in the dry run",
        does=(says(blocks((BATCH, f"{BATCH}\nX = undefined"))), GOOD),
        terms=Terms(outcome=dies("X = undefined", "NameError: name 'undefined' is not defined")),
        sees="did not survive the dry run: NameError: name 'undefined' is not defined",
        shown="refusal",
        ledger=[*ONE, "RunStarted", "RunFinished", "ProposalRejected", *ONE],
    ),
    Row(
        name="edit that does not compile",
        does=(says(blocks((BATCH, "BATCH = = 64"))), GOOD),
        sees="train.py does not compile: invalid syntax at line 7, `BATCH = = 64`",
        shown="refusal",
        ledger=TURNED_BACK,
    ),
    Row(
        name="four useless replies in a row",
        does=(*[says("Prose.")] * 4, GOOD),
        server={"parameters": "3.1B"},
        sees="the reply holds no JSON object (it begins “Prose.”)",
        shown="refusal",
        ledger=[*["Asked", "ProposalRejected"] * 4, *ONE],
        by="sweep",
    ),
)
