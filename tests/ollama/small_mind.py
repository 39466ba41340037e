"""A model that answers like one of 1.5 billion parameters, at the rates that were measured.

Measured with Qwen2.5-Coder-1.5B-Instruct Q4_K_M under llama.cpp, temperature 0.7, on a training
script of 156 lines:

- search/replace in free text (32 replies): none applied. It copied the example of the format, sent
  the new line alone in a fence, described the edit in the search part, or changed the quotes and
  names it was to copy.
- one real line from a list, and free new text (10 replies): all applied, 9 compiled, 1 died of a
  NameError, 2 loosened the time budget, 5 wrote one learning rate into the optimiser, 1 was of use.
- one constant and a typed number (10 replies): all applied, 7 were distinct. Without the typed
  number values were parroted from the history (2 of 6 by a 135M model: `BETA1 = 1.731`).
- JSON with free strings (16 replies): 2 were cut off at their length limit.

What is not measured is chosen against the model: a repair is drawn like any other reply, one value
in ten is parroted although numbers are typed, and one object in ten comes in a fence.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

from tests.ollama.minds import blocks, dials, file_of, read_tokens
from tests.ollama.scripted import Scripted, Trap, says
from tests.ollama.web import Answer, Lines

PARROTED = 1.731
"""A value of the metric, as it stands in the history."""


class SmallMind:
    """Draws its replies from a seed; `drawn` counts them by kind."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._last: dict[str, Any] = {}
        self.drawn: dict[str, int] = {}

    def trap(self) -> Trap:
        """Return it as what a server does."""

        def answer(server: Scripted) -> Answer | Lines:
            body = server.record.bodies("/api/chat")[-1]
            text, reason = self.reply(body)
            return says(text, reason=reason, counted=read_tokens(body))(server)

        return answer

    def reply(self, body: dict[str, Any]) -> tuple[str, str]:
        """Return a reply and why it ended."""
        form = body.get("format") or {}
        if not form:
            return self._free(body), "stop"
        made = self._constant(form["anyOf"]) if "anyOf" in form else self._line(form)
        text = json.dumps({**made, "hypothesis": "This improves the performance of the model."})
        kind = self._kind({"cut": 2, "fenced": 2, "plain": 12})
        if kind == "cut":
            return text[: len(text) // 2], "length"
        return (f"```json\n{text}\n```" if kind == "fenced" else text), "stop"

    def _constant(self, branches: list[dict[str, Any]]) -> dict[str, Any]:
        """Pick a constant and a value; three in ten are the last one again."""
        offered = {
            branch["properties"]["name"]["const"]: branch["properties"] for branch in branches
        }
        kind = self._kind({"repeated": 3, "parroted": 1, "own": 6})
        if kind == "repeated" and self._last.get("name") in offered:
            return self._allowed(dict(self._last), offered[self._last["name"]]["value"])
        name = self._draw.choice(list(offered))
        value: object = PARROTED if kind == "parroted" else self._number(offered[name]["value"])
        self._last = self._allowed({"name": name, "value": value}, offered[name]["value"])
        return self._last

    def _number(self, form: dict[str, Any]) -> float:
        """Return a round number of a size that stands in the prompt."""
        high = float(form.get("maximum", 1.0))
        return self._draw.choice((high / 2, high / 4, high / 8, high / 16, 0.5, 1e-3, 10.0, 100.0))

    def _allowed(self, said: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        """Hold an answer to what a grammar enforces: choices and whole numbers, no other bounds."""
        if "enum" in form and said["value"] not in form["enum"]:
            said["value"] = self._draw.choice(form["enum"])
        elif form.get("type") == "integer":
            low, high = form["minimum"], form["maximum"]
            said["value"] = min(high, max(low, round(float(said["value"]))))
        return said

    def _line(self, form: dict[str, Any]) -> dict[str, Any]:
        """Pick a real line, and mostly put something useless in its place."""
        lines = form["properties"]["line"]["enum"]
        kind = self._kind({"hard-coded": 5, "budget": 2, "undefined": 1, "broken": 1, "useful": 1})
        rates = [line for line in lines if "lr=" in line] or lines
        line = self._draw.choice(rates if kind == "hard-coded" else lines)
        new = {
            "hard-coded": re.sub(r"\blr=[\w.-]+", "lr=1e-2", line),
            "budget": f"{line}\nprepare.time_left = lambda: TIME_BUDGET_S * 2",
            "undefined": f"scale = undefined_scale\n{line}",
            "broken": f"{line} * (",
            "useful": "",
        }[kind]
        if kind == "useful":
            line = self._draw.choice(
                [each for each in lines if re.match(r"[A-Z_]+ = [\d.]+ ", each)]
            )
            now = float(line.split()[2])
            new = re.sub(r"= \S+", f"= {now * 2:g}", line, count=1)
        aside = {"lesson": "It got worse."} if "lesson" in form["required"] else {}
        return {"line": line, "new": new, **aside}

    def _free(self, body: dict[str, Any]) -> str:
        """Send blocks as such a model does: none of them applies."""
        lines = dials(file_of(body))
        rate = lines.get("LR", "LR = 3e-4")
        kind = self._kind(
            {"example": 10, "new line alone": 10, "prose in search": 6, "misquoted": 6}
        )
        match kind:
            case "example":
                return blocks(
                    ("<lines of train.py, copied exactly>", "<the lines that replace them>")
                )
            case "new line alone":
                return (
                    f"Increase the learning rate.\n\n```python\n{rate.replace('3e-4', '1e-2')}\n```"
                )
            case "prose in search":
                return blocks(("the line that sets the learning rate", "LR = 1e-2"))
            case _:
                return blocks(
                    ("    group['lr'] = lr_scale(progress) * lr", "    group['lr'] = 1e-2")
                )

    def _kind(self, weights: dict[str, int]) -> str:
        kind = self._draw.choices(list(weights), list(weights.values()))[0]
        self.drawn[kind] = self.drawn.get(kind, 0) + 1
        return kind
