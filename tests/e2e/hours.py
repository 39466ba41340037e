"""What the commands say of a session's hours and funnel, held against its journal."""

from __future__ import annotations

import json

import pytest

from tests.arithmetic import funnel, trained_seconds, training_seconds, working_seconds
from tests.e2e.cabin import Cabin, Line


def hold_against(cabin: Cabin) -> dict[str, int]:
    """Hold what the commands say against the journal's entries; return the funnel."""
    entries = cabin.journal
    status, counted = cabin.tell("status", "--json"), funnel(entries)
    assert status["funnel"] == counted
    trained, around = trained_seconds(entries), training_seconds(entries)
    share = trained / working_seconds(entries)
    assert status["hours"]["training_share"] == pytest.approx(share, abs=0.01)
    assert status["hours"]["work"] == pytest.approx(working_seconds(entries), rel=0.01)
    report: Line = json.loads(cabin.run("report", "--json").out)
    assert report["share"] == pytest.approx(share, abs=0.01)
    assert f"at work: training {100 * report['share']:.0f} %" in cabin.run("report").out
    spent = [json.loads(line)["spent"] for line in cabin.run("ledger", "--json").out.splitlines()]
    assert sum(one["training"] for one in spent) == pytest.approx(trained, abs=0.05)
    # What a run costs beside launch, training and examination is in no part of its own.
    assert 0 <= around - trained <= status["hours"]["parts"]["other"] + 0.1
    return counted
