import pytest

from cockpit.arena.escapes import Report
from cockpit.arena.probe import judge
from cockpit.errors import IsolationError

HELD = "PermissionError: [Errno 13] Permission denied"
ATTEMPTS = {
    "read the held-out data": ("files", HELD),
    "connect over TCP": ("network", HELD),
    "signal the cockpit": ("processes", HELD),
    "change the mode of a file outside": ("metadata", HELD),
    "fork": ("programs", HELD),
}


def report(*holes: str) -> Report:
    attempts = {n: (kind, "" if n in holes else held) for n, (kind, held) in ATTEMPTS.items()}
    return Report(
        attempts=attempts, stat=True, torch="2.13.0", cuda=False, device_name="CPU", driver=""
    )


@pytest.mark.parametrize(
    ("holes", "level", "trust"),
    [
        ((), "sealed", "examined"),
        (("signal the cockpit",), "walled", "examined"),
        (("change the mode of a file outside", "fork"), "walled", "examined"),
        (("read the held-out data",), "netless", "examined-open"),
        (("connect over TCP",), "open", "examined-open"),
        (tuple(ATTEMPTS), "open", "examined-open"),
    ],
)
def test_the_level_is_what_got_through(holes: tuple[str, ...], level: str, trust: str) -> None:
    found = judge(report(*holes), "landlock v7", programs=False)
    assert (found.level, found.trust) == (level, trust)
    assert (found.blocked, found.attempts) == (5 - len(holes), 5)
    for hole in holes:
        assert f"train.py can {hole}" in found.residuals


def test_residuals_are_said_even_when_sealed() -> None:
    found = judge(report(), "landlock v7 + seccomp", programs=True).event()
    assert found.level == "sealed"
    assert any("sizes and dates" in text for text in found.residuals)
    assert any("programs can be started" in text for text in found.residuals)
    assert found.detail.startswith("landlock v7 + seccomp: train.py cannot read the exam")


def test_less_than_required_is_refused_and_as_much_is_not() -> None:
    walled = judge(report("signal the cockpit"), "landlock v3", programs=False)
    walled.require("walled")
    walled.require("open")
    with pytest.raises(IsolationError, match="isolation is walled, and sealed is required"):
        walled.require("sealed")
