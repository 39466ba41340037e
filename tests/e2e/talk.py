"""A session with a real model, and what its server saw of it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.cabin import SMALL, Cabin, Done, Line, copy
from tests.ollama.front import MODEL, Front
from tests.ollama.install import install

EXPERIMENTS = 3
LANE = ("--unattended", "--agent", "ollama", "--json", "--remeasure", "0")


@dataclass(frozen=True)
class Talk:
    """What the session printed; requests for replies, and the replies that were read as JSON."""

    cabin: Cabin
    done: Done
    asked: list[dict[str, Any]]
    served: list[dict[str, Any]]

    def of(self, kind: str) -> list[Line]:
        """Return the printed events of a kind."""
        return [e for e in self.done.events if e["event"] == kind]


def make_talk(prepared: Cabin, folder: Path) -> Talk:
    """Run a session in a copy of a workspace, at `folder`, with a model server of its own."""
    cabin = copy(prepared, folder)
    count = ("--rehearsals", "1", "--experiments", str(EXPERIMENTS))
    with closing(Front(install())) as front:
        host = ("--model", MODEL, "--host", front.url)
        done = cabin.run("run", *LANE, *SMALL, *host, *count)
        return Talk(
            cabin=cabin,
            done=done,
            asked=front.record.bodies("/api/chat"),
            served=[_object(text) for text in front.record.served],
        )


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
