"""Every refusal that an agent can be sent, by stage; `python -m tests.advice` writes the pages.

The pages in tests/data/advice are what a model reads when its proposal is turned back: read their
diff as you would a prompt's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from cockpit.agents import lines, reply
from cockpit.agents.schema import Offer
from cockpit.arena.examiner import ADVICE
from cockpit.constraints import Bounds, Constraints, measured
from cockpit.demo import TRAIN
from cockpit.engine import rejections
from cockpit.engine.rows import Row
from cockpit.source import guard
from cockpit.source.stage import stage
from cockpit.trial import (
    Block,
    Candidate,
    Crashed,
    Edit,
    Proposal,
    Rejected,
    Replace,
    Rewrite,
    SetConstants,
    TimedOut,
    Usage,
    VerdictWord,
)

FOLDER = Path(__file__).parent / "data" / "advice"
OFFERED = (
    Offer(name="LR", value=3e-4, comment="peak", choices=(), tried={1e-3: 7}),
    Offer(name="ACTIVATION", value="gelu", comment="", choices=("relu2", "swiglu"), tried={}),
)
TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 41, in forward
    x = x @ self.weight
RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x64 and 32x64)"""
LR, MAIN = "LR = 3e-4        # peak", 'if __name__ == "__main__":'
Cases = dict[str, Callable[[], object]]


def staged(edit: Edit, base: str = TRAIN, constraints: Constraints | None = None) -> object:
    """Hold an edit against the gate."""
    proposal = Proposal(hypothesis="", edit=edit, lane="ollama")
    bounds = Bounds(constraints=constraints or Constraints())
    outcome = stage(proposal, base, bounds)
    assert isinstance(outcome, Candidate | Rejected)
    return outcome


def blocks(*pairs: tuple[str, str], constraints: Constraints | None = None) -> object:
    """Hold search/replace blocks against the gate."""
    made = tuple(Block(search=search, replace=replace) for search, replace in pairs)
    return staged(Replace(blocks=made), constraints=constraints)


def adds(code: str) -> object:
    """Hold a file with more code, at its top, against the gate."""
    return blocks(("import prepare", f"import prepare\n{code}"))


def constant(**said: object) -> object:
    """Read a tier A reply."""
    return reply.read_constant(json.dumps(said), OFFERED)


def row(number: int, word: VerdictWord | None, sigmas: float | None = None) -> Row:
    """Return an earlier trial."""
    return Row(
        number=number,
        kind="experiment",
        lane="sweep",
        against=0,
        started_at=0.0,
        summary="LR 0.0003 -> 0.001" if number else "",
        word=word,
        sigmas=sigmas,
    )


