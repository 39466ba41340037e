"""Models to play: each reads the request as a model would, and replies in the form asked for."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.ollama.scripted import Scripted, Trap, says
from tests.ollama.web import Answer, Lines

_FILE = re.compile(r"```python\n(.*?)\n```", re.DOTALL)
_CONSTANT = re.compile(r"^([A-Z][A-Z0-9_]*) = (\S+)(.*)$", re.MULTILINE)


def sensible(dial: str = "BATCH") -> Trap:
    """A good model: a new value for one dial each time, in whatever form it is asked for.

    The dial goes up by one with each request; under a schema that does not offer it another
    constant takes its place.
    """

    def trap(server: Scripted) -> Answer | Lines:
        number = server.record.count("/api/chat")
        body = server.record.bodies("/api/chat")[-1]
        return says(sensible_reply(body, number, dial), counted=read_tokens(body))(server)

    return trap


def sensible_reply(body: dict[str, Any], number: int, dial: str = "BATCH") -> str:
    """Return a reply that applies to the request `body`, the `number`-th of its kind."""
    form = body.get("format") or {}
    if "anyOf" in form:
        return json.dumps(choose_constant(form["anyOf"], number, dial))
    if form:
        line = next(line for line in form["properties"]["line"]["enum"] if line.startswith(dial))
        new = re.sub(r"= \S+", f"= {63 + number}", line, count=1)
        return json.dumps({"line": line, "new": new, "hypothesis": f"{dial} should go up"})
    line = next(line for line in file_of(body).splitlines() if line.startswith(f"{dial} ="))
    new = re.sub(r"= \S+", f"= {63 + number}", line, count=1)
    return blocks((line, new), hypothesis=f"{dial} should go up.")


def choose_constant(branches: list[dict[str, Any]], number: int, dial: str = "") -> dict[str, Any]:
    """Return an answer that one of the branches of a schema allows."""
    offered = {branch["properties"]["name"]["const"]: branch["properties"] for branch in branches}
    names = list(offered)
    name = dial if dial in offered else names[number % len(names)]
    value = offered[name]["value"]
    if "enum" in value:
        chosen = value["enum"][number % len(value["enum"])]
    else:
        share = (number * 0.618) % 1
        chosen = value["minimum"] + share * (value["maximum"] - value["minimum"])
        chosen = round(chosen) if value["type"] == "integer" else float(f"{chosen:.4g}")
    return {"name": name, "value": chosen, "hypothesis": f"{name} matters"}


def blocks(*pairs: tuple[str, str], hypothesis: str = "Try this.") -> str:
    """Return a reply of search/replace blocks."""
    body = "\n".join(
        f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE"
        for search, replace in pairs
    )
    return f"Hypothesis: {hypothesis}\n\n{body}\n"


def file_of(body: dict[str, Any]) -> str:
    """Return `train.py` as a request shows it; empty where the prompt was too short for it."""
    found = _FILE.search(body["messages"][0]["content"])
    return found[1] if found else ""


def dials(text: str) -> dict[str, str]:
    """Return the lines of a file that set a constant, by name."""
    return {found[1]: found[0] for found in _CONSTANT.finditer(text)}


def read_tokens(body: dict[str, Any]) -> int:
    """Return how many tokens an honest server would count in a prompt."""
    return sum(len(message["content"].encode()) for message in body["messages"]) // 4
