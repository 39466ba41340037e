from cockpit.digest import digest_of
from cockpit.source import diff, normal
from cockpit.source.stage import describe, stage
from cockpit.trial import Block, Candidate, Proposal, Rejected, Replace, SetConstants

TEXT = """import torch

LR = 3e-4  # rate
BATCH = 8
KIND = "a"  # a | b
WARM = 0.0


class Block(torch.nn.Module):
    def forward(self, x):
        return x + 1


def build_model():
    return Block()
"""


def constants(**changes: bool | int | float | str) -> Proposal:
    edit = SetConstants(changes=tuple(changes.items()))
    return Proposal(hypothesis="why", edit=edit, lane="sweep")


def block(search: str, replace: str) -> Proposal:
    edit = Replace(blocks=(Block(search=search, replace=replace),))
    return Proposal(hypothesis="why", edit=edit, lane="ollama")


def test_a_candidate_carries_what_ledger_and_screen_need() -> None:
    candidate = stage(constants(LR=1.2e-3), TEXT)
    assert isinstance(candidate, Candidate)
    assert candidate.text == TEXT.replace("3e-4", "1.2e-3")
    assert (candidate.base, candidate.digest) == (digest_of(TEXT), digest_of(candidate.text))
    assert candidate.key == normal.key(candidate.text)
    assert candidate.summary == "LR 3e-4 -> 1.2e-3"
    assert candidate.constants == {"LR": 1.2e-3, "BATCH": 8, "KIND": "a", "WARM": 0.0}
    assert "-LR = 3e-4  # rate\n+LR = 1.2e-3  # rate\n" in candidate.diff


def test_the_diff_is_one_that_git_applies() -> None:
    lines = diff.unified(TEXT, TEXT.replace("+ 1", "+ 2")).splitlines()
    assert lines[:3] == [
        "--- a/sandbox/train.py",
        "+++ b/sandbox/train.py",
        "@@ -8,7 +8,7 @@",
    ]


def test_every_gate_answers_with_its_stage_and_advice() -> None:
    unapplied = stage(block("nowhere", "x"), TEXT)
    broken = stage(block("        return x + 1", "        return x +"), TEXT)
    guarded = stage(block("    return Block()", "    import socket\n    return Block()"), TEXT)
    outcomes = [unapplied, broken, guarded]
    assert [o.stage for o in outcomes if isinstance(o, Rejected)] == ["apply", "compile", "guard"]
    assert all(o.advice for o in outcomes if isinstance(o, Rejected))
    assert isinstance(broken, Rejected)
    assert "line 11" in broken.reason


def test_many_constants_are_summed_up() -> None:
    candidate = stage(constants(LR=1.0, BATCH=4, KIND="b", WARM=0.5), TEXT)
    assert isinstance(candidate, Candidate)
    assert candidate.summary == 'LR 3e-4 -> 1.0, BATCH 8 -> 4, KIND "a" -> "b" and 1 more'


def test_code_is_summed_up_by_lines_and_place() -> None:
    new = TEXT.replace("        return x + 1", "        x = 2 * x\n        return x")
    assert diff.summary(TEXT, new) == "+2 -1 lines in class Block"
    assert diff.summary(TEXT, "import math\n" + TEXT) == "+1 -0 lines"


def test_the_unedited_file_is_a_candidate_without_a_diff() -> None:
    baseline = describe(TEXT)
    assert (baseline.diff, baseline.base) == ("", baseline.digest)
    assert baseline.key == normal.key(TEXT)
