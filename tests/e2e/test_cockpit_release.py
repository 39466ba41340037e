"""`P` in a real terminal over a real run: the GPU is the human's, then the same proposal runs."""

from __future__ import annotations

import pytest

from cockpit import events as ev
from cockpit.engine.desk import RELEASED
from cockpit.trial import Stopped
from tests.e2e.cabin import Cabin, until
from tests.e2e.conftest import Berth
from tests.e2e.terminal import screen

pytestmark = pytest.mark.e2e


def heard(cabin: Cabin, state: ev.RequestState) -> list[ev.Entry]:
    """Return when the engine said that of the release."""
    return [
        entry
        for entry in cabin.journal
        if isinstance(entry.event, ev.RequestAcknowledged)
        and (entry.event.request, entry.event.state) == ("release", state)
    ]


def runs(cabin: Cabin) -> list[ev.RunStarted]:
    """Return the runs that were begun beside the baseline's."""
    return [e.event for e in cabin.journal if isinstance(e.event, ev.RunStarted) and e.event.trial]


def test_a_run_gives_way_to_the_human_and_is_made_again(berth: Berth, measured: Cabin) -> None:
    cabin = berth(measured)
    with screen(cabin, COCKPIT_REVIEW_MODE="off") as terminal:
        assert until(lambda: runs(cabin)), terminal.text[-2000:]
        (first,) = runs(cabin)
        proposed = cabin.board.rows[first.trial].digest
        assert until(lambda: cabin.run_folders(first.trial))
        pressed = terminal.press("P")
        assert until(lambda: heard(cabin, "pending")), terminal.text[-2000:]
        assert heard(cabin, "pending")[0].at - pressed < 1.0
        assert until(lambda: heard(cabin, "done")), terminal.text[-2000:]
        assert until(lambda: "RELEASED" in terminal.text)
        assert len(runs(cabin)) == 1, "nothing runs while the human has the GPU"
        assert cabin.board.paused and cabin.board.released
        assert until(lambda: len(cabin.processes()) == 1), cabin.processes()

        terminal.press("P")
        assert until(lambda: len(runs(cabin)) > 1), terminal.text[-2000:]
        again = runs(cabin)[1]
        assert (again.trial, again.role, again.of) == (first.trial, first.role, first.of)
        assert (again.run, again.seed == first.seed) == (first.run + 1, False)
        row = cabin.board.rows[first.trial]
        assert (row.digest, row.attempts, row.state) == (proposed, 1, "open")
        ended = row.runs[0].result
        assert isinstance(ended, Stopped)
        assert ended.reason == RELEASED
        terminal.press("q")
        assert terminal.process.wait(15.0) == 0
    assert cabin.processes() == []
