"""What a small model is offered, and how tightly its reply is bound."""

from __future__ import annotations

import json

from cockpit.agents.composer import LAST_REQUEST
from cockpit.agents.schema import bounds, offers, rotate, schema, tried_alone, with_steps
from cockpit.agents.stock import Stock
from cockpit.engine.desk import REPAIRS
from cockpit.ports import PastTrial
from cockpit.source.constants import values
from cockpit.trial import Constant, VerdictWord
from tests.ollama.fixtures import brief

TEXT = """\
DEPTH = 2  # blocks
LR = 3e-4
BETA1 = 0.9
DROPOUT = 0.0
ACTIVATION = "gelu"  # gelu | relu2 | swiglu
QK_NORM = False
PATH = "data"
"""


def past(
    trial: int, word: VerdictWord | None = "discard", comparable: bool = True, **changes: Constant
) -> PastTrial:
    return PastTrial(
        trial=trial,
        lane="sweep",
        hypothesis="",
        summary="",
        word=word,
        reason="",
        value=None,
        delta=None,
        sigmas=None,
        constants={**values(TEXT), **changes},
        base="",
        comparable=comparable,
    )


def names(*history: PastTrial, frozen: frozenset[str] = frozenset()) -> list[str]:
    return [offer.name for offer in offers(TEXT, history, frozen)]


def test_every_constant_with_something_left_is_offered() -> None:
    assert names() == ["DEPTH", "LR", "BETA1", "DROPOUT", "ACTIVATION", "QK_NORM"]
    assert names(frozen=frozenset({"LR", "DEPTH"})) == ["BETA1", "DROPOUT", "ACTIVATION", "QK_NORM"]


def test_tried_choices_are_left_out_and_used_up_constants_too() -> None:
    history = (past(1, ACTIVATION="relu2"), past(2, QK_NORM=True))
    left = {offer.name: offer.choices for offer in offers(TEXT, history)}
    assert left["ACTIVATION"] == ("swiglu",)
    assert "QK_NORM" not in left


def test_a_value_counts_as_tried_only_alone_and_under_this_fingerprint() -> None:
    history = (
        past(1, LR=1e-3, DEPTH=4),
        past(2, LR=2e-3, comparable=False),
        past(3, LR=3e-3, word=None),
        past(4, LR=4e-3),
    )
    assert tried_alone(values(TEXT), history) == {"LR": {4e-3: 4}}


def test_what_the_gate_refused_is_not_offered_again() -> None:
    left = {o.name: o for o in offers(TEXT, (), refused={("ACTIVATION", "swiglu"): 5})}
    assert left["ACTIVATION"].choices == ("relu2",)


def test_the_subset_rotates_and_is_the_same_for_the_same_trial() -> None:
    many = "\n".join(f"C{n} = {n + 1}" for n in range(26))
    every = offers(many, ())
    shown = [rotate(every, trial, 1) for trial in range(40)]
    assert {len(subset) for subset in shown} == {6}
    assert {offer.name for subset in shown for offer in subset} == {o.name for o in every}
    assert rotate(every, 7, 2) == rotate(every, 7, 2) != rotate(every, 7, 3)


def test_the_schema_types_each_value_and_puts_the_hypothesis_last() -> None:
    made = schema(offers(TEXT, ()))
    branches = {branch["properties"]["name"]["const"]: branch for branch in made["anyOf"]}
    assert all(list(b["properties"]) == ["name", "value", "hypothesis"] for b in made["anyOf"])
    value = {name: branch["properties"]["value"] for name, branch in branches.items()}
    assert value["DEPTH"] == {"type": "integer", "minimum": 1, "maximum": 16}
    assert value["LR"]["type"] == "number"
    assert value["BETA1"]["maximum"] == 1.0
    assert value["ACTIVATION"] == {"enum": ["relu2", "swiglu"]}
    assert value["QK_NORM"] == {"enum": [True]}
    json.dumps(made)


def test_a_tiny_model_chooses_among_ready_numbers() -> None:
    ready = {o.name: with_steps(o).choices for o in offers(TEXT, (past(1, DEPTH=4),))}
    assert ready["DEPTH"] == (1, 8)
    assert ready["LR"] == (7.5e-05, 0.00015, 0.0006, 0.0012)
    assert ready["BETA1"] == (0.95, 0.8)
    assert ready["DROPOUT"] == (0.05, 0.1, 0.3)
    assert ready["ACTIVATION"] == ("relu2", "swiglu")


def test_bounds_follow_the_sign() -> None:
    assert bounds(-2) == (-16, -1)
    assert bounds(0) == (0.0, 100.0)


def test_the_last_request_of_a_turn_offers_ready_numbers_to_any_model() -> None:
    assert LAST_REQUEST == 1 + REPAIRS
    stock = Stock(frozenset(), ready=False)
    plain = [offer for trial in range(9) for offer in stock.offer(brief(trial), 1)]
    last = [offer for trial in range(9) for offer in stock.offer(brief(trial), 4, ready=True)]
    assert not all(offer.choices for offer in plain)
    assert last
    assert all(offer.choices for offer in last)
