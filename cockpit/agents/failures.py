"""What can go wrong between the cockpit and a model server, each as one sentence for the screen.

The client library raises its own error, the built-in ConnectionError, raw httpx errors and, on a
body that is not Ollama's, whatever its parser stumbles over. All of it ends here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

FailureKind = Literal["unavailable", "context", "thinking", "unusable", "halted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that brought no whole reply.

    `kind`: "unavailable" (server or model not there, back off), "context" (the prompt does not fit
    the window, shorten it), "thinking" (the model cannot, ask without), "unusable" (it answers, but
    not in time), "halted" (the human, a stop).
    """

    kind: FailureKind
    sentence: str


def explain(error: BaseException, url: str, model: str = "") -> Failure:
    """Turn whatever the client raised into one sentence with a remedy."""
    import httpx
    import ollama

    match error:
        case ollama.ResponseError():
            return _answered(error.status_code, words(error.error), model)
        case ConnectionError() | httpx.ConnectError() | httpx.ConnectTimeout():
            return absent(url)
        case httpx.TimeoutException():
            return unavailable(
                f"the model server at {url} accepts requests but does not answer; "
                "see its log and restart it"
            )
        case httpx.TransportError():
            return unavailable(
                f"the model server at {url} hung up before its reply was whole; "
                "see its log whether it crashed"
            )
        case TypeError():  # The client takes the error for text; what it says is lost.
            return unavailable(
                f"the model server at {url} broke off in mid-reply with an error in a form that is "
                "not Ollama's; see its log"
            )
        case _:
            return unavailable(
                f"what answers at {url} does not speak Ollama's protocol "
                f"({type(error).__name__}: {words(str(error))}); check OLLAMA_HOST"
            )


def absent(url: str) -> Failure:
    """Nobody listens."""
    return unavailable(
        f"no model server answers at {url}; start it with `ollama serve` or set OLLAMA_HOST"
    )


def silent(url: str, seconds: float, *, loading: bool = True) -> Failure:
    """The connection is open, and nothing comes; `loading`: a model may be on its way."""
    remedy = "see `ollama ps` and its log, or raise [agent] silence"
    return unavailable(
        f"the model server at {url} said nothing for {seconds:g} s; "
        f"{remedy if loading else 'see its log and restart it'}"
    )


def slow(model: str, seconds: float) -> Failure:
    """It speaks, but does not come to an end."""
    return Failure(
        kind="unusable",
        sentence=f"{model} took more than {seconds:g} s over one proposal; "
        "choose a smaller model, or one that comes to an end",
    )


def unavailable(sentence: str) -> Failure:
    """Name the commonest kind."""
    return Failure(kind="unavailable", sentence=sentence)


def words(error: object) -> str:
    """Return what a server said went wrong, as one short line; some send nested objects."""
    if isinstance(error, dict):
        error = error.get("message") or error.get("error") or json.dumps(error)
    line = " ".join(str(error).split()).strip(" .")
    return line if len(line) <= 160 else line[:159] + "…"


def _answered(status: int, said: str, model: str) -> Failure:
    """Explain an error that the server itself reported; -1 is a line in mid-stream."""
    match status:
        case 404:
            return unavailable(
                f"the model {model} is not installed; get it with `ollama pull {model}`"
            )
        case 400 if "context" in said.lower():
            return Failure(
                kind="context",
                sentence=f"the prompt is longer than the window {model} has (400: {said}); "
                "it is shortened for the next try",
            )
        case 400 if "thinking" in said.lower():
            return Failure(
                kind="thinking",
                sentence=f"{model} cannot think, whatever the server lists (400: {said}); "
                "it is asked again without",
            )
        case 400 if ".format of type" in said:
            return unavailable(
                f"the model server is too old to hold a reply to a schema (400: {said}); "
                "update Ollama to 0.5 or newer"
            )
        case 503:
            return unavailable(f"the model server is too busy (503: {said}); it is asked again")
        case -1:
            return unavailable(
                f"the model server broke off in mid-reply ({said}); "
                "choose a smaller model or free memory on the device"
            )
        case _:
            return unavailable(
                f"the model server refused {model} ({status}: {said}); "
                "see its log or choose another model with --model"
            )
