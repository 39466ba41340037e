"""How a journal begins, for the tests of what reads one."""

from __future__ import annotations

from cockpit.events import Fingerprint, SessionStarted


def opening(tag: str = "mar8") -> SessionStarted:
    """Return the first event of a session."""
    fingerprint = Fingerprint(
        metric="val_bpb",
        budget=300.0,
        data="d",
        prepare="p",
        device="cpu",
        driver="",
        torch="2",
        threads=2,
        trust="examined",
    )
    return SessionStarted(
        tag=tag,
        branch=f"autoresearch/{tag}",
        base_commit="0123456789" * 4,
        digest="b",
        fingerprint=fingerprint,
        direction="minimize",
        data="abc",
        agent="sweep",
    )
