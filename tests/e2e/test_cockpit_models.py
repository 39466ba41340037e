"""`cockpit models`: every installed model is asked, nothing is trained, one is recommended."""

from __future__ import annotations

import json
import signal
import threading

import pytest

from tests.e2e.cabin import NOBODY, Cabin
from tests.ollama.fixtures import Serve
from tests.ollama.scripted import MODEL, Trap, fails, fills, is_silent, says

pytestmark = pytest.mark.e2e

IDEA = '{"hypothesis": "a larger step learns faster", "name": "NAME", "value": VALUE}'
BLOCK = """Hypothesis: a lower rate is steadier.

<<<<<<< SEARCH
WEIGHT_DECAY = {old}
=======
WEIGHT_DECAY = {new}
>>>>>>> REPLACE
"""


def ideas(cabin: Cabin) -> list[Trap]:
    """Return replies in free text: a good one, prose, another good one, the same again."""
    old = next(x for x in cabin.train.splitlines() if x.startswith("WEIGHT_DECAY = "))
    held = old.removeprefix("WEIGHT_DECAY = ")
    told = [BLOCK.format(old=held, new=new) for new in ("0.0123", "0.0456")]
    return [says(told[0]), says("I would try a lower rate."), says(told[1]), says(told[1])]


def test_each_step_is_counted_and_nothing_is_trained(prepared: Cabin, serve: Serve) -> None:
    server = serve(*ideas(prepared), broken=("gone:3b",))
    before = prepared.journal
    done = prepared.run("models", "--host", server.url, "--proposals", "4", "--json")
    assert done.code == 0, done.err
    gone, score, advice = (json.loads(line) for line in done.out.splitlines())
    assert gone["asked"] == 0
    assert "the model gone:3b is not installed" in gone["why"]
    counts = [score[step] for step in ("asked", "parsed", "applied", "compiled", "novel")]
    assert counts == [4, 3, 3, 3, 2]
    assert (score["model"], score["tier"]) == (MODEL, "C")
    assert 0 < score["seconds_each"] < 60
    assert advice["recommended"] == MODEL
    assert advice["why"].startswith("2 of 4 new and ready to train, ")
    assert "the only one that will do beside runs of 300 s" in advice["why"]
    assert prepared.journal == before
    assert server.record.bodies("/api/generate")[-1]["keep_alive"] == 0, "none is left in memory"


def test_a_table_for_the_human_with_the_command_to_give(prepared: Cabin, serve: Serve) -> None:
    server = serve(*ideas(prepared)[:1])
    done = prepared.run("models", "--host", server.url, "--proposals", "1")
    assert done.code == 0, done.err
    head, columns, row, *_, command = done.out.splitlines()
    assert head == "1 proposals of each model; nothing is trained"
    assert columns.split()[:4] == ["model", "size", "tier", "asked"]
    assert row.split()[:8] == [MODEL, "4.7", "GB", "C", "1", "1", "1", "1"]
    assert command == f"cockpit run --model {MODEL}"
    assert max(map(len, done.out.splitlines())) <= 100


def test_a_model_of_no_use_is_not_recommended(prepared: Cabin, serve: Serve) -> None:
    server = serve(says("I cannot help with that."))
    done = prepared.run("models", "--host", server.url, "--proposals", "2")
    assert done.code == 1
    assert "no model made a proposal that could be trained" in done.out
    assert "cockpit run --agent sweep" in done.out


def test_a_slow_model_has_its_seconds_and_no_more(prepared: Cabin, serve: Serve) -> None:
    server = serve(is_silent())
    done = prepared.run("models", "--host", server.url, "--seconds", "1.5")
    assert done.code == 1
    assert "its 1.5 s are over" in done.out


def test_a_small_model_is_asked_for_constants(prepared: Cabin, serve: Serve) -> None:
    server = serve(fills(IDEA), parameters="1.5B")
    done = prepared.run("models", "--host", server.url, "--proposals", "2", "--json")
    score, _ = (json.loads(line) for line in done.out.splitlines())
    assert score["tier"] == "A"
    assert score["applied"] == 2


@pytest.mark.parametrize("flags", [(), ("--only", "phi4")])
def test_what_is_missing_is_one_sentence(
    prepared: Cabin, serve: Serve, flags: tuple[str, ...]
) -> None:
    host = serve(fails(500, "unused")).url if flags else NOBODY
    done = prepared.run("models", "--host", host, *flags)
    assert done.code in (1, 2)
    (line,) = done.err.splitlines()
    missing = "the model phi4 is not installed" if flags else f"no model server answers at {NOBODY}"
    assert missing in line


def test_ctrl_c_ends_it_cleanly(prepared: Cabin, serve: Serve) -> None:
    asked = threading.Event()

    def hang(server: object) -> object:
        asked.set()
        return is_silent()(server)  # type: ignore[arg-type]

    server = serve(hang)
    with prepared.start("models", "--host", server.url, "--json") as underway:
        assert asked.wait(60)
        assert underway.end(signal.SIGINT) == 1
        assert "Traceback" not in underway.err
        assert "stopped after 1 of 1 models" in underway.err
    assert server.record.bodies("/api/generate")[-1]["keep_alive"] == 0
