"""Frozen dataclasses as JSON values and back, compiled once from their type hints.

Tuples become lists, missing values null; a member of a union of classes carries its class name
under "kind". NaN and infinities, unknown fields and values of the wrong type raise ValueError.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from math import isfinite
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

TAG = "kind"
"""The key that names the class of a nested union member."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How values of one type hint become JSON values and come back; both raise ValueError."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def shape(hint: Any) -> Shape:
    """Return the shape of a type hint, compiled at its first use.

    Raises:
        TypeError: a hint that has no form in JSON.
    """
    return _compiled(hint)


@cache
def _compiled(hint: Any) -> Shape:
    if hint in (bool, int, str):
        check = _exactly(cast(type, hint))
        return Shape(check, check)
    if hint is float:
        return Shape(_number, _number)
    if is_dataclass(hint):
        return _shape_of_class(cast(type, hint))
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        member = _member(parts)
        return Shape(member, member)
    if origin is tuple:
        return _shape_of_tuple(parts)
    if origin is dict and parts[0] is str:
        return _shape_of_dict(shape(parts[1]))
    if origin in (Union, types.UnionType):
        return _shape_of_union(parts)
    raise TypeError(f"no JSON shape for {hint!r}")


def _exactly(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"{value!r} is not of type {kind.__name__}")
        return value

    return check


def _number(value: Any) -> float:
    kind = type(value)
    if kind is not float and kind is not int:
        raise ValueError(f"{value!r} is not a number")
    if not isfinite(value):
        raise ValueError(f"{value!r} is not a finite number (a missing value is null)")
    return float(value)


def _member(allowed: tuple[Any, ...]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(map(repr, allowed))}")
        return value

    return check


def _shape_of_tuple(parts: tuple[Any, ...]) -> Shape:
    if len(parts) == 2 and parts[1] is Ellipsis:
        item = shape(parts[0])
        return Shape(
            lambda value: [item.encode(each) for each in value],
            lambda value: tuple(item.decode(each) for each in _listed(value)),
        )
    items = [shape(part) for part in parts]
    return Shape(
        lambda value: [shape.encode(each) for shape, each in zip(items, value, strict=True)],
        lambda value: tuple(
            shape.decode(each) for shape, each in zip(items, _listed(value), strict=True)
        ),
    )


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list")
    return value


def _shape_of_dict(item: Shape) -> Shape:
    key_of, encode_item, decode_item = _exactly(str), item.encode, item.decode

    def decode_items(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"{value!r} is not an object")
        return {key: decode_item(each) for key, each in value.items()}

    return Shape(
        lambda value: {key_of(key): encode_item(each) for key, each in value.items()},
        decode_items,
    )


def _shape_of_union(parts: tuple[Any, ...]) -> Shape:
    """Return the shape of `T | None`, of a union of scalars, or of a tagged union of classes."""
    if types.NoneType in parts:
        rest = tuple(part for part in parts if part is not types.NoneType)
        inner = shape(rest[0] if len(rest) == 1 else Union[rest])  # noqa: UP007
        return Shape(
            lambda value: None if value is None else inner.encode(value),
            lambda value: None if value is None else inner.decode(value),
        )
    if all(is_dataclass(part) for part in parts):
        return _shape_of_classes(parts)
    return _shape_of_scalars(frozenset(parts))


def _shape_of_scalars(kinds: frozenset[type]) -> Shape:
    def check(value: Any) -> Any:
        kind = type(value)
        if kind not in kinds:
            raise ValueError(f"{value!r} is not a constant")
        return _number(value) if kind is float else value

    return Shape(check, check)


def _shape_of_classes(parts: tuple[Any, ...]) -> Shape:
    named = {part.__name__: shape(part) for part in parts}

    def encode_member(value: Any) -> dict[str, Any]:
        name = type(value).__name__
        return {TAG: name, **named[name].encode(value)}

    def decode_member(data: Any) -> Any:
        name = data.get(TAG) if isinstance(data, dict) else None
        if name not in named:
            raise ValueError(f"{name!r} is not one of {', '.join(named)}")
        return named[name].decode({key: value for key, value in data.items() if key != TAG})

    return Shape(encode_member, decode_member)


def _shape_of_class(kind: type) -> Shape:
    hints = get_type_hints(kind)
    shapes = [(field.name, shape(hints[field.name])) for field in fields(kind)]
    decoders = {name: shape.decode for name, shape in shapes}
    required = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def encode_fields(value: Any) -> dict[str, Any]:
        return {name: shape.encode(getattr(value, name)) for name, shape in shapes}

    def decode_fields(data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValueError(f"{data!r} is not an object")
        for unknown in data.keys() - decoders.keys():
            raise ValueError(f"it has an unknown field {unknown!r}")
        if not required <= data.keys():
            missing = min(required - data.keys())
            raise ValueError(f"the field {missing!r} is missing")
        found = {name: decoders[name](value) for name, value in data.items()}
        return kind(**found)

    return Shape(encode_fields, decode_fields)
