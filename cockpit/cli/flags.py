"""From flags to settings: a flag that was not given leaves file and environment as they are."""

from __future__ import annotations

import argparse
from pathlib import Path

from cockpit.config import Settings, load

FLAGS = {
    "budget": ("session", "budget"),
    "until": ("session", "until"),
    "kind": ("agent", "kind"),
    "model": ("agent", "model"),
    "host": ("agent", "host"),
    "seed": ("agent", "seed"),
    "threads": ("sandbox", "threads"),
    "wheel": ("sandbox", "wheel"),
    "rehearsals": ("rehearsal", "iterations"),
    "remeasure": ("judge", "remeasure_pairs"),
    "theme": ("screen", "theme"),
}
WRITTEN = {"kind": "agent"}
"""Flags that are not called as their value is here."""


def settings_of(root: Path | None, arguments: argparse.Namespace) -> Settings:
    """Return the settings of a workspace, or of none, under the flags of this call.

    Raises:
        ConfigError: one of them is not known.
    """
    given: dict[tuple[str, str], object] = {
        place: getattr(arguments, flag, None) for flag, place in FLAGS.items()
    }
    if getattr(arguments, "no_mouse", False):
        given[("screen", "mouse")] = False
    if getattr(arguments, "ascii", False):
        given[("screen", "ascii")] = True
    names = {place: f"--{WRITTEN.get(flag, flag)}" for flag, place in FLAGS.items()}
    return load(root, given, names=names)
