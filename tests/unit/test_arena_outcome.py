from dataclasses import replace

import pytest

from cockpit.arena.messages import Ended
from cockpit.arena.outcome import Traces, unfinished, usage
from cockpit.arena.output import Step
from cockpit.errors import ArenaError
from cockpit.trial import Crashed, Stopped, TimedOut

EXIT = Ended(reason="exit", exit_code=1, seconds=12.0, launch_seconds=2.0, output_bytes=100)
DEADLINE = Ended(reason="deadline", signal=9, seconds=300.0, launch_seconds=2.0, output_bytes=100)
AT_STEP_3 = Step(step=3, loss=4.0, tokens_per_second=100.0)


def traceback(error: str, line: int = 41) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "/r/3-1/train.py", line {line}, in main\n    y = x\n{error}\n'
    )


@pytest.mark.parametrize(
    ("ended", "traces", "sentence"),
    [
        (
            EXIT,
            Traces(output=traceback("NameError: name 'x' is not defined"), last=AT_STEP_3),
            "died at step 3 with NameError at line 41: name 'x' is not defined (y = x)",
        ),
        (
            EXIT,
            Traces(output=traceback("ModuleNotFoundError: No module named 'einops'", 4)),
            "did not import: ModuleNotFoundError at line 4: No module named 'einops' (y = x)",
        ),
        (
            EXIT,
            Traces(output=traceback("IndentationError: unexpected indent", 5)),
            "did not parse: IndentationError at line 5: unexpected indent (y = x)",
        ),
        (
            EXIT,
            Traces(
                output=traceback(
                    "torch._inductor.exc.InductorError: PermissionError: [Errno 1] Operation not "
                    "permitted\n\nSet TORCHDYNAMO_VERBOSE=1 for the internal stack trace"
                )
            ),
            "called torch.compile at line 41, which starts a compiler: "
            "a run on the CPU may not start programs, so leave torch.compile out",
        ),
        (
            replace(EXIT, exit_code=0),
            Traces(),
            "ended after 12 s without handing over: prepare.submit(model) was not called",
        ),
        (
            replace(EXIT, exit_code=3),
            Traces(output="giving up\n"),
            "died before its first step with exit code 3: giving up",
        ),
        (
            replace(EXIT, exit_code=None, signal=9, peak_rss=12_300_000_000),
            Traces(last=AT_STEP_3),
            "was killed by the system, most likely out of memory (12.3 GB held) at step 3",
        ),
        (
            replace(EXIT, exit_code=None, signal=11),
            Traces(),
            "died of SIGSEGV before its first step",
        ),
        (
            replace(EXIT, reason="disk full", exit_code=None, signal=9),
            Traces(filled=70_000_000_000),
            "filled the disk with 70.0 GB of files",
        ),
    ],
)
def test_a_crash_is_one_clear_sentence(ended: Ended, traces: Traces, sentence: str) -> None:
    result = unfinished(ended, 300.0, traces, None)
    assert isinstance(result, Crashed)
    assert result.reason == sentence


@pytest.mark.parametrize(
    ("ended", "traces", "sentence"),
    [
        (
            DEADLINE,
            Traces(last=AT_STEP_3),
            "handed nothing over within 300 s, last heard of at step 3",
        ),
        (
            replace(DEADLINE, output_bytes=0),
            Traces(silent=300.0),
            "handed nothing over within 300 s and printed nothing",
        ),
        (
            DEADLINE,
            Traces(silent=250.4),
            "handed nothing over within 300 s, silent for the last 250 s",
        ),
        (
            replace(DEADLINE, output_bytes=104_000_000),
            Traces(),
            "handed nothing over within 300 s, after printing 104 MB",
        ),
        (
            DEADLINE,
            Traces(late=True),
            "handed over after the budget of 300 s, too late to count",
        ),
    ],
)
def test_a_time_out_says_what_it_did_instead(ended: Ended, traces: Traces, sentence: str) -> None:
    result = unfinished(ended, 300.0, traces, None)
    assert isinstance(result, TimedOut)
    assert result.reason == sentence


def test_a_hand_over_in_time_is_examined_however_the_process_ended() -> None:
    for reason in ("exit", "grace", "deadline"):
        ended = replace(EXIT, reason=reason, handed_over=11.0)
        assert unfinished(ended, 300.0, Traces(), None) is None
    assert usage(replace(EXIT, handed_over=11.0), Traces()).train == 11.0


def test_a_halt_is_never_held_against_the_idea() -> None:
    result = unfinished(replace(EXIT, reason="cancelled"), 300.0, Traces(), "skipped")
    assert isinstance(result, Stopped)
    assert result.reason == "skipped"


@pytest.mark.parametrize(
    "ended",
    [
        replace(EXIT, survivors=1),
        replace(EXIT, seconds=None, launch_error="no torch"),
        replace(EXIT, seconds=None, reason="launch cap"),
        replace(EXIT, reason="cancelled"),
        replace(EXIT, reason="disk full"),
    ],
)
def test_what_the_candidate_did_not_do_is_our_error(ended: Ended) -> None:
    with pytest.raises(ArenaError):
        unfinished(ended, 300.0, Traces(), None)
