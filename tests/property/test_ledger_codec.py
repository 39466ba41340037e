"""Whatever an event holds, the journal gives it back; what cannot be recorded is refused."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.errors import LedgerError
from cockpit.events import Entry, Event, Noticed, TrialStarted
from cockpit.ledgers.codec import decode, dumps, encode, entry_from_dict, entry_to_dict, loads

EVENTS: tuple[type, ...] = get_args(Event)
TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: TEXT,
    types.NoneType: st.none(),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Build a strategy from a type hint; knows what events may be made of, and nothing else."""
    if hint in SCALARS:
        return SCALARS[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return st.builds(hint, **{f.name: values_of(hints[f.name]) for f in fields(hint)})
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, types.UnionType):
        return st.one_of([values_of(part) for part in parts])
    if origin is dict:
        return st.dictionaries(TEXT, values_of(parts[1]), max_size=3)
    assert origin is tuple
    if parts[-1] is Ellipsis:
        return st.lists(values_of(parts[0]), max_size=3).map(tuple)
    return st.tuples(*(values_of(part) for part in parts))


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: str(kind.__name__))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_event_comes_back_as_it_was(kind: type, data: st.DataObject) -> None:
    event = data.draw(values_of(kind))
    back = decode(loads(dumps(encode(event))))
    assert back == event
    assert type(back) is kind


@settings(max_examples=50, deadline=None)
@given(
    seq=st.integers(0, 2**60),
    milliseconds=st.integers(0, 4_000_000_000_000),
    session=TEXT,
    slot=st.integers(0, 64),
)
def test_an_entry_comes_back_to_the_millisecond(
    seq: int, milliseconds: int, session: str, slot: int
) -> None:
    event = TrialStarted(trial=1, kind="experiment", lane="sweep", against=0)
    entry = Entry(seq=seq, at=milliseconds / 1000, session=session, slot=slot, event=event)
    assert entry_from_dict(loads(dumps(entry_to_dict(entry)))) == entry


def test_an_entry_is_one_flat_object() -> None:
    event = TrialStarted(trial=1, kind="experiment", lane="sweep", against=0)
    entry = Entry(seq=7, at=1_772_935_869.12, session="mar8", slot=0, event=event)
    assert dumps(entry_to_dict(entry)) == (
        '{"schema":1,"seq":7,"at":"2026-03-08T02:11:09.120Z","session":"mar8","slot":0,'
        '"event":"TrialStarted","trial":1,"kind":"experiment","lane":"sweep","against":0}'
    )


def test_no_event_field_hides_the_envelope() -> None:
    envelope = {"schema", "seq", "at", "session", "slot", "event"}
    for kind in EVENTS:
        assert not envelope & {field.name for field in fields(kind)}, kind


STARTED = {"event": "TrialStarted", "trial": 1, "kind": "experiment"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"event": "Teleported", "trial": 1}, "unknown event 'Teleported'; update the cockpit"),
        ({**STARTED, "mood": "good"}, "unknown field 'mood'; update the cockpit"),
        ({**STARTED, "lane": "oracle"}, "'oracle' is not one of 'ollama', 'sweep', 'human'"),
        ({**STARTED, "trial": "1"}, "'1' is not of type int"),
        ({**STARTED, "trial": True}, "True is not of type int"),
        ({"event": "TrialStarted", "kind": "experiment"}, "field 'trial' is missing"),
        ({}, "unknown event None"),
    ],
)
def test_what_it_does_not_know_is_refused_by_name(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LedgerError) as caught:
        decode(data)
    assert sentence in str(caught.value)


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(LedgerError, match="schema 2, this cockpit reads 1; update the cockpit"):
        entry_from_dict({"schema": 2, **STARTED})


def test_fields_added_since_take_their_defaults() -> None:
    assert decode(STARTED) == TrialStarted(trial=1, kind="experiment")


def test_a_wrong_value_is_refused_before_it_is_recorded() -> None:
    wrong: Any = 3
    with pytest.raises(LedgerError, match="cannot be recorded: 3 is not of type str"):
        encode(Noticed(level="info", topic="x", text=wrong))
