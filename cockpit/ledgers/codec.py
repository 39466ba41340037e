"""Events as JSON objects and back, generic over the frozen dataclasses of `cockpit.events`.

An entry is one flat object a line, its envelope first:

    {"schema": 1, "seq": 7, "at": "2026-03-08T02:11:09.120Z", "session": "mar8", "slot": 0,
     "event": "TrialStarted", "trial": 1, "kind": "experiment", "lane": "sweep", "against": 0}

A nested member of a union of classes carries its class name under "kind". What a newer cockpit
wrote and this one does not know is refused by name: a fold that skips facts would be wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast, get_args

from cockpit.errors import LedgerError
from cockpit.events import SCHEMA, Entry, Event
from cockpit.ledgers.shapes import shape

_UPDATE = "update the cockpit, or read this ledger with the one that wrote it"
_ENVELOPE = ("schema", "seq", "at", "session", "slot", "event")
_JSON = json.JSONDecoder()
_DECODERS = {kind.__name__: shape(kind).decode for kind in get_args(Event)}


def encode(event: Event) -> dict[str, Any]:
    """Return the event as a JSON object: its class name under "event", then its fields.

    Raises:
        LedgerError: a field holds what its type does not allow, NaN and infinities included.
    """
    name = type(event).__name__
    try:
        return {"event": name, **shape(type(event)).encode(event)}
    except (ValueError, KeyError) as error:
        raise LedgerError(f"the event {name} cannot be recorded: {error}") from error


def decode(data: Mapping[str, Any]) -> Event:
    """Return the event that `encode` made `data` from.

    Raises:
        LedgerError: an event or field that this version does not know, or a value it cannot be.
    """
    return decode_fields(
        data.get("event"), {key: value for key, value in data.items() if key != "event"}
    )


def decode_fields(name: object, fields: Mapping[str, Any]) -> Event:
    """Return the event of the class `name` with these fields.

    Raises:
        LedgerError: as `decode`.
    """
    decoder = _DECODERS.get(name) if isinstance(name, str) else None
    if decoder is None:
        raise LedgerError(f"the ledger holds an unknown event {name!r}", _UPDATE)
    try:
        return cast(Event, decoder(fields))
    except ValueError as error:
        raise LedgerError(f"the event {name} cannot be read: {error}", _UPDATE) from error


def entry_to_dict(entry: Entry) -> dict[str, Any]:
    """Return the entry as one flat JSON object; its time is ISO 8601, UTC, in milliseconds.

    Raises:
        LedgerError: as `encode`.
    """
    at = datetime.fromtimestamp(round(entry.at, 3), UTC).isoformat(timespec="milliseconds")
    return {
        "schema": SCHEMA,
        "seq": entry.seq,
        "at": at.replace("+00:00", "Z"),
        "session": entry.session,
        "slot": entry.slot,
        **encode(entry.event),
    }


def entry_from_dict(data: Mapping[str, Any]) -> Entry:
    """Return the entry that `entry_to_dict` made `data` from, its time rounded to milliseconds.

    Raises:
        LedgerError: a newer schema, a missing or wrong envelope, or as `decode`.
    """
    schema = data.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise LedgerError(f"the entry has schema {schema!r}, this cockpit reads {SCHEMA}", _UPDATE)
    body = {key: value for key, value in data.items() if key not in _ENVELOPE[:-1]}
    event = decode(body)
    try:
        at = datetime.fromisoformat(str(data["at"]))
        return Entry(
            seq=shape(int).decode(data["seq"]),
            at=round(at.timestamp(), 3),
            session=shape(str).decode(data["session"]),
            slot=shape(int).decode(data["slot"]),
            event=event,
        )
    except (KeyError, ValueError) as error:
        raise LedgerError(f"the entry's envelope cannot be read: {error!r}") from error


def dumps(data: Mapping[str, Any]) -> str:
    """Return compact JSON on one line, pure ASCII: a lone surrogate in a log survives it."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False)


def loads(text: str) -> dict[str, Any]:
    """Return the JSON object in `text`.

    Raises:
        LedgerError: it is not one JSON object.
    """
    text = text.strip(" \t\r\n")
    try:
        data, end = _JSON.raw_decode(text)
        if end != len(text):
            raise ValueError(f"there is more behind it: {text[end : end + 20]!r}")
    except ValueError as error:
        raise LedgerError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise LedgerError(f"not a JSON object but {type(data).__name__}")
    return data
