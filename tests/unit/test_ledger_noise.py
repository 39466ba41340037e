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
    assert out.splitlines()[-2:] == [
        "9 of 22 keeps lie inside two standard deviations of 0.00018; "
        "12 inside two standard errors of a difference of single runs",
        "less is better: by the name val_bpb",
    ]
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
    assert "22 keeps; how many lie inside the noise is told with --noise SIGMA\n" in out


def test_more_can_be_better(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = ("a\t0.70\t1\tkeep\tbaseline", "b\t0.71\t1\tkeep\tx", "c\t0.90\t1\tkeep\ty")
    path = table(tmp_path, *rows, metric="accuracy")
    assert "1 of 2 keeps" in ledger(capsys, path, "--noise", "0.01", "--maximize")


def test_the_direction_is_inferred_and_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = table(tmp_path, "a\t0.70\t1\tkeep\tbaseline", "b\t0.71\t1\tkeep\tx", metric="accuracy")
    out = ledger(capsys, path, "--noise", "0.01")
    assert "1 of 1 keeps" in out
    assert out.endswith("more is better: by the name accuracy\n")


def test_an_odd_row_is_shown_and_marked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = table(tmp_path, "a\t1.0\t1\tkeep\tbaseline", "b\t0.9\t1\tpending\tx")
    line = next(line for line in ledger(capsys, path).splitlines() if "pending" in line)
    assert line.endswith("(the status 'pending' is no verdict)")


@pytest.mark.parametrize("noise", ["0", "-1", "nan", "inf"])
def test_a_noise_floor_is_a_standard_deviation(
    capsys: pytest.CaptureFixture[str], noise: str
) -> None:
    assert main(["ledger", str(NIGHT), f"--noise={noise}"]) == 2
    assert "is no standard deviation" in capsys.readouterr().err


def test_a_file_without_rows_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "results.tsv").write_text("")
    assert main(["ledger", str(tmp_path / "results.tsv")]) == 1
    assert "has no row; name a results.tsv" in capsys.readouterr().err


def test_a_noise_floor_belongs_to_a_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["ledger", str(tmp_path), "--noise", "0.1"]) == 2
    assert "give --noise with a results.tsv" in capsys.readouterr().err
