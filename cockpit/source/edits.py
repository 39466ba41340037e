"""Applying an edit to the text of `train.py`, or saying so precisely that it can be mended."""

from __future__ import annotations

from typing import Final, assert_never

from cockpit.source import matching, normal
from cockpit.source.constants import set_constants
from cockpit.trial import Block, Edit, Rejected, Replace, Rewrite, SetConstants

SHOWN: Final = 3
"""Blocks that are explained to their maker: who misses more has to begin anew."""


def apply(edit: Edit, text: str) -> str | Rejected:
    """Return `text` with the edit applied, or Rejected (stage `apply`) with advice to its maker.

    Blocks are applied together or not at all. An edit that leaves the program as it was, be it
    with other comments or spelling, is rejected too.
    """
    match edit:
        case SetConstants(changes=changes):
            edited = _set(dict(changes), text)
        case Replace(blocks=blocks):
            edited = _replace(blocks, text)
        case Rewrite(text=whole):
            edited = _lf(whole).rstrip("\n") + "\n"
        case _:
            assert_never(edit)
    if isinstance(edited, str) and normal.normal_form(edited) == normal.normal_form(text):
        return Rejected(
            stage="apply",
            reason="the edit changes nothing that runs",
            advice="Your edit leaves the program as it is. Change what it does, not how it reads.",
        )
    return edited


def _set(changes: dict[str, bool | int | float | str], text: str) -> str | Rejected:
    """Set constants, turning a wrong name or value into a rejection."""
    try:
        return set_constants(text, changes)
    except ValueError as error:
        advice = f"{error}. Name a constant that is there, and give it a value of its kind."
        return Rejected(stage="apply", reason=str(error), advice=advice)


def _replace(blocks: tuple[Block, ...], text: str) -> str | Rejected:
    """Apply blocks in order; name every one that did not match, and those that did."""
    crlf = "\r\n" in text
    edited = _lf(text)
    fitted: list[int] = []
    missed: list[tuple[int, Block, matching.Miss]] = []
    for number, block in enumerate(blocks, start=1):
        outcome = matching.substitute(edited, _lf(block.search), _lf(block.replace))
        if isinstance(outcome, matching.Miss):
            missed.append((number, block, outcome))
        else:
            edited = outcome
            fitted.append(number)
    if not blocks:
        return Rejected(
            stage="apply", reason="the edit has no blocks", advice="Send at least one block."
        )
    if missed:
        return _missed(_lf(text), fitted, missed, len(blocks))
    return edited.replace("\n", "\r\n") if crlf else edited


def _missed(
    text: str, fitted: list[int], missed: list[tuple[int, Block, matching.Miss]], total: int
) -> Rejected:
    """Say which blocks did not match and why, with the nearest real lines to copy from."""
    parts = [_explain(text, number, block, miss, total) for number, block, miss in missed[:SHOWN]]
    if len(missed) > SHOWN:
        parts.append(f"{len(missed) - SHOWN} more blocks did not match either.")
    if fitted:
        names = ", ".join(map(str, fitted))
        parts.append(f"Block {names} matched; nothing was changed yet, so send all blocks again.")
    number, _, miss = missed[0]
    fault = f"matches {len(miss.lines)} places" if miss.lines else "matches no place in train.py"
    more = f" (and {len(missed) - 1} more)" if len(missed) > 1 else ""
    return Rejected(
        stage="apply",
        reason=f"the search text of block {number} of {total} {fault}{more}",
        advice="\n".join(parts),
    )


def _explain(text: str, number: int, block: Block, miss: matching.Miss, total: int) -> str:
    """Tell the maker of one block what is wrong with its search text."""
    name = f"Block {number} of {total}"
    if not block.search.strip():
        return f"{name} has an empty search text: quote the lines it is to replace."
    if miss.lines:
        places = ", ".join(map(str, miss.lines[:8]))
        return (
            f"{name}: its search text matches {len(miss.lines)} places (lines {places}); "
            "add the lines before or after, so that it matches exactly one."
        )
    line, real = matching.nearest(text, block.search)
    shown = "\n".join(real)
    return (
        f"{name}: its search text is not in train.py. The nearest real lines start at line "
        f"{line}; copy them exactly:\n```\n{shown}\n```"
    )


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
