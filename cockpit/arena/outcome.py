"""How a run ended, in one sentence; pure functions from the warden's report to a run result."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from typing import assert_never

from cockpit.arena.exam import Examination, Examined
from cockpit.arena.messages import Ended
from cockpit.arena.output import Failure, Step, clean, failure, tail
from cockpit.errors import ArenaError
from cockpit.trial import (
    Completed,
    Crashed,
    Rejected,
    RunResult,
    Stopped,
    TimedOut,
    TrustTier,
    Usage,
)

OUTPUT_NOTED = 8 << 20
"""Bytes of output from which on the reason mentions them."""
SILENT = 10.0
"""Seconds without output from which on a run that timed out is said to have been silent."""
IMPORTS = frozenset({"ImportError", "ModuleNotFoundError"})
SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})
MEMORY = frozenset({"OutOfMemoryError", "MemoryError"})
COMPILERS = frozenset({"InductorError", "BackendCompilerFailed"})
NO_COMPILER = "a run on the CPU may not start programs, so leave torch.compile out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What is known besides the warden's report.

    `output` is the raw end of the log, `last` the last progress line, `silent` the seconds
    without output at the end, `late` whether a hand-over lies there that came after the budget,
    `filled` the bytes the run left in its folder. Of a GPU: `memory` its peak in bytes, `energy`
    in joules, `foreign` who else used it, in words.
    """

    output: str = ""
    last: Step | None = None
    silent: float = 0.0
    late: bool = False
    filled: int = 0
    memory: int | None = None
    energy: float | None = None
    foreign: str = ""


def usage(ended: Ended, traces: Traces, examine: float = 0.0) -> Usage:
    """Return what the run cost."""
    train = ended.handed_over if ended.handed_over is not None else ended.seconds
    return Usage(
        launch=ended.launch_seconds,
        train=train or 0.0,
        examine=examine,
        cpu_share=ended.cpu_share,
        memory=traces.memory if traces.memory is not None else ended.peak_rss,
        steps=traces.last.step if traces.last else None,
        contended="; ".join(filter(None, (traces.foreign, ended.contended))),
        energy=traces.energy,
    )


def unfinished(
    ended: Ended, budget: float, traces: Traces, halted: str | None
) -> Crashed | TimedOut | Stopped | None:
    """Return the result of a run that is over without an examination; None: it handed over.

    Raises:
        ArenaError: it ended through no fault of the candidate's.
    """
    if ended.survivors:
        raise ArenaError(f"{ended.survivors} processes of the run could not be ended", "restart")
    used, log = usage(ended, traces), tail(clean(traces.output))
    if halted is not None:
        return Stopped(reason=halted, usage=used)
    if ended.seconds is None:
        raise ArenaError(_launch_failed(ended, log), "run: cockpit doctor")
    if ended.reason in ("cancelled", "orphaned"):
        raise ArenaError(f"the run was ended from outside ({ended.reason})", "start it again")
    if ended.handed_over is not None:
        return None
    if ended.reason == "disk full":
        return _disk_full(traces, used, log)
    if ended.reason == "deadline":
        return TimedOut(reason=_timed_out(ended, budget, traces), usage=used, log_tail=log)
    return Crashed(reason=_crashed(ended, traces, log), usage=used, log_tail=log)


def outcome_of(
    found: Examination, used: Usage, trust: TrustTier, parameters: int | None = None
) -> RunResult:
    """Return the result of a run that handed over, from how its examination went."""
    match found:
        case Examined():
            return Completed(
                readings=found.readings,
                usage=used,
                trust=trust,
                sample=found.sample,
                probes=found.probes,
                weights_digest=found.weights_digest,
                parameters=parameters,
            )
        case Crashed() | Stopped():
            return replace(found, usage=used)
        case Rejected():
            return found
        case _:
            assert_never(found)


def _launch_failed(ended: Ended, log: str) -> str:
    if ended.reason == "launch cap":
        return f"the launcher was not ready after {ended.launch_seconds:.0f} s"
    told = ended.launch_error or log.rpartition("\n")[2] or f"exit code {ended.exit_code}"
    return f"the launcher failed before the clock started: {told}"


def _disk_full(traces: Traces, used: Usage, log: str) -> Crashed:
    if traces.filled < OUTPUT_NOTED:
        raise ArenaError("the disk is full", "free a gigabyte and start again")
    size = f"{traces.filled / 1e9:.1f} GB"
    return Crashed(reason=f"filled the disk with {size} of files", usage=used, log_tail=log)


def _timed_out(ended: Ended, budget: float, traces: Traces) -> str:
    if traces.late:
        return f"handed over after the budget of {budget:g} s, too late to count"
    told = f"handed nothing over within {budget:g} s"
    if traces.last is not None:
        told += f", last heard of at step {traces.last.step:,}"
    elif ended.output_bytes == 0:
        told += " and printed nothing"
    if ended.output_bytes and traces.silent > SILENT:
        told += f", silent for the last {traces.silent:.0f} s"
    return told + _flood(ended)


def _flood(ended: Ended) -> str:
    if ended.output_bytes < OUTPUT_NOTED:
        return ""
    return f", after printing {ended.output_bytes / 1e6:.0f} MB"


def _crashed(ended: Ended, traces: Traces, log: str) -> str:
    after = f"after {ended.seconds or 0:.0f} s"
    where = f"at step {traces.last.step:,}" if traces.last else "before its first step"
    if ended.signal is not None:
        return f"{_signalled(ended, traces)} {where}{_flood(ended)}"
    if ended.exit_code == 0:
        return f"ended {after} without handing over: prepare.submit(model) was not called"
    raised = failure(clean(traces.output))
    if raised is None:
        last = log.rpartition("\n")[2][:200]
        told = f": {last}" if last else ""
        return f"died {where} with exit code {ended.exit_code}{told}{_flood(ended)}"
    return _raised(raised, where) + _flood(ended)


def _raised(raised: Failure, where: str) -> str:
    if raised.kind in SYNTAX:
        return f"did not parse: {raised.sentence()}"
    if raised.kind in IMPORTS:
        return f"did not import: {raised.sentence()}"
    if raised.kind in COMPILERS and "PermissionError" in raised.message:
        line = f" at line {raised.line}" if raised.line is not None else ""
        return f"called torch.compile{line}, which starts a compiler: {NO_COMPILER}"
    if raised.kind in MEMORY:
        return f"ran out of memory {where}: {raised.sentence()}"
    return f"died {where} with {raised.sentence()}"


def signal_name(number: int) -> str:
    """Return the name of a signal; most real-time signals have none of their own."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _signalled(ended: Ended, traces: Traces) -> str:
    number = ended.signal or 0
    if number == signal.SIGKILL:
        held = ended.peak_rss or 0
        return f"was killed by the system, most likely out of memory ({held / 1e9:.1f} GB held)"
    if number == getattr(signal, "SIGXFSZ", None):
        return f"wrote a file over the size limit ({traces.filled / 1e9:.1f} GB)"
    return f"died of {signal_name(number)}"
