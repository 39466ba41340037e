"""The runner over real processes, without torch: how runs end and what they leave behind."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from cockpit.arena.exam import Examination, Examined, ExamOrder
from cockpit.arena.footing import Footing
from cockpit.arena.lockbox import Lockbox
from cockpit.arena.meter import Meter
from cockpit.arena.runner import ProcessRunner
from cockpit.arena.telemetry import Gpus, Stranger
from cockpit.errors import ArenaError, LockError
from cockpit.events import ClockStarted, Device, LinesLogged, Sample, StageReached, StepLogged
from cockpit.ports import RunOrder
from cockpit.trial import Completed, Crashed, Reading, Rejected, Stopped, TimedOut

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="starts a warden that needs /proc"),
]

SUBMIT = """
import os
open(os.path.join(os.environ["COCKPIT_RUN"], "part"), "w").write("weights")
os.rename("part", "handover.safetensors")
"""


EXAMINED = Examined(
    readings=(Reading(metric="val_bpb", split="val", value=2.5),),
    sample="X:1",
    probes=64,
    weights_digest="abc",
    seconds=0.1,
)


@dataclass
class Listener:
    """A watch that remembers, and halts once `halt_on` says so."""

    samples: list[Sample] = field(default_factory=list)
    halt_on: Callable[[Sample], bool] = lambda _: False
    reason: str | None = None

    def halted(self) -> str | None:
        return self.reason

    def wait(self, seconds: float) -> str | None:
        time.sleep(seconds)
        return self.reason

    def sample(self, sample: Sample) -> None:
        self.samples.append(sample)
        if self.halt_on(sample):
            self.reason = "skipped by you"


@dataclass
class Proctor:
    """An examiner that reads the weights it is given, and answers with `answer`."""

    answer: Examination = EXAMINED
    orders: list[ExamOrder] = field(default_factory=list)
    weights: str = ""

    @contextmanager
    def expect(
        self, order: ExamOrder, patience: float, watch: object
    ) -> Iterator[Callable[[], Examination]]:
        assert patience > 10
        assert not order.weights.exists()
        yield lambda: self.examine(order)

    def examine(self, order: ExamOrder) -> Examination:
        self.orders.append(order)
        self.weights = order.weights.read_text()
        assert list(order.folder.iterdir()) == []
        return self.answer


@pytest.fixture
def runner(tmp_path: Path) -> ProcessRunner:
    for name in ("sandbox", ".cockpit/data", ".cockpit/vault"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "sandbox/prepare.py").write_text("WORD = 'prepared'\n")
    (tmp_path / ".cockpit/data/train.bin").write_text("abc")
    box = Lockbox(tmp_path)
    box.seal()
    return ProcessRunner(
        root=tmp_path, examiner=Proctor(), lockbox=box, session=lambda: "s", warm=False, grace=0.3
    )


def order(script: str, budget: float = 10.0, *, trial: int = 1, audit: bool = False) -> RunOrder:
    return RunOrder(
        trial=trial,
        run=1,
        role="scoring run",
        text=textwrap.dedent(script),
        seed=7,
        budget=budget,
        audit=audit,
    )


def folder_of(runner: ProcessRunner, name: str = "1-1") -> Path:
    return runner.runs / "s" / name


def test_a_hand_over_is_examined_and_its_reading_is_the_result(runner: ProcessRunner) -> None:
    watch = Listener()
    text = "print('step 3 | loss 4.25 | tok/s 900')\nprint('\\x1b[31mdone')\n" + SUBMIT
    result = runner.run(order(text), watch)
    assert isinstance(result, Completed)
    assert result.value("val_bpb") == 2.5
    assert (result.trust, result.probes, result.weights_digest) == ("examined", 64, "abc")
    assert result.usage.steps == 3
    assert result.usage.memory is not None and result.usage.memory > 1 << 20
    assert isinstance(runner.examiner, Proctor)
    assert runner.examiner.weights == "weights"
    kinds = [type(s) for s in watch.samples]
    assert kinds == [ClockStarted, LinesLogged, StepLogged, StageReached]
    assert watch.samples[1] == LinesLogged(
        trial=1, lines=("step 3 | loss 4.25 | tok/s 900", "done")
    )


def test_the_environment_is_the_contract(runner: ProcessRunner) -> None:
    text = """
    import os, prepare
    assert prepare.WORD == "prepared"
    names = [n for n in os.environ if n.startswith(("COCKPIT", "OMP", "GOMP"))]
    for name in sorted(names): print(name, os.environ[name])
    """
    tokens = replace(order(text, 500.0), tokens=10_000, role="dry run")
    result = runner.run(tokens, Listener())
    assert isinstance(result, Crashed)
    said = dict(line.split(" ", 1) for line in result.log_tail.splitlines())
    assert float(said.pop("COCKPIT_DEADLINE")) > 0
    assert said == {
        "COCKPIT_BUDGET": "60.0",
        "COCKPIT_DATA": str(runner.root / ".cockpit/data"),
        "COCKPIT_DEVICE": "cpu",
        "COCKPIT_RUN": str(folder_of(runner) / "work"),
        "COCKPIT_SEED": "7",
        "COCKPIT_TOKENS": "10000",
        "GOMP_SPINCOUNT": "0",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("def f(:\n    pass\n", "did not parse: SyntaxError at line 1: invalid syntax (def f(:)"),
        (
            "import einops\n",
            "did not import: ModuleNotFoundError at line 1: "
            "No module named 'einops' (import einops)",
        ),
        (
            "print('step 3 | loss 4.0 | tok/s 9')\nloss = missing + 1\n",
            "died at step 3 with NameError at line 2: "
            "name 'missing' is not defined (loss = missing + 1)",
        ),
        ("print('fine')\n", "without handing over: prepare.submit(model) was not called"),
        ("import os\nos.abort()\n", "died of SIGABRT before its first step"),
        ("open('/etc/passwd')\n", "PermissionError at line 1"),
        ("import subprocess\nsubprocess.run(['true'])\n", "PermissionError at line 2"),
    ],
)
def test_a_crash_is_told_in_one_sentence(runner: ProcessRunner, script: str, sentence: str) -> None:
    result = runner.run(order(script), Listener())
    assert isinstance(result, Crashed)
    assert sentence in result.reason
    assert "\n" not in result.reason


def test_what_hands_nothing_over_in_time_has_no_reading(runner: ProcessRunner) -> None:
    result = runner.run(order("while True: pass\n", 0.5), Listener())
    assert isinstance(result, TimedOut)
    assert result.reason == "handed nothing over within 0.5 s and printed nothing"
    assert isinstance(runner.examiner, Proctor)
    assert runner.examiner.orders == []


def test_a_halt_ends_the_run_and_is_not_held_against_it(runner: ProcessRunner) -> None:
    watch = Listener(halt_on=lambda sample: isinstance(sample, ClockStarted))
    result = runner.run(order("while True: pass\n", 60.0), watch)
    assert isinstance(result, Stopped)
    assert result.reason == "skipped by you"


def test_a_refusal_of_the_examiner_is_the_result(runner: ProcessRunner) -> None:
    refused = Rejected(stage="examine", reason="it reads the future")
    result = replace(runner, examiner=Proctor(answer=refused)).run(order(SUBMIT), Listener())
    assert result == refused


def test_folders_stay_small_and_only_audited_weights_are_kept(runner: ProcessRunner) -> None:
    litter = "import os\nos.makedirs('a/b')\nopen('a/big', 'w').write('x' * 100_000)\n"
    runner.run(order(litter + "os.mkdir('shut', 0)\n" + SUBMIT), Listener())
    left = {path.name for path in folder_of(runner).iterdir()}
    assert left == {"train.py", "output.log", "warden.json", "warden.log"}
    runner.run(order(SUBMIT, trial=2, audit=True), Listener())
    assert (folder_of(runner, "2-1") / "handover.safetensors").read_text() == "weights"
    again = runner.run(order(SUBMIT, trial=2), Listener())
    assert isinstance(again, Completed)
    assert (folder_of(runner, "2-1.2")).is_dir()


def test_a_changed_lock_stops_before_and_after(runner: ProcessRunner) -> None:
    prepare = runner.root / "sandbox/prepare.py"

    def tamper(sample: Sample) -> bool:
        prepare.write_text("WORD = 'other'\n")
        return False

    with pytest.raises(LockError, match=r"checkout HEAD -- sandbox/prepare\.py"):
        runner.run(order(SUBMIT), Listener(halt_on=tamper))
    with pytest.raises(LockError):
        runner.run(order(SUBMIT), Listener())
    assert not folder_of(runner, "1-1.2").exists()


def test_a_wall_that_the_self_test_had_and_a_run_lacks_is_our_failure(
    runner: ProcessRunner,
) -> None:
    expecting = replace(runner, footing=Footing(walls="landlock v99 + seccomp"))
    with pytest.raises(ArenaError, match=r"the walls of this run lack landlock v99, which"):
        expecting.run(order(SUBMIT), Listener())
    leftovers = [p for p in psutil.process_iter() if str(runner.root) in " ".join(_line(p))]
    assert leftovers == []
    assert isinstance(runner.run(order(SUBMIT), Listener()), Completed)


class SharedGpu(Gpus):
    """A GPU that a stranger uses beside us."""

    def __init__(self) -> None:
        self.most = 0

    def read(self) -> tuple[Device, ...]:
        return ()

    def joules(self, index: int) -> float | None:
        return None

    def strangers(self, index: int, own: Collection[int]) -> tuple[Stranger, ...]:
        self.most = max(self.most, len(own))
        return (Stranger(pid=99, name="ollama", memory=3 << 30),)


def test_a_stranger_on_the_gpu_is_in_the_record_of_the_run(runner: ProcessRunner) -> None:
    gpu = SharedGpu()
    shared = replace(runner, meter=lambda: Meter(gpu))
    script = "import time\nfor _ in range(20): print('on', flush=True); time.sleep(0.1)\n" + SUBMIT
    result = shared.run(order(script), Listener())
    assert isinstance(result, Completed)
    told = result.usage.contended
    # What else was short on a busy machine follows.
    assert told.startswith("ollama (99, 3.0 GiB) used GPU 0 too, 100% of the time")
    assert gpu.most >= 3  # the cockpit, a warden, a launcher: none of them is a stranger


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_an_interpreter_that_does_not_start_is_our_failure(runner: ProcessRunner) -> None:
    with pytest.raises(ArenaError, match=r"could not be started.*cockpit doctor"):
        replace(runner, python="/nowhere/python").run(order(SUBMIT), Listener())
