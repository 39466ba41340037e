"""Constraints: every rule refuses what breaks it, by name, value and bound, and nothing else."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from cockpit.arena.weights import count_parameters, numbers
from cockpit.cli.bounds import constraints_notice
from cockpit.config import load
from cockpit.constraints import Bounds, Constraints, measured
from cockpit.errors import ConfigError
from cockpit.source.limits import unmet
from cockpit.source.normal import nodes
from cockpit.source.stage import stage
from cockpit.trial import Candidate, Proposal, Rejected, Rewrite, SetConstants

BASE = """import prepare

DEPTH = 2  # blocks
LR = 3e-4  # step size
ACTIVATION = "gelu"  # gelu | relu2


class Block:
    def forward(self, x):
        return x


def build_model():
    return Block()


if __name__ == "__main__":
    prepare.seed()
    prepare.time_left()
    prepare.submit(build_model())
"""


def staged(text: str, baseline: str = BASE, base: str = BASE, **rules: Any) -> str:
    """Return why `text` is refused under the rules, empty when it is not."""
    bounds = Bounds(constraints=Constraints(**rules), baseline_nodes=nodes(baseline))
    proposal = Proposal(hypothesis="h", edit=Rewrite(text=text), lane="human")
    result = stage(proposal, base, bounds)
    if isinstance(result, Candidate):
        return ""
    assert result.stage == "constraints"
    assert result.reason.partition("]")[0] == "[constraints"
    assert result.reason.split(": ", 1)[1] in result.advice
    return result.reason


def change(old: str, new: str, text: str = BASE) -> str:
    assert old in text
    return text.replace(old, new, 1)


OTHER = change("DEPTH = 2", "DEPTH = 3")
"""A change that no rule below forbids."""


@pytest.mark.parametrize(
    ("text", "names", "words"),
    [
        (change("LR = 3e-4", "LR = 1e-3"), ("LR",), "LR 3e-4 -> 1e-3, and LR is frozen"),
        (change("LR = 3e-4  # step size\n", ""), ("LR",), "LR was changed, and LR is frozen"),
        (change("return x", "return x + 1"), ("Block",), "Block was changed"),
        (change("return Block()", "return Block"), ("build_model",), "build_model was changed"),
        (BASE + "Block.forward = None\n", ("Block",), "Block was changed"),
        (BASE + "setattr(Block, 'forward', None)\n", ("Block",), "Block was changed"),
        (change("    return Block()", "    LR = 1\n    return LR"), ("LR",), "LR was changed"),
        (change("def build_model():", "def build_model(LR=1):"), ("LR",), "LR was changed"),
        (change("    return Block()", "    global LR\n    return 1"), ("LR",), "LR was changed"),
        (change("# step size", "# the rate", OTHER), ("LR",), ""),
        (change("return x", "return x  # as it came", OTHER), ("Block",), ""),
        (OTHER, ("LR", "Block", "build_model"), ""),
    ],
    ids=range(12),
)
def test_what_is_frozen_stays_as_it_is(text: str, names: tuple[str, ...], words: str) -> None:
    refused = staged(text, frozen=names)
    assert words in refused
    assert bool(words) == bool(refused)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (change("DEPTH = 2", "DEPTH = 9"), "[constraints] ranges: DEPTH = 9 is not within 1 to 8"),
        (change("LR = 3e-4", "LR = 1e-6"), "LR = 1e-6 is not within 1e-05 to 0.01"),
        (change("DEPTH = 2", "DEPTH = 1 + 8"), "DEPTH is no longer one plain number"),
        (BASE + "DEPTH = 9\n", "DEPTH is no longer one plain number"),
        (change("DEPTH = 2", "DEPTH = 8"), ""),
        (change("LR = 3e-4", "LR = 0.01"), ""),
    ],
    ids=range(6),
)
def test_a_constant_stays_in_its_range(text: str, words: str) -> None:
    refused = staged(text, ranges={"DEPTH": (1, 8), "LR": (1e-5, 0.01)})
    assert words in refused
    assert bool(words) == bool(refused)


def test_syntax_nodes_are_counted_for_a_proposal_and_over_the_baseline() -> None:
    one = BASE + "x = 1\n"
    two = one + "y = 2\n"
    each = nodes(one) - nodes(BASE)
    assert f"{each} syntax nodes are added, at most 2 may be" in staged(one, added_nodes=2)
    assert staged(one, added_nodes=each) == ""
    assert staged(two, base=one, added_nodes=each, nodes=2 * each) == ""
    refused = staged(two, base=one, nodes=each)
    assert f"{2 * each} syntax nodes more than the baseline, at most {each} may be" in refused
    assert staged(change("DEPTH = 2", "DEPTH = 3"), added_nodes=0, nodes=0) == ""


def test_a_base_that_breaks_a_newer_rule_may_be_left_as_it_is() -> None:
    base = change("DEPTH = 2", "DEPTH = 12") + "x = 1\ny = 2\n"
    rules: dict[str, Any] = {"ranges": {"DEPTH": (1, 8)}, "nodes": 0}
    assert staged(change("LR = 3e-4", "LR = 1e-3", base), base=base, **rules) == ""
    assert staged(change("y = 2\n", "", base), base=base, **rules) == ""
    assert "DEPTH = 10 is not" in staged(change("= 12", "= 10", base), base=base, **rules)
    told = unmet(base, Constraints(ranges={"DEPTH": (1, 8), "WIDE": (0, 1)}, frozen=("GPT", "LR")))
    assert [sentence.split(",")[0] for sentence in told] == [
        "[constraints] frozen names GPT",
        "[constraints] ranges names WIDE",
        "DEPTH = 12 is not within 1 to 8 of [constraints] ranges: it may stay",
    ]


def test_a_session_says_where_the_constraints_do_not_fit_its_file(tmp_path: Path) -> None:
    assert constraints_notice(tmp_path, Constraints(frozen=("LR",))) is None
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "train.py").write_text(BASE)
    assert constraints_notice(tmp_path, Constraints(frozen=("LR",))) is None
    told = constraints_notice(tmp_path, Constraints(frozen=("LRR",), ranges={"DEPTH": (3, 4)}))
    assert told is not None
    assert told.level == "warning"
    assert "frozen names LRR, which train.py has not; DEPTH = 2 is not within 3 to 4" in told.text


def test_every_edit_is_held_to_them_whoever_made_it() -> None:
    bounds = Bounds(constraints=Constraints(frozen=("DEPTH",)))
    edit = SetConstants(changes=(("DEPTH", 4),))
    result = stage(Proposal(hypothesis="h", edit=edit, lane="sweep"), BASE, bounds)
    assert isinstance(result, Rejected)
    assert result.reason == "[constraints] frozen: DEPTH 2 -> 4, and DEPTH is frozen"


def test_what_a_run_measured_is_held_against_them() -> None:
    rules = Constraints(memory=400, parameters=1000)
    assert measured(rules, memory=400_000_000, parameters=1000) is None
    assert measured(rules, memory=None, parameters=1) is None
    assert measured(Constraints(), memory=10**12, parameters=None) is None
    wide = measured(rules, memory=400_000_001, parameters=1)
    assert wide is not None
    assert wide.reason == "[constraints] memory: the run held 401 MB, at most 400 MB may be"
    large = measured(rules, memory=1, parameters=1001)
    assert large is not None
    assert "the weights hold 1,001 parameters, at most 1,000 may be" in large.reason
    hidden = measured(rules, memory=1, parameters=None)
    assert hidden is not None
    assert "could not be counted" in hidden.reason


def test_sentences_tell_each_bound_that_is_set() -> None:
    assert Constraints().sentences() == ()
    every = Constraints(
        memory=2000, parameters=10**6, added_nodes=0, nodes=40, frozen=("A", "B"),
        ranges={"LR": (1e-5, 0.01)},
    )  # fmt: skip
    assert every.sentences() == (
        "a run holds at most 2,000 MB",
        "the weights hold at most 1,000,000 parameters",
        "a proposal adds at most 0 syntax nodes",
        "train.py has at most 40 syntax nodes more than the baseline",
        "A, B may not be changed",
        "LR stays within 1e-05 to 0.01",
    )


def handover(tensors: dict[str, object], size: int) -> bytes:
    header = json.dumps(tensors).encode()
    return struct.pack("<Q", len(header)) + header + bytes(size)


def tensor(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_parameters_are_counted_from_the_weights_themselves(tmp_path: Path) -> None:
    place = tmp_path / "handover.safetensors"
    good = {"__metadata__": {"a": "b"}, "w": tensor("F32", [3, 4], 0, 48)}
    place.write_bytes(handover({**good, "b": tensor("BF16", [5], 48, 58)}, 58))
    assert count_parameters(place) == 17
    link = tmp_path / "link"
    link.symlink_to(place)
    assert count_parameters(link) is None
    assert count_parameters(tmp_path) is None
    assert count_parameters(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ({"w": tensor("F32", [2], 0, 8)}, 16),
        ({"w": tensor("F32", [2], 8, 16)}, 16),
        ({"w": tensor("F32", [2], 0, 8), "v": tensor("F32", [2], 0, 8)}, 8),
        ({"w": tensor("F32", [1], 0, 8)}, 8),
        ({"w": tensor("F31", [2], 0, 8)}, 8),
        ({"w": tensor("F32", [-2], 0, -8)}, 0),
        ({"w": tensor("F32", [True, 2], 0, 8)}, 8),
        ({"w": 3}, 8),
        ([1], 8),
    ],
)
def test_a_header_that_does_not_tell_the_truth_counts_nothing(header: object, size: int) -> None:
    assert numbers(json.dumps(header).encode(), size) is None
    assert numbers(b"[" * 100_000, size) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("memory = -1", "cockpit.toml: [constraints] memory = -1 is too small; the least is 0"),
        ("nodes = -2", "[constraints] nodes = -2 is too small; the least is -1"),
        ("parameters = 1.5", "[constraints] parameters = 1.5 is no int"),
        ("frozen = [3]", 'frozen = [3] is no constraint; write a list of names such as ["SEQ_LEN"'),
        ("frozen = ['a b']", "frozen = ['a b'] is no constraint"),
        ("ranges = 3", "ranges = 3 is no constraint; write a table"),
        ("ranges = { LR = [2, 1] }", "give LR its least and its most value, such as LR = [1, 8]"),
        ("ranges = { LR = 3 }", "give LR its least and its most value"),
        ("ranges = { LR = [1, inf] }", "give LR its least and its most value"),
        ("vram = 3", "[constraints] vram is not a setting; [constraints] has added_nodes, frozen"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "cockpit.toml").write_text(f"[constraints]\n{text}\n")
    with pytest.raises(ConfigError, match=re.escape(words)):
        load(tmp_path, environment={})


def test_settings_are_read_from_file_and_environment(tmp_path: Path) -> None:
    (tmp_path / "cockpit.toml").write_text(
        '[constraints]\nmemory = 500\nfrozen = ["LR"]\n[constraints.ranges]\nDEPTH = [1, 8]\n'
    )
    found = load(tmp_path, environment={"COCKPIT_CONSTRAINTS_FROZEN": "LR, BATCH"}).constraints
    assert found == Constraints(memory=500, frozen=("LR", "BATCH"), ranges={"DEPTH": (1, 8)})