PARSE: Cases = {
    "no object": lambda: reply.read_constant("I would raise LR.", OFFERED),
    "no line": lambda: reply.read_line("", TRAIN),
    "name not on offer": lambda: constant(name="learning_rate", value=1e-3),
    "no value": lambda: constant(name="LR", value=None),
    "no such choice": lambda: constant(name="ACTIVATION", value="silu"),
    "a string for a number": lambda: constant(name="LR", value="> 1e-4"),
    "as it is": lambda: constant(name="LR", value=3e-4),
    "far too large": lambda: constant(name="LR", value=10**400),
    "out of range": lambda: constant(name="LR", value=1.731),
    "line not on offer": lambda: lines.edit_of(TRAIN, "import prepare", "import os"),
    "line as it is": lambda: lines.edit_of(TRAIN, LR, LR),
    "no block": lambda: reply.read_blocks("```python\nLR = 1e-2\n```"),
    "block without end": lambda: reply.read_blocks("<<<<<<< SEARCH\nLR = 3e-4\n=======\nLR = 1e-2"),
    "cut off in tokens": lambda: reply.cut_off(1500, 4000),
    "cut off in characters": lambda: reply.cut_off(None, 65_540),
}
APPLY: Cases = {
    "unknown constant": lambda: staged(SetConstants(changes=(("WIDTH", 128),))),
    "wrong type": lambda: staged(SetConstants(changes=(("DEPTH", 2.5),))),
    "no blocks": lambda: staged(Replace(blocks=())),
    "empty search": lambda: blocks(("", LR)),
    "two places": lambda: blocks(("    prepare.", "    pass")),
    "no place": lambda: blocks(("learning_rate = 3e-4", "learning_rate = 1e-3")),
    "one of two": lambda: blocks((LR, "LR = 1e-3"), ("    return Nothing", "    return 1")),
    "no-op": lambda: blocks((LR, "LR = 0.0003  # the peak")),
}
COMPILE: Cases = {
    "syntax": lambda: blocks((LR, "LR = = 1e-3")),
    "outside": lambda: blocks((LR, "return 1")),
    "null byte": lambda: blocks((LR, "LR = 1e-3 # \0")),
    "nested": lambda: blocks((LR, f"LR = {' + '.join(['1e-5'] * 340)}")),
    "a number of bits": lambda: adds(f"MASK = 0x{'f' * 4000}"),
    "all else": lambda: staged(Rewrite(text=TRAIN), base="\ud800"),
}
GUARD: Cases = {
    "does not parse": lambda: guard.check("LR = = 1", TRAIN),
    "build_model": lambda: blocks(("def build_model():", "def build_model(depth):")),
    "main guard": lambda: blocks((MAIN, "if True:")),
    "submit": lambda: blocks(("    prepare.submit(build_model())", "    build_model()")),
    "time_left": lambda: blocks(("    prepare.time_left()", "    pass")),
    "seed": lambda: blocks(("    prepare.seed()", "    pass")),
    "import": lambda: adds("import subprocess"),
    "star import": lambda: adds("from torch import *"),
    "os call": lambda: adds("import os\nos.system('ls')"),
    "eval": lambda: adds("eval('1')"),
    "torch.load": lambda: adds("import torch\ntorch.load('w.pt')"),
    "distributed": lambda: adds("import torch\ntorch.distributed.init_process_group()"),
    "open": lambda: adds("open('/etc/passwd')"),
    "setattr": lambda: adds("setattr(prepare, 'BUDGET', 9e9)"),
    "vars": lambda: adds("vars(prepare)"),
    "builtins": lambda: adds("__builtins__"),
    "inside": lambda: adds("build = ().__class__.__subclasses__"),
    "sys.modules": lambda: adds("import sys\nsys.modules.clear()"),
    "private": lambda: adds("prepare._deadline"),
    "prepare attribute": lambda: adds("prepare.time_left = lambda: 9e9"),
    "another meaning": lambda: adds("prepare = None"),
    "setting": lambda: adds("NAME = 'COCKPIT_VAULT'"),
    "seed literal": lambda: adds("import torch\ntorch.manual_seed(1337)"),
    "many at once": lambda: adds("import socket\nimport ctypes\nprepare.x = 1\neval('1')"),
}
CONSTRAINTS: Cases = {
    "frozen": lambda: blocks((LR, "LR = 1e-3"), constraints=Constraints(frozen=("LR",))),
    "ranges": lambda: blocks((LR, "LR = 1.0"), constraints=Constraints(ranges={"LR": (0, 0.01)})),
    "ranges, computed": lambda: blocks(
        (LR, "LR = 2 * 1e-3"), constraints=Constraints(ranges={"LR": (0, 0.01)})
    ),
    "added nodes": lambda: blocks(
        (LR, f"{LR}\nA = [1, 2, 3]"), constraints=Constraints(added_nodes=2)
    ),
    "nodes": lambda: blocks((LR, f"{LR}\nA = [1, 2, 3]"), constraints=Constraints(nodes=2)),
    "parameters": lambda: measured(Constraints(parameters=1000), parameters=2500),
    "parameters uncounted": lambda: measured(Constraints(parameters=1000)),
    "memory": lambda: measured(Constraints(memory=4000), memory=5 << 30),
}
NOVELTY: Cases = {
    "tried at tier A": lambda: constant(name="LR", value=1e-3),
    "the baseline": lambda: rejections.repeats(row(0, "keep")),
    "a discard": lambda: rejections.repeats(row(3, "discard", 7.04)),
    "a crash": lambda: rejections.repeats(row(5, "crash")),
    "one that runs": lambda: rejections.repeats(row(9, None)),
}
RUNS: Cases = {
    "crash": lambda: rejections.of_dry_run(
        Crashed(reason="RuntimeError: shapes, line 41", usage=Usage(), log_tail=TRACEBACK)
    ),
    "too slow": lambda: rejections.of_dry_run(
        TimedOut(reason="handed nothing over within 60 s", usage=Usage())
    ),
    "refused in review": lambda: rejections.refused("too bold for tonight"),
    "foresight": lambda: Rejected(stage="examine", reason="reads the future", advice=ADVICE),
}
STAGES: dict[str, Cases] = {
    "parse": PARSE,
    "apply": APPLY,
    "compile": COMPILE,
    "guard": GUARD,
    "constraints": CONSTRAINTS,
    "novelty": NOVELTY,
    "runs": RUNS,
}


def refusals(stage: str) -> dict[str, Rejected]:
    """Return what each case of a stage comes to."""
    found: dict[str, Rejected] = {}
    for name, case in STAGES[stage].items():
        outcome = case()
        assert isinstance(outcome, Rejected), f"{stage}, {name}: {outcome}"
        found[name] = outcome
    return found


def page(stage: str) -> str:
    """Return the refusals of a stage as the model reads them, with the sentence for the ledger."""
    parts = [
        f"== {name}\n-- ledger: {refusal.reason}\n{refusal.advice}\n"
        for name, refusal in refusals(stage).items()
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in STAGES:
        (FOLDER / f"{each}.txt").write_text(page(each), "utf-8")
