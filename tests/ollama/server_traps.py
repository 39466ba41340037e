"""What servers do: they cut, refuse, break off, fall silent, hold on to memory or let it go."""

from __future__ import annotations

from tests.ollama import scripted
from tests.ollama.fixtures import TRAIN
from tests.ollama.minds import blocks
from tests.ollama.night import Terms
from tests.ollama.scripted import MODEL, Scripted, Trap, says
from tests.ollama.traps import GOOD, NOTICED, ONE, PASSED_ON, REPAIRED, Row
from tests.ollama.web import Answer, Lines

OLD = "json: cannot unmarshal object into Go struct field ChatRequest.format of type string"


def forgets(then: Trap) -> Trap:
    """Lose the model from memory before answering: its keep-alive is over."""

    def trap(server: Scripted) -> Answer | Lines:
        answer = then(server)
        server.expire()
        return answer

    return trap


def restarts(window: int, then: Trap) -> Trap:
    """Answer from a server that was started anew, with another default window."""

    def trap(server: Scripted) -> Answer | Lines:
        server.restart(window)
        return then(server)

    return trap


SERVERS = (
    Row(
        name="silent truncation",
        issue="silent truncation",
        does=(says(blocks(("BATCH = 8", "BATCH = 9")), counted=1100), GOOD),
        server={"window": 2048},
        terms=Terms(text=TRAIN.read_text("utf-8")),
        sees="the model server cut the prompt without a word: it read 1100 of about",
        shown="refusal",
        ledger=["Asked", "ProposalRejected", *NOTICED],
    ),
    Row(
        name="400 on context",
        issue="400 on context",
        does=(
            scripted.fails(400, "the prompt is longer than the context length currently available"),
            GOOD,
        ),
        sees=f"the prompt is longer than the window {MODEL} has (400: the prompt is longer",
        shown="refusal",
        ledger=REPAIRED,
    ),
    Row(
        name="changed default context",
        issue="changed default context",
        does=(GOOD, restarts(2048, GOOD)),
        sees=f"the server gives {MODEL} 2048 of 4096 tokens",
        shown="notice",
        ledger=NOTICED,
        at=2,
    ),
    Row(
        name="mid-stream error line",
        issue="mid-stream error line (status -1)",
        does=(scripted.breaks_off("CUDA error: out of memory"), GOOD),
        sees="the model server broke off in mid-reply (CUDA error: out of memory); choose a "
        "smaller model or free memory on the device (asked again after ",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="mid-stream error that is a dict",
        issue="mid-stream error line (dict error)",
        does=(scripted.breaks_off({"code": 500, "message": "slot unavailable"}), GOOD),
        sees="the model server at URL broke off in mid-reply with an error in a form that is not",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="slow first token",
        issue="slow first token",
        does=(scripted.is_slow(GOOD, seconds=100.0), GOOD),
        sees="",
        shown="nothing",
        ledger=ONE,
    ),
    Row(
        name="no first token",
        issue="slow first token",
        does=(scripted.is_silent(), GOOD),
        sees="the model server at URL said nothing for 120 s; see `ollama ps` and its log, or "
        "raise [agent] silence (asked again after ",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="silence in mid-reply",
        does=(scripted.is_silent(after="Hypothesis: "), GOOD),
        sees="the model server at URL said nothing for 60 s; ",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="disconnect",
        issue="disconnect",
        does=(scripted.hangs_up(), GOOD),
        sees="the model server at URL hung up before its reply was whole; see its log whether",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="stream without its last line",
        issue="disconnect",
        does=(scripted.ends_early(), GOOD),
        sees="the model server at URL hung up before its reply was whole; see its log whether",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="404",
        issue="404",
        does=(scripted.fails(404, f"model '{MODEL}' not found"), GOOD),
        sees=f"the model {MODEL} is not installed; get it with `ollama pull {MODEL}` (asked again",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="503",
        issue="503",
        does=(scripted.fails(503, "server busy, please try again"), GOOD),
        sees="the model server is too busy (503: server busy, please try again); it is asked again",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="500",
        does=(scripted.fails(500, "llama runner process has terminated"), GOOD),
        sees=f"the model server refused {MODEL} (500: llama runner process has terminated); see",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="error body that is a nested object",
        does=(scripted.fails(502, {"message": "bad gateway"}), GOOD),
        sees=f"the model server refused {MODEL} (502: bad gateway); see its log or choose",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="a server before structured output",
        does=(scripted.fails(400, OLD), GOOD),
        server={"parameters": "1.5B"},
        sees=f"the model server is too old to hold a reply to a schema (400: {OLD}); update Ollama",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="a server that is not Ollama",
        does=(scripted.speaks_html(), GOOD),
        sees="what answers at URL does not speak Ollama's protocol (AttributeError: ",
        shown="notice",
        ledger=PASSED_ON,
        by="sweep",
    ),
    Row(
        name="unload lag",
        issue="unload lag in /api/ps",
        does=(GOOD,),
        server={"unload_lag": 3},
        terms=Terms(unload=True),
        sees="",
        shown="nothing",
        ledger=ONE,
    ),
    Row(
        name="unload that never comes",
        issue="unload lag in /api/ps",
        does=(GOOD,),
        server={"unload_lag": 10_000},
        terms=Terms(unload=True, experiments=2),
        sees=f"the run went on all the same: {MODEL} is still in memory 10 s after it was ",
        shown="notice",
        ledger=ONE,
    ),
    Row(
        name="keep-alive expiry",
        issue="keep-alive expiry",
        does=(forgets(GOOD),),
        terms=Terms(unload=True),
        sees="",
        shown="nothing",
        ledger=ONE,
    ),
    Row(
        name="a model partly on the CPU",
        does=(GOOD,),
        server={"vram": 0.6},
        sees=f"40 % of {MODEL} is on the CPU, which makes it slow",
        shown="notice",
        ledger=NOTICED,
    ),
    Row(
        name="skip before the first token",
        does=(scripted.is_skipped(scripted.is_silent(seconds=0.0)), GOOD),
        sees="skipped by the human",
        shown="abandoned",
        ledger=["Asked", "AgentDeclined", "TrialAbandoned"],
    ),
)
