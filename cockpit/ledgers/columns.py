"""Columns and cells of tables from elsewhere: what a name, a status or a number means; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from cockpit.trial import VerdictWord

Role = Literal["commit", "memory", "status", "description", "time", "seconds"]

METRICS = (
    "val_bpb",
    "val_loss",
    "val_fid",
    "val_rmse",
    "metric_after",
    "score",
    "accuracy",
    "metric",
    "value",
)
"""Names of the objective, the surest first; any other `val_...` is taken before the last ones."""
ROLES: dict[Role, tuple[str, ...]] = {
    "commit": ("commit", "hash", "sha", "commit_hash", "run_id", "run", "id", "exp", "trial", "#"),
    "memory": ("memory_gb", "peak_vram_gb", "vram_gb", "memory_mb", "peak_vram_mb", "vram_mb"),
    "status": ("status", "verdict", "decision", "outcome", "result"),
    "description": ("description", "desc", "notes", "note", "summary", "change", "hypothesis"),
    "time": ("timestamp", "datetime", "started_at", "created_at", "date", "time", "ts"),
    "seconds": ("training_seconds", "train_seconds", "duration_s", "duration", "seconds"),
}
UPSTREAM = ("commit", "val_bpb", "memory_gb", "status", "description")

WORDS: dict[str, VerdictWord] = {
    **dict.fromkeys(("keep", "kept", "best", "baseline", "accepted", "improved", "win"), "keep"),
    **dict.fromkeys(
        ("discard", "discarded", "reject", "rejected", "revert", "reverted", "worse", "no_change"),
        "discard",
    ),
    **dict.fromkeys(
        ("crash", "crashed", "error", "failed", "fail", "oom", "timeout", "checks_failed"), "crash"
    ),
}
"""What the statuses in the wild mean; one that is not here (pending, done, -) is no verdict."""
UNJUDGED = ("pending", "tentative", "repair", "run", "running", "contender", "done", "queued")
NOTHING = {"", "-", "--", "—", "none", "null", "nan", "n/a", "na", "?", "inf", "-inf"}
NUMBER = re.compile(r"[~≈<>=]*\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
COMMIT = re.compile(r"[0-9a-f]{7,40}")


def normal(name: str) -> str:
    """Return a column's name as it is compared: lower case, words joined by underscores."""
    return re.sub(r"[\s\-/]+", "_", name.strip().strip("*`").lower())


def number(cell: str) -> tuple[float | None, str]:
    """Return the number a cell begins with, or None, and what else it says."""
    text = cell.strip()
    if text.lower() in NOTHING:
        return None, ""
    found = NUMBER.match(text)
    if found is None:
        return None, text
    return float(found[1]), text[found.end() :].strip(" *%")


def is_status(cell: str) -> bool:
    """Say whether a cell is one of the statuses that are known."""
    word = normal(cell)
    return word in WORDS or word in UNJUDGED


def roles_of(header: Sequence[str]) -> dict[Role, int]:
    """Return the column of each role that the header names."""
    names = [normal(name) for name in header]
    found: dict[Role, int] = {}
    for role, known in ROLES.items():
        at = next((names.index(name) for name in known if name in names), None)
        if at is not None and at not in found.values():
            found[role] = at
    return found


def metric_column(
    header: Sequence[str], roles: Mapping[Role, int], rows: Sequence[Sequence[str]]
) -> int | None:
    """Return the column of the objective: by name, else the first that is mostly decimals."""
    names = [normal(name) for name in header]
    free = [i for i in range(len(names)) if i not in roles.values()]
    for known in METRICS[:4]:
        if known in names:
            return names.index(known)
    named = [i for i in free if names[i].startswith(("val_", "valid_", "test_", "eval_"))]
    named += [names.index(known) for known in METRICS if known in names]
    named += [i for i in free if direction_of_name(names[i]) is not None]
    if named:
        return named[0]
    return next((i for i in free if _mostly_decimals(i, rows)), None)


def _mostly_decimals(column: int, rows: Sequence[Sequence[str]]) -> bool:
    cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
    decimals = [cell for cell in cells if "." in cell and number(cell)[0] is not None]
    return bool(cells) and len(decimals) * 2 > len(cells)


LESS = ("bpb", "loss", "fid", "rmse", "mse", "mae", "error", "err", "perplexity", "ppl", "wer")
MORE = ("accuracy", "acc", "f1", "auc", "auroc", "bleu", "iou", "map", "r2", "winrate", "reward")


def direction_of_name(name: str) -> Literal["minimize", "maximize"] | None:
    """Return which way a metric of this name improves, or None when the name does not tell."""
    parts = set(normal(name).split("_"))
    if parts & set(LESS):
        return "minimize"
    return "maximize" if parts & set(MORE) else None
