"""One streamed reply: what is sent, what comes back, and where it is cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from ollama import AsyncClient, ChatResponse

BYTES_A_TOKEN: Final = 4
"""Bytes that a token of English most likely has, to count thinking while it comes."""

Ending = Literal["stop", "length", "thought"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One chat request; `schema` constrains the reply, `think` None leaves thinking unset.

    `thought` is how many tokens of thinking may come, None for as many as the reply's own limit
    lets through.
    """

    model: str
    system: str
    user: str
    options: dict[str, int | float]
    keep_alive: str | float
    schema: dict[str, Any] | None = None
    think: bool | str | None = None
    thought: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the reply, or of the thinking before it."""

    text: str
    thinking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model said, and why it ended; counts are None where not told.

    `reason`: "stop" (it is whole), "length" (cut at a limit), "thought" (cut while it was still
    thinking).
    """

    text: str
    reason: Ending
    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    load_seconds: float = 0.0


async def talk(client: AsyncClient, ask: Ask, say: Callable[[Part], None], most: int) -> Reply:
    """Stream one reply to its end, or to `most` characters; leaving early ends it at the server.

    Raises:
        RemoteProtocolError: the stream ended without its last line.
        Exception: whatever else the client raises; see `failures.explain`.
    """
    from httpx import RemoteProtocolError

    stream = await client.chat(
        ask.model,
        [{"role": "system", "content": ask.system}, {"role": "user", "content": ask.user}],
        stream=True,
        think=ask.think,
        format=ask.schema,
        options=ask.options,
        keep_alive=ask.keep_alive,
    )
    text: list[str] = []
    said, thought = 0, 0
    last: ChatResponse | None = None
    async for last in stream:
        if last.message.thinking:
            thought += len(last.message.thinking.encode())
            say(Part(text=last.message.thinking, thinking=True))
        if last.message.content:
            said += len(last.message.content)
            text.append(last.message.content)
            say(Part(text=last.message.content))
        if ask.thought is not None and not said and thought > BYTES_A_TOKEN * ask.thought:
            return Reply(text="", reason="thought")
        if said + thought > most:
            return Reply(text="".join(text), reason="length" if said else "thought")
    if last is None or not last.done:
        raise RemoteProtocolError("the stream ended without its last line")
    return Reply(
        text="".join(text),
        reason=_ending(last.done_reason, "".join(text), thought),
        prompt_tokens=last.prompt_eval_count,
        reply_tokens=last.eval_count,
        load_seconds=(last.load_duration or 0) / 1e9,
    )


def _ending(told: str | None, text: str, thought: int) -> Ending:
    """Say how a reply ended; some models think in the reply itself, between marks."""
    if told != "length":
        return "stop"
    open_mark = text.lstrip().startswith("<think") and "</think" not in text
    return "thought" if open_mark or (thought and not text.strip()) else "length"
