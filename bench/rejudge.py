"""Hold a finished ledger against the judge's bounds: `python -m bench.rejudge [DIR]`.

Every verdict is decided again by the pure judge from the runs in the journal. Keeps are also
counted by hand: enough runs of both files in the ledger, and a delta in sigma. Exits 1 if any
verdict does not follow.
"""

from __future__ import annotations

import argparse
import sys

from cockpit.cli.journal import history, workspace_root
from cockpit.engine.rejudge import Rejudged, rejudge
from cockpit.judges.sequential import Bounds, SequentialJudge

HEAD = (
    "| session | trial | verdict | delta | sigma | runs | of the best | beside | follows |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def faults(found: Rejudged, bounds: Bounds) -> list[str]:
    """Return what is wrong with a verdict, in words; nothing for one that met the bounds."""
    verdict = found.recorded
    said = [] if found.agrees else [f"the judge says: {found.again}"]
    if verdict.word != "keep":
        return said
    if verdict.sigmas is None or verdict.sigma is None:
        return [*said, "the delta is not given in sigma"]
    enormous = abs(verdict.sigmas) >= bounds.enormous
    runs = bounds.enormous_runs if enormous else bounds.runs
    beside = bounds.enormous_beside if enormous else bounds.beside
    if len(found.case.candidate) < runs:
        said.append(f"{len(found.case.candidate)} runs in the ledger, not {runs}")
    if _beside(found) < beside:
        said.append(f"the best was run {_beside(found)} times beside it, not {beside}")
    return said


def _beside(found: Rejudged) -> int:
    first = found.case.candidate[0].tick
    return sum(run.tick > first for run in found.case.incumbent)


def _line(found: Rejudged, said: list[str]) -> str:
    verdict, metric = found.recorded, found.case.metric
    sigmas = "" if verdict.sigmas is None else f"{verdict.sigmas:+.1f}"
    cells = (
        found.session,
        f"{found.trial}",
        verdict.word,
        metric.format_delta(verdict.delta),
        sigmas,
        f"{verdict.runs}",
        f"{verdict.incumbent_runs}",
        f"{_beside(found)}",
        "; ".join(said) or "yes",
    )
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Print the table and the count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("dir", nargs="?", default=".", help="workspace (here)")
    entries = history(workspace_root(parser.parse_args().dir))
    found = rejudge(entries, SequentialJudge())
    wrong = 0
    print(HEAD)
    for each in found:
        said = faults(each, Bounds())
        wrong += bool(said)
        print(_line(each, said))
    keeps = sum(each.recorded.kept for each in found)
    print(f"\n{len(found)} verdicts, {keeps} of them keeps; {wrong} do not follow from their runs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
