"""The first minute in words: what a first-time user reads, on three machines."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from cockpit.ledgers.dialects import read_dialect
from cockpit.report.guide import Facts, fit, guide

EVENING = 1_767_225_600.0 + 22 * 3600
GPU = Facts(
    now=EVENING,
    phase="rehearsal",
    looked=True,
    gpu="NVIDIA GeForce RTX 4090",
    memory=24 * 2**30,
    device="NVIDIA GeForce RTX 4090",
    threads=7,
    on_gpu=True,
    agent="qwen2.5-coder:14b and sweep",
    model="qwen2.5-coder:14b: the largest coder model that fits the device of 3 installed "
    "(14B parameters, 9.0 GB)",
    level="sealed",
    blocked=29,
    attempts=29,
    through=2,
    needed=10,
    each=20.0,
    stop_at=EVENING + 9.5 * 3600,
    fits=100,
)
NEITHER = Facts(
    now=EVENING,
    phase="rehearsal",
    looked=True,
    device="AMD Ryzen 7 5800X",
    threads=7,
    agent="sweep",
    no_model="no model server answers at http://127.0.0.1:11434; start it with `ollama serve` or "
    "set OLLAMA_HOST; the sweep goes on without a model",
    level="sealed",
    blocked=29,
    attempts=29,
    needed=3,
)
SMALL = replace(
    GPU,
    gpu="NVIDIA GeForce GTX 1650",
    device="NVIDIA GeForce GTX 1650",
    memory=4 * 2**30,
    agent="llama3:8b and sweep",
    model="llama3:8b: the smallest model of 2 installed (8B parameters, 4.7 GB); it may not fit "
    "the device",
    phase="baseline",
    deadline=EVENING + 240,
)
ON_A_GPU = """\
found   GeForce RTX 4090, 24 GiB. qwen2.5-coder:14b and sweep propose.
next    8 more rehearsals until about 22:02, nothing is kept; then train.py
        as it is trains for 5 minutes: the number to beat.
you     Stay until the rehearsal is over (about 22:02): what breaks, breaks
        now. Ten ideas are shown for 60 s each and train unless you say n; A
        trusts all. Leave whenever you like.
fits    100 trials before 07:30, about 11 an hour.
expect  Most ideas fail: 3 to 18 % of trials are keeps. Upstream had 79 % of
        its gain by row 10 of 126.
"""
WITH_NEITHER = """\
found   No GPU: the CPU trains (AMD Ryzen 7 5800X, 7 threads). No model
        server answers at http://127.0.0.1:11434: the sweep proposes.
next    3 more rehearsals of seconds each, nothing is kept; then train.py as
        it is trains for 5 minutes: the number to beat.
you     Stay until the rehearsal is over: what breaks, breaks now. Ten ideas
        are shown for 60 s each and train unless you say n; A trusts all.
        Leave whenever you like.
fits    Trials: about 11 an hour.
expect  Most ideas fail: 3 to 18 % of trials are keeps. Upstream had 79 % of
        its gain by row 10 of 126.
"""
ON_A_SMALL_GPU = """\
found   GeForce GTX 1650, 4 GiB. Small: model and run take turns unless both
        fit; what does not fit is a crash, and remembered. llama3:8b and
        sweep propose. It may not fit: `ollama pull qwen2.5-coder:1.5b` gets
        a smaller one.
next    The baseline is judged at 22:04; then the first idea trains.
you     Ten ideas are shown for 60 s each and train unless you say n; A
        trusts all. Leave whenever you like.
fits    100 trials before 07:30, about 11 an hour.
expect  Most ideas fail: 3 to 18 % of trials are keeps. Upstream had 79 % of
        its gain by row 10 of 126.
"""


def say(at: float) -> str:
    return time.strftime("%H:%M", time.gmtime(at))


def text(facts: Facts, width: int = 76, height: int = 11) -> str:
    lines = fit(guide(facts, say), width, height)
    assert len(lines) <= height and all(8 + len(line) <= width for _, line in lines)
    return "".join(f"{label:<8}{line}\n" for label, line in lines)


@pytest.mark.parametrize(
    ("facts", "room", "golden"),
    [(GPU, 9, ON_A_GPU), (NEITHER, 10, WITH_NEITHER), (SMALL, 10, ON_A_SMALL_GPU)],
    ids=["gpu and model", "neither", "small gpu"],
)
def test_what_a_first_time_user_reads_at_80x24(facts: Facts, room: int, golden: str) -> None:
    assert text(facts, height=room) == golden


def test_before_anything_is_known_it_says_what_will_happen() -> None:
    said = text(Facts(now=EVENING, phase="setup"))
    assert said.startswith("next    A rehearsal of the whole loop")
    assert "found" not in said


def test_a_gpu_that_torch_does_not_see_is_said_in_its_own_sentence() -> None:
    trouble = "NVIDIA T4 is there, but torch does not see it; training on the CPU"
    said = text(replace(GPU, trouble=trouble, on_gpu=False, device="AMD EPYC"))
    assert said.startswith(f"found   {trouble[:40]}")
    assert "RTX" not in said


@pytest.mark.parametrize(
    ("review", "word"),
    [("ask", "do not leave"), ("off", "not shown"), ("keeps", "provisional"), ("timed", "60 s")],
)
def test_what_needs_the_human_follows_the_review_mode(review: str, word: str) -> None:
    assert word in text(replace(GPU, review=review))


def test_the_number_of_experiments_is_an_end_too() -> None:
    said = text(replace(GPU, stop_at=None, fits=None, experiments=60))
    assert "60 trials were asked for, about 11 an hour: 5.4 hours." in said


def test_a_screen_that_only_looks_asks_nothing_of_its_reader() -> None:
    assert "another one has the keys" in text(replace(GPU, watched=True))


@pytest.mark.parametrize("height", range(12))
def test_the_least_worth_saying_gives_way_first(height: int) -> None:
    said = text(GPU, height=height)
    asked = ("Stay until", "8 more rehearsals", "100 trials", "RTX 4090", "Most ideas", "Ten ideas")
    shown = [words in said for words in asked]
    assert shown == sorted(shown, reverse=True), "of these, none is left out before a later one"
    assert all(shown) == (height >= 8)


def test_what_is_said_of_upstream_is_so() -> None:
    table = Path(__file__).parents[1] / "data" / "upstream-mar8.tsv"
    rows = read_dialect(table.read_bytes()).rows
    values = [row.value for row in rows if row.value is not None]
    early = min(row.value for row in rows[:10] if row.word == "keep" and row.value is not None)
    assert len(rows) == 126
    assert round(100 * (values[0] - early) / (values[0] - min(values))) == 79
    assert round(100 * sum(row.word == "keep" for row in rows) / len(rows)) == 18
