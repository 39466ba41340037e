"""What a session says of its surroundings before it begins, one notice each; pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit import events as ev
from cockpit.arena import corpus
from cockpit.arena.probe import SENTENCES, Probe
from cockpit.errors import ArenaError
from cockpit.setup import PreparedData


def needs_linux(platform: str) -> None:
    """Refuse a session where nothing could be scored; `platform` is `sys.platform`.

    Raises:
        ArenaError: this is not Linux.
    """
    if platform != "linux":
        raise ArenaError(
            f"{platform} has neither walls for a run nor an examination, so that no number "
            "measured here could be trusted",
            "run the cockpit on Linux, or in a Linux container or virtual machine",
        )


def data_notice(data: PreparedData, touched: Sequence[str]) -> ev.Noticed | None:
    """Say why the tunes are not the fetched ones, or that they had to be prepared again."""
    if touched:
        text = f"{', '.join(touched)} since it was locked: prepared again, and as it was locked"
        return ev.Noticed(level="warning", topic="data", text=text)
    return ev.Noticed(level="warning", topic="data", text=data.notice) if data.notice else None


def walls_notice(found: Probe) -> ev.Noticed | None:
    """Say what an examination is worth where the exam can be read beforehand."""
    if found.trust == "examined":
        return None
    sentence = SENTENCES[found.level]
    if found.holes == (corpus.ATTEMPT,):
        sentence = "music21 lies open to train.py, and the held-out tunes are in it"
    text = f"isolation is {found.level}: {sentence}; {found.remedy}"
    return ev.Noticed(level="warning", topic="isolation", text=text)


def device_notice(trouble: str) -> ev.Noticed | None:
    """Say what is wrong with the device."""
    return ev.Noticed(level="warning", topic="device", text=trouble) if trouble else None
