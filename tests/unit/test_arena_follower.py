from pathlib import Path

from cockpit.arena.follower import BATCH_LINES, Follower
from cockpit.events import LinesLogged, Sample, StepLogged


class Watch:
    def __init__(self) -> None:
        self.samples: list[Sample] = []

    def halted(self) -> str | None:
        return None

    def wait(self, seconds: float) -> str | None:
        return None

    def sample(self, sample: Sample) -> None:
        self.samples.append(sample)


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def line(step: int) -> str:
    return f"step {step} | loss {4.0 - step / 10} | tok/s 900\n"


def test_samples_come_at_most_twice_a_second_with_the_last_step(tmp_path: Path) -> None:
    log, watch, time = tmp_path / "log", Watch(), Time()
    follower = Follower(log, 3, 1, watch, time)
    follower.clock = 90.0
    with log.open("w") as file:
        for step in range(1, 9):
            time.now += 0.125
            file.write(line(step))
            file.flush()
            follower.look()
    assert [type(s) for s in watch.samples] == [LinesLogged, StepLogged] * 2
    last = watch.samples[-1]
    assert isinstance(last, StepLogged)
    assert (last.step, last.loss, round(last.elapsed)) == (8, 3.2, 11)


def test_a_flood_is_told_by_its_last_lines(tmp_path: Path) -> None:
    log, watch, time = tmp_path / "log", Watch(), Time()
    log.write_text("".join(line(step) for step in range(1, 50_001)))
    follower = Follower(log, 3, 1, watch, time)
    follower.look(final=True)
    lines, step = watch.samples
    assert isinstance(lines, LinesLogged) and len(lines.lines) == BATCH_LINES
    assert isinstance(step, StepLogged) and step.step == 50_000
    assert follower.last is not None and follower.last.step == 50_000
    assert follower.end().endswith(line(50_000))


def test_silence_is_counted_from_the_last_output(tmp_path: Path) -> None:
    log, time = tmp_path / "log", Time()
    follower = Follower(log, 3, 1, Watch(), time)
    follower.look()
    log.write_text("hello\n")
    time.now += 5
    follower.look()
    time.now += 40
    follower.look()
    assert follower.silent == 40
