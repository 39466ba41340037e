"""What a session stands on: repository, data, model, and what the walls hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cockpit.agents.models import Choice, Model
from cockpit.cli.checks import Check, dotted, version_in
from cockpit.events import IsolationMeasured

OLDEST_SERVER = (0, 5)
"""Ollama's structured outputs, which small models need, came with 0.5."""
PULL = "ollama pull qwen2.5-coder:7b"


def repository_check(root: Path, top: str, why: str) -> Check:
    """Judge the repository of `root`: `top` is its folder, else `why` says why git sees none."""
    if top:
        return Check(state="ok", name="repository", found=top)
    if "not a git repository" in why:
        remedy = f"cockpit init {root} makes one"
        return Check(state="warn", name="repository", found=f"none in {root}", remedy=remedy)
    remedy = "mend that in git"
    if "ownership" in why:
        remedy = f"git config --global --add safe.directory {root}"
    return Check(state="fail", name="repository", found=f"git: {why}", remedy=remedy)


def identity_check(*, known: bool, fallback: str) -> Check:
    """Say whose name the commits of keeps carry."""
    if known:
        return Check(state="ok", name="identity", found="commits carry your name")
    remedy = "git config --global user.name NAME, and user.email"
    found = f"git does not know you: commits carry {fallback}"
    return Check(state="warn", name="identity", found=found, remedy=remedy)


def data_check(meta: Mapping[str, object] | None, root: Path) -> Check:
    """Judge the prepared data by its meta data; None means not complete."""
    if meta is None:
        found, remedy = "not prepared", f"the first start does it, or: cockpit init {root}"
        return Check(state="warn", name="data", found=found, remedy=remedy)
    if generated(meta):
        found = "tunes written here from a secret: values compare with no other workspace's"
        remedy = "to fetch the corpus, get a music21 wheel and: cockpit init NEWDIR --wheel FILE"
        return Check(state="warn", name="data", found=found, remedy=remedy)
    sizes = meta.get("bytes")
    size = sum(sizes.values()) if isinstance(sizes, dict) else 0
    return Check(state="ok", name="data", found=f"{meta.get('source')}, {size:,} bytes, complete")


def generated(meta: Mapping[str, object]) -> bool:
    """Say whether the tunes were written here, so that no copy of them is elsewhere."""
    return meta.get("source") == "generated"


def server_check(url: str, version: str, models: Sequence[Model] | str) -> Check:
    """Judge the model server; `models` is one sentence when it did not answer."""
    if isinstance(models, str):
        found, _, advice = models.partition("; ")
        remedy = f"{advice or 'ollama serve'}, then {PULL}; without a model the sweep proposes"
        return Check(state="warn", name="model server", found=found, remedy=remedy)
    found = f"{url}, version {version or 'not told'}, {len(models)} installed"
    names = ", ".join(model.name for model in models[:6])
    found += f" ({names}{', ...' if len(models) > 6 else ''})" if names else ""
    if version and version_in(version) < OLDEST_SERVER:
        remedy = f"update Ollama to {dotted(OLDEST_SERVER)} or newer: it cannot hold to a schema"
        return Check(state="warn", name="model server", found=found, remedy=remedy)
    return Check(state="ok", name="model server", found=found)


def model_check(choice: Choice | str, kind: str) -> Check:
    """Say which model would be taken and why; `kind` is [agent] kind."""
    if kind == "sweep":
        return Check(state="ok", name="model", found="none wanted: [agent] kind is sweep")
    if isinstance(choice, str):
        return Check(state="warn", name="model", found="none, the sweep proposes alone")
    if not choice.installed:
        what, _, remedy = choice.reason.partition("; ")
        return Check(state="warn", name="model", found=what, remedy=remedy)
    return Check(state="ok", name="model", found=choice.reason)


def isolation_checks(
    found: IsolationMeasured, *, require: str, levels: Sequence[str]
) -> Iterator[Check]:
    """Say what the walls held, then each hole and residual; `levels` from least to most."""
    words = f"{found.level}, {found.blocked} of {found.attempts} escapes stopped; {found.detail}"
    if levels.index(found.level) < levels.index(require):
        way = found.remedy or "mend it"
        remedy = f"[isolation] require = '{require}' refuses that: {way}, or require less"
        yield Check(state="fail", name="isolation", found=words, remedy=remedy)
    elif found.level == "sealed":
        yield Check(state="ok", name="isolation", found=words)
    else:
        yield Check(state="warn", name="isolation", found=words, remedy=found.remedy)
    for index, text in enumerate(found.residuals):
        hole = index < found.attempts - found.blocked
        yield Check(state="warn" if hole else "ok", name="hole" if hole else "residual", found=text)


def corpus_check(copies: Iterable[Path], *, written_here: bool, readable: bool) -> Check:
    """Judge copies of the corpus among the packages of the sandbox; `readable` inside the walls."""
    places = ", ".join(map(str, copies))
    if not places:
        found = "no copy of the tunes where train.py can read"
        return Check(state="ok", name="corpus", found=found)
    if written_here:
        found = f"{places} holds other tunes than this workspace's"
        return Check(state="ok", name="corpus", found=found)
    if not readable:
        return Check(state="ok", name="corpus", found=f"{places} is closed to train.py")
    found = f"{places}: train.py can read the held-out tunes there"
    remedy = "uninstall music21 there, or set [sandbox] python to an interpreter without it"
    return Check(state="fail", name="corpus", found=found, remedy=remedy)
