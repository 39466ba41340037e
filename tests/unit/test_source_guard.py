import pytest

from cockpit.source.guard import check, compile_error
from cockpit.trial import Rejected

BASE = """import math
import os

import prepare
import torch

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
LR = 3e-4


def build_model():
    return torch.nn.Linear(4, 4)


def main():
    torch.manual_seed(prepare.seed())
    model = build_model()
    for x, y in prepare.batches(8, 256, prepare.device()):
        if prepare.time_left() <= 0:
            break
    prepare.submit(model)


if __name__ == "__main__":
    main()
"""


def outcome(old: str, new: str, base: str = BASE) -> Rejected | tuple[str, ...]:
    assert old in base
    return check(base.replace(old, new), base)


def in_main(code: str) -> Rejected | tuple[str, ...]:
    lines = "".join(f"    {line}\n" for line in code.split("\n"))
    return outcome("    model = build_model()\n", lines + "    model = build_model()\n")


def test_what_the_base_does_already_is_not_held_against_the_candidate() -> None:
    assert check(BASE, BASE) == ()
    assert outcome("LR = 3e-4", "LR = 1e-3") == ()
    old = BASE.replace("import math", "import subprocess")
    assert check(old.replace("3e-4", "1e-3"), old) == ()


@pytest.mark.parametrize(
    "code",
    [
        "torch.manual_seed(42)",
        "import random; random.seed(0)",
        "g = torch.Generator().manual_seed(1234)",
        "import numpy as np; r = np.random.default_rng(seed=3)",
        "SEED = 7; torch.cuda.manual_seed_all(SEED)",
        "from random import Random as R; r = R(5)",
        "def seed_all(s):\n    torch.manual_seed(s)\nseed_all(3)",
    ],
)
def test_a_new_literal_seed_is_refused(code: str) -> None:
    rejection = in_main(code)
    assert isinstance(rejection, Rejected)
    assert rejection.stage == "guard"
    assert "seed" in rejection.reason


@pytest.mark.parametrize(
    "code",
    [
        "s = prepare.seed() + 1\ntorch.manual_seed(s)\ng = torch.Generator().manual_seed(s + 3)",
        "from numpy.random import default_rng\nr = default_rng(prepare.seed())",
        "g = torch.Generator()\ng.manual_seed(2 * prepare.seed())",
    ],
)
def test_seeds_made_from_the_seed_of_the_run_pass(code: str) -> None:
    assert in_main(code) == ()


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("prepare.time_left = lambda: 99.0", "prepare.time_left"),
        ("p = prepare\np.BUDGET = 1e9", "p.BUDGET"),
        ("del prepare.submit", "prepare.submit"),
        ("setattr(prepare, 'seed', int)", "setattr"),
        ("vars(prepare)['BUDGET'] = 1", "vars"),
        ("prepare.__dict__['BUDGET'] = 1", "prepare.__dict__"),
        ("prepare._last_log[:] = [0, 0]", "prepare._last_log"),
        ("prepare.os.environ['A'] = 'b'", "prepare.os.environ"),
        ("os.environ['COCKPIT_DEADLINE'] = '9e9'", "COCKPIT_DEADLINE"),
        ("global prepare", "prepare"),
        ("import subprocess", "subprocess"),
        ("from ctypes import CDLL", "ctypes.CDLL"),
        ("import socket as s", "socket"),
        ("import torch.multiprocessing as mp", "torch.multiprocessing"),
        ("from importlib import import_module", "importlib"),
        ("prepare.subprocess.run(['ls'])", "subprocess.run"),
        ("os.fork()", "os.fork"),
        ("from os import system as s; s('ls')", "os.system"),
        ("getattr(os, 'kill')(1, 9)", "os.kill"),
        ("getattr(__import__('os'), 'execv')('/bin/sh', [])", "os.execv"),
        ("eval('1')", "eval"),
        ("exec('x = 1')", "exec"),
        ("open('/proc/self/mem', 'wb')", "opens a file"),
        ("torch.load('weights')", "torch.load"),
        ("torch.hub.load('a', 'b')", "torch.hub"),
        ("import sys; sys.modules['prepare'].BUDGET = 1", "sys.modules"),
        ("x = ().__class__.__base__.__subclasses__()", "__subclasses__"),
    ],
)
def test_what_no_experiment_needs_is_refused_by_name(code: str, names: str) -> None:
    rejection = in_main(code)
    assert isinstance(rejection, Rejected), code
    assert names in rejection.advice
    assert "line " in rejection.reason


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("def build_model():", "def build_model(depth):", "build_model"),
        ("def build_model():", "def build_net():", "build_model"),
        ('if __name__ == "__main__":', "if True:", "guard"),
        ("prepare.submit(model)", "pass", "prepare.submit"),
        ("prepare.time_left() <= 0", "False", "prepare.time_left"),
        ("torch.manual_seed(prepare.seed())", "pass", "prepare.seed"),
        ("prepare.batches(8, 256, prepare.device())", "[(1, 2)]", "prepare.batches"),
        ("import prepare\n", "import prepare\n\n\ndef prepare():\n    pass\n", "prepare"),
    ],
)
def test_the_contract_that_the_base_kept_is_kept(old: str, new: str, says: str) -> None:
    rejection = outcome(old, new)
    assert isinstance(rejection, Rejected)
    assert says in rejection.advice


def test_a_script_that_never_had_the_contract_owes_none() -> None:
    assert check("LR = 1\nprint(LR)\n", "LR = 2\nprint(LR)\n") == ()


def test_names_imported_from_prepare_may_be_parameters_but_not_be_redefined() -> None:
    base = BASE.replace("import prepare\n", "import prepare\nfrom prepare import seed\n")
    fine = base.replace("def build_model", "def init(seed):\n    return seed\n\n\ndef build_model")
    assert check(fine, base) == ()
    worse = base.replace("def build_model", "def seed():\n    return 3\n\n\ndef build_model")
    assert isinstance(check(worse, base), Rejected)


def test_what_would_start_processes_or_threads_in_vain_is_warned_about() -> None:
    code = "torch.set_num_threads(8)\nloader = torch.utils.data.DataLoader(data, num_workers={})"
    warnings = in_main(code.format(2))
    assert isinstance(warnings, tuple)
    assert "more threads only wait for each other" in warnings[0]
    assert "num_workers" in warnings[1] and "may not start processes" in warnings[1]
    assert in_main("loader = torch.utils.data.DataLoader(data, num_workers=0)") == ()


def test_clocks_and_paths_are_warned_about_only() -> None:
    warnings = in_main("import time\nstart = time.perf_counter()\nwhere = '/data/cache'")
    assert isinstance(warnings, tuple)
    assert "time.perf_counter" in warnings[0]
    assert "/data/cache" in warnings[1]


def test_ordinary_training_code_passes() -> None:
    code = (
        "model = torch.compile(torch.nn.Linear(4, 4))\nmodel.eval()\nimport re\nre.compile('a')\n"
        "ema = {name: p.clone() for name, p in model.named_parameters()}\nimport gc\ngc.disable()\n"
        "items = [3]\nitems.remove(3)\nx = math.log(3)\ntorch.set_float32_matmul_precision('high')"
    )
    assert in_main(code) == ()


def test_a_fault_is_told_with_its_line_and_text() -> None:
    assert compile_error("x = 1\ny = (\n") is not None
    error = compile_error("x = 1\nreturn x\n")
    assert error == "train.py does not compile: 'return' outside function at line 2, `return x`"
    assert compile_error("x = '\\d'\n") is None
    assert compile_error("x = 1\0") is not None
