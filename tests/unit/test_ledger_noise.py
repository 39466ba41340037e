"""`cockpit ledger` on a results.tsv from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cockpit.cli import main

NIGHT = Path(__file__).parent.parent / "data" / "upstream-mar8.tsv"
QUIET = "0.00018"
"""Standard deviation of repeats of one configuration on one H200, as measured elsewhere."""


def ledger(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["ledger", *arguments]) == 0
    return capsys.readouterr().out


def table(folder: Path, *rows: str, metric: str = "val_bpb") -> str:
    path = folder / "results.tsv"
    header = f"commit\t{metric}\tmemory_gb\tstatus\tdescription"
    path.write_text("\n".join([header, *rows]) + "\n")
    return str(path)


def test_the_night_of_upstream_has_nine_keeps_inside_the_noise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = ledger(capsys, str(NIGHT), "--noise", QUIET)
    assert out.splitlines()[-1] == (
        "9 of 22 keeps lie inside two standard deviations of 0.00018; "
        "12 inside two standard errors of a difference of single runs"
    )
    assert out.count("(inside the noise)") == 9
    line = next(line for line in out.splitlines() if "unembedding LR 0.006 to 0.005" in line)
    assert line.split()[:5] == ["37", "0.972779", "-0.000070", "-0.4", "keep"]
    assert line.endswith("(inside the noise)")


def test_a_crash_has_no_value_and_no_delta(capsys: pytest.CaptureFixture[str]) -> None:
    rows = map(json.loads, ledger(capsys, str(NIGHT), "--noise", QUIET, "--json").splitlines())
    crash = next(row for row in rows if row["status"] == "crash")
    assert (crash["value"], crash["delta"], crash["inside_noise"]) == (None, None, None)


def test_without_a_noise_floor_nothing_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    out = ledger(capsys, str(NIGHT))
    assert "(inside the noise)" not in out
    assert out.endswith("22 keeps; how many lie inside the noise is told with --noise SIGMA\n")


def test_more_can_be_better(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = ("a\t0.70\t1\tkeep\tbaseline", "b\t0.71\t1\tkeep\tx", "c\t0.90\t1\tkeep\ty")
    path = table(tmp_path, *rows, metric="accuracy")
    assert "1 of 2 keeps" in ledger(capsys, path, "--noise", "0.01", "--maximize")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--noise", "0"], 2, "--noise 0.0 is no standard deviation"),
        (["--noise", "nan"], 2, "--noise nan is no standard deviation"),
        ([], 1, "results.tsv:3 has 3 fields, not 5"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    path = table(tmp_path, "a\t1.0\t1\tkeep\tbaseline", "b\tkeep\tx")
    assert main(["ledger", path, *arguments]) == code
    assert said in capsys.readouterr().err


def test_a_noise_floor_belongs_to_a_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["ledger", str(tmp_path), "--noise", "0.1"]) == 2
    assert "give --noise with a results.tsv" in capsys.readouterr().err
