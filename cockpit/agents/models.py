"""What models a server has, and which one to take when the human named none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ollama import ListResponse, ProcessResponse, ShowResponse

CAPABLE: Final = 3.0
"""Billions of parameters from which a model makes sensible edits at all (Aider's leaderboard)."""
ABSURD: Final = 36.0
"""Billions of parameters above which no single consumer GPU holds a model beside nothing else."""
SHARE: Final = 0.8
"""Share of the device's memory that a model's file may take; the rest is its context's."""
_CODER: Final = re.compile(r"cod(e|er|estral)|devstral|starcoder", re.IGNORECASE)
_EMBEDDING: Final = re.compile(r"embed|minilm|\bbge\b|bge-|\be5\b|rerank", re.IGNORECASE)
_STUB_BYTES: Final = 10_000_000
"""A cloud model's entry is a stub of a few hundred bytes; no usable model is this small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An installed model; `parameters` in billions, None where the server does not tell."""

    name: str
    bytes: int
    parameters: float | None = None
    family: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a model can do; `context` is its longest window in tokens."""

    parameters: float | None = None
    context: int | None = None
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model in memory; `window` is the one it was really given."""

    name: str
    bytes: int
    vram: int
    window: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The model to use and why; `name` is empty, or not `installed`, when `reason` says so."""

    name: str
    reason: str
    installed: bool = True


def choose_model(tags: Sequence[Model], wanted: str = "", memory: int | None = None) -> Choice:
    """Take the wanted model, else the best installed one.

    Best is a coder model of a size that makes sensible edits and fits the device, the largest of
    them; then any other of such a size; then smaller coders. Cloud and embedding models never.
    `memory` is the device's in bytes, of which a model's file may take up four fifths; when it is
    not known, a model up to 36 billion parameters passes.
    """
    if wanted:
        known = next((m for m in tags if same(m.name, wanted)), None)
        if known is not None and _cloud(known):
            return Choice(
                name=known.name,
                reason=f"the model {known.name} runs in a cloud, and nothing is to leave this "
                "network; choose a local one with --model",
                installed=False,
            )
        if known is not None:
            return Choice(name=known.name, reason=f"{known.name}: as --model says")
        return Choice(
            name=wanted,
            reason=f"the model {wanted} is not installed; get it with `ollama pull {wanted}`",
            installed=False,
        )
    local = [model for model in tags if usable(model)]
    if not local:
        return Choice(
            name="",
            reason="the model server has no local model that can write; "
            "get one with `ollama pull qwen2.5-coder:7b`",
            installed=False,
        )
    best = max(local, key=lambda model: _rank(model, memory))
    return Choice(name=best.name, reason=_reason(best, len(local), memory))


def billions(text: str | None) -> float | None:
    """Read `7.6B` or `134.52M` as billions of parameters."""
    match = re.fullmatch(r"([\d.]+)\s*([BMK])", (text or "").strip().upper())
    if match is None:
        return None
    return float(match[1]) * {"B": 1.0, "M": 1e-3, "K": 1e-6}[match[2]]


def same(name: str, other: str) -> bool:
    """Say whether two names mean one model; the tag `latest` may be left out."""
    return name.removesuffix(":latest") == other.removesuffix(":latest")


def read_model(entry: ListResponse.Model) -> Model:
    """Read one entry of /api/tags."""
    details = entry.details
    return Model(
        name=entry.model or "",
        bytes=int(entry.size or 0),
        parameters=billions(details.parameter_size) if details else None,
        family=(details.family or "") if details else "",
    )


def read_facts(shown: ShowResponse) -> Facts:
    """Read /api/show."""
    info = shown.modelinfo or {}
    contexts = [value for key, value in info.items() if key.endswith(".context_length")]
    count = info.get("general.parameter_count")
    told = billions(shown.details.parameter_size) if shown.details else None
    return Facts(
        parameters=told or (count / 1e9 if isinstance(count, int) else None),
        context=next((value for value in contexts if isinstance(value, int)), None),
        capabilities=frozenset(shown.capabilities or ()),
    )


def read_loaded(entry: ProcessResponse.Model) -> Loaded:
    """Read one entry of /api/ps."""
    return Loaded(
        name=entry.model or entry.name or "",
        bytes=int(entry.size or 0),
        vram=int(entry.size_vram or 0),
        window=entry.context_length,
    )


def usable(model: Model) -> bool:
    """Leave out what is not here (cloud) and what cannot write (embeddings)."""
    able = "bert" not in model.family and not _EMBEDDING.search(model.name)
    return able and not _cloud(model)


def _cloud(model: Model) -> bool:
    """Say whether a model is an entry for one that runs elsewhere."""
    tag = model.name.rpartition(":")[2]
    return tag.endswith("cloud") or model.name.endswith("-cloud") or model.bytes < _STUB_BYTES


def _size(model: Model) -> float:
    """Return billions of parameters; guessed from a four-bit file's bytes when not told."""
    return model.parameters or model.bytes / 0.6e9


def _fits(model: Model, memory: int | None) -> bool:
    """Say whether a model leaves room for its context."""
    return _size(model) <= ABSURD if memory is None else model.bytes <= SHARE * memory


def _rank(model: Model, memory: int | None) -> tuple[bool, bool, bool, float]:
    """Order models from worst to best."""
    size = _size(model)
    if not _fits(model, memory):
        return (False, False, False, -size)
    return (True, size >= CAPABLE, bool(_CODER.search(model.name)), size)


def _reason(model: Model, count: int, memory: int | None) -> str:
    """Say in one sentence why this model was taken."""
    size = _size(model)
    kind = "coder model" if _CODER.search(model.name) else "model"
    what = f"{size:.2g}B parameters, {model.bytes / 1e9:.1f} GB"
    among = f"of {count} installed" if count > 1 else "the only one installed"
    if not _fits(model, memory):
        return f"{model.name}: the smallest {kind} {among} ({what}); it may not fit the device"
    limit = f"up to {ABSURD:g}B" if memory is None else "that fits the device"
    best = f"the largest {kind} {limit} {among}" if count > 1 else among
    small = "" if size >= CAPABLE else "; small models propose little of use"
    return f"{model.name}: {best} ({what}){small}"
