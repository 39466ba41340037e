"""The trusted half of an examination: holds the held-out bytes, runs none of the agent's code.

One scorer answers the held-out windows; when it is dead, a second is shown the same prefixes with
other text behind secret positions. See `windows` for why a model that reads ahead cannot pass.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from cockpit.arena import job as jobs
from cockpit.arena.asking import HaltedError, Limits, ScorerError
from cockpit.arena.exam import CONTEXT, Examination, Examined, ExamOrder
from cockpit.arena.gauge import Idle
from cockpit.arena.isolation import training_policy
from cockpit.arena.scoring import Host, Start
from cockpit.arena.sitting import ForesightError, Sitting
from cockpit.arena.vault import HandoverError, Vault, read_vault, take_weights
from cockpit.arena.windows import NonFiniteLogitsError
from cockpit.arena.wire import Seat
from cockpit.errors import ArenaError
from cockpit.ports import Watch
from cockpit.trial import Crashed, Rejected, Stopped, Usage

__all__ = ["ExamOrder", "Examination", "Examined", "Examiner", "Limits"]

ADVICE = (
    "the logits at position t may depend on the ids up to t of that row only: check masks, shifts, "
    "and every mean, norm or sort along the sequence or the batch"
)
SCORER_ENV = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "PATH": "/usr/bin:/bin",
}
MOST_THREADS = 8
"""From here on a small model only waits for its threads."""
INHERITED = ("LANG", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME")


class Examiner:
    """Scores hand-overs, one at a time.

    Args:
        data: folder with `meta.json`, the only file of it that scorers may read.
        vault: folder with `val.bin` and `audit.bin`, which no scorer may read.
        sandbox: folder with `prepare.py`, for `import prepare`.
        python: the interpreter that has torch.
        start: starts the host of the scorers under a warden.
        limits: when to give up.
        walls: False leaves scorers unjailed, where the machine has no walls.
        landlock: as in `Policy`.
        secret: what the probes are drawn from besides the seed; nobody else may know it.
        clock: monotonic seconds.

    Raises:
        DataError: the data or the vault cannot be read.
        LockError: the held-out bytes were changed.
    """

    def __init__(
        self,
        data: Path,
        vault: Path,
        sandbox: Path,
        *,
        python: str = sys.executable,
        start: Start = jobs.start,
        limits: Limits | None = None,
        walls: bool = True,
        landlock: int | None = None,
        secret: bytes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._data, self._sandbox, self._python = data.resolve(), sandbox.resolve(), python
        self._vault: Vault = read_vault(data, vault)
        self._start, self._limits, self._walls = start, limits or Limits(), walls
        self._landlock = landlock
        self._secret = os.urandom(32) if secret is None else secret
        self._clock = clock

    def examine(self, order: ExamOrder, watch: Watch) -> Examination:
        """Score one hand-over that is there; return how it did, or why it cannot be scored.

        Raises:
            ArenaError: our own side failed.
        """
        with self.expect(order, 0.0, watch) as examine:
            return examine()

    @contextlib.contextmanager
    def expect(
        self, order: ExamOrder, patience: float, watch: Watch
    ) -> Iterator[Callable[[], Examination]]:
        """Make ready for a hand-over that will be there within `patience` seconds.

        What is made ready imports torch, which costs as long as the rest of an examination; so a
        run's examination is expected before the run is launched, whose own import goes on beside
        it. Call what this gives once every process of the run is gone, at most once.

        What died while it waited, as the first in line when memory runs out, is started again.
        Scorers get the threads of the run, and one more for each processor that idled meanwhile.

        Raises:
            ArenaError: our own side failed; calling raises it, too.
        """
        job, idle = self._job(order, patience), Idle()
        with contextlib.ExitStack() as hosts:
            early = hosts.enter_context(Host(self._start, job, self._limits, watch))

            def take() -> Host:
                try:
                    early.begin()
                except ArenaError:
                    if not (early.gone and patience):
                        raise
                    again = hosts.enter_context(Host(self._start, job, self._limits, watch))
                    again.begin()
                    return again
                return early

            def examine() -> Examination:
                free = idle.processors() if patience else 0
                threads = max(order.threads, min(order.threads + free, MOST_THREADS))
                return self._examine(dataclasses.replace(order, threads=threads), take)

            yield examine

    def _examine(self, order: ExamOrder, take: Callable[[], Host]) -> Examination:
        began = self._clock()
        try:
            digest = self._copy(order)
            sitting = Sitting(
                order=order,
                host=take(),
                vault=self._vault,
                seat=functools.partial(self._seat, order),
                random=self._random(order),
                clock=self._clock,
            )
            examined = sitting.hold(began)
        except HandoverError as error:
            return self._crashed(f"the hand-over {error}", began)
        except ScorerError as error:
            return self._crashed(str(error), began)
        except NonFiniteLogitsError:
            return self._crashed("the model answered with NaN or infinity in examination", began)
        except ForesightError as error:
            return Rejected(stage="examine", reason=str(error), advice=ADVICE)
        except HaltedError as error:
            return Stopped(reason=str(error), usage=self._usage(began))
        seconds = self._clock() - began
        return dataclasses.replace(examined, weights_digest=digest, seconds=seconds)

    def _copy(self, order: ExamOrder) -> str:
        """Put what the scorers read in the order's folder; return the digest of the weights."""
        try:
            text = order.folder / "train.py"
            text.write_text(order.text, "utf-8")
            text.chmod(0o400)
            return take_weights(order.weights, order.folder / "weights.safetensors")
        except OSError as error:
            raise ArenaError(
                f"the examination could not write to {order.folder} ({error})", "free disk space"
            ) from error

    def _seat(self, order: ExamOrder, name: str, rows: int) -> Seat:
        """Return what the scorer `name` is told; on a GPU it may write to a folder of its own."""
        files = (order.folder / "train.py", order.folder / "weights.safetensors")
        scratch = order.folder / f"scratch-{name}"
        scratch.mkdir(exist_ok=True)
        read = (*files, self._sandbox, self._data / "meta.json")
        policy = training_policy(
            work=scratch, read=read, device=order.device, landlock=self._landlock
        )
        writable = policy.write if policy.gpu else ()
        return Seat(
            text=str(files[0]),
            weights=str(files[1]),
            path=str(self._sandbox),
            rows=rows,
            context=CONTEXT,
            vocab=len(self._vault.chars),
            device=order.device,
            threads=order.threads,
            scratch=str(scratch) if policy.gpu else "",
            policy=dataclasses.replace(policy, write=writable, walls=self._walls),
        )

    def _job(self, order: ExamOrder, patience: float) -> jobs.Job:
        """Return the host as a job; it runs none of the agent's code, so its walls are those of
        the scorers it forks.
        """
        folder = order.folder.resolve()
        env = {name: os.environ[name] for name in INHERITED if name in os.environ}
        env |= SCORER_ENV | {
            "OMP_NUM_THREADS": str(order.threads),
            "COCKPIT_DATA": str(self._data),
            "COCKPIT_DEVICE": order.device,
            "HOME": str(folder),
        }
        policy = training_policy(work=folder, read=(), device=order.device)
        return jobs.Job(
            entry="cockpit.arena.scorer:main",
            budget=patience + self._limits.start + self._limits.whole + 10,
            cwd=str(folder),
            folder=str(folder),
            output=str(folder / "scorer.log"),
            policy=dataclasses.replace(policy, walls=False),
            python=self._python,
            env=env,
            threads=order.threads,
        )

    def _random(self, order: ExamOrder) -> np.random.Generator:
        mixed = hashlib.sha256(self._secret + str(order.seed).encode())
        return np.random.default_rng(int.from_bytes(mixed.digest(), "little"))

    def _usage(self, began: float) -> Usage:
        return Usage(examine=self._clock() - began)

    def _crashed(self, reason: str, began: float) -> Crashed:
        return Crashed(reason=reason, usage=self._usage(began))
