"""The bridge: nothing lost, nothing reordered, and few wake-ups."""

from __future__ import annotations

import threading

from cockpit import events as ev
from cockpit.tui.bridge import Bridge, Recalled


def entry(seq: int) -> ev.Entry:
    return ev.Entry(seq=seq, at=0.0, session="s", slot=0, event=ev.Steered(text=str(seq)))


LOG = ev.LinesLogged(trial=1, lines=("x",))


def test_many_entries_wake_once_until_they_are_drained() -> None:
    woken: list[int] = []
    bridge = Bridge(lambda: woken.append(1))
    for seq in range(100):
        bridge(entry(seq))
    assert len(woken) == 1
    assert [e.seq for e in bridge.drain() if isinstance(e, ev.Entry)] == list(range(100))
    bridge(entry(100))
    assert len(woken) == 2


def test_chatter_is_kept_but_wakes_nobody() -> None:
    woken: list[int] = []
    bridge = Bridge(lambda: woken.append(1))
    for _ in range(1000):
        bridge(LOG)
    assert woken == []
    assert len(bridge.drain()) == 1000


def test_a_closed_bridge_keeps_nothing() -> None:
    bridge = Bridge(lambda: None)
    bridge.close()
    bridge(entry(1))
    assert bridge.drain() == []


def test_nothing_is_lost_between_two_threads() -> None:
    taken: list[ev.Entry | ev.Sample | Recalled] = []
    woken = threading.Event()
    bridge = Bridge(woken.set)

    def send() -> None:
        for seq in range(5000):
            bridge(entry(seq))

    sender = threading.Thread(target=send)
    sender.start()
    while len(taken) < 5000:
        assert woken.wait(5), "an item was queued and nobody was told"
        woken.clear()
        taken += bridge.drain()
    sender.join()
    assert [e.seq for e in taken if isinstance(e, ev.Entry)] == list(range(5000))
