from pathlib import Path

from cockpit.arena.gauge import contention
from cockpit.arena.isolation import Lowered, Policy, runtime_paths, training_policy
from cockpit.arena.job import Job
from cockpit.arena.messages import ClockBegan, Ended, HandedOver, Message, Started, decode, encode
from cockpit.arena.runfolder import shorten
from cockpit.arena.sink import TAIL, Sink


def test_a_job_survives_the_wire(tmp_path: Path) -> None:
    job = Job(
        entry="/r/train.py",
        budget=300.0,
        cwd="/r/work",
        folder="/r",
        output="/r/output.log",
        policy=Policy(read=("/data",), write=("/r/work",), allow_exec=True),
        args=("a", "b"),
        env={"COCKPIT_SEED": "7"},
        path=("/ws/sandbox",),
        handover="/r/work/handover.safetensors",
    )
    assert Job.from_json(job.to_json()) == job


def test_messages_survive_the_wire_and_unknown_fields_are_dropped() -> None:
    messages: list[Message] = [
        Started(pid=7),
        ClockBegan(monotonic=1.5, budget=300.0, launch_seconds=2.0, walls="landlock v7"),
        HandedOver(seconds=297.1),
        Ended(reason="deadline", signal=9, seconds=300.0, contended="waited"),
    ]
    assert [decode(encode(m)) for m in messages] == messages
    assert decode(b'{"kind": "Started", "pid": 7, "newer": 1}') == Started(pid=7)


def test_the_walls_are_told_in_one_line() -> None:
    everything = Lowered(landlock=7, seccomp=True, netns=True, caps=True)
    assert everything.words() == "landlock v7 + seccomp + no-net + caps 0"
    assert Lowered(landlock=0, seccomp=False, netns=False, caps=False).words() == "no walls"


def test_a_cpu_run_starts_no_programs_and_writes_one_folder() -> None:
    policy = training_policy(work=Path("/r/work"), read=(Path("/ws/sandbox"),), device="cpu")
    assert policy.write == ("/r/work",)
    assert not policy.allow_exec
    assert not any("nvidia" in device for device in policy.devices)
    assert training_policy(work=Path("/r"), read=(), device="cuda").allow_exec


def test_a_workspace_on_the_module_path_stays_closed() -> None:
    root = Path(__file__).parents[2]
    assert str(root) not in runtime_paths()
    assert str(root / "cockpit") in runtime_paths()


def test_output_beyond_the_cap_keeps_its_last_words(tmp_path: Path) -> None:
    sink = Sink(str(tmp_path / "out"), 1000)
    sink.feed(b"a" * 900)
    for _ in range(10):
        sink.feed(b"b" * 50_000)
    sink.feed(b"the end")
    assert sink.full
    sink.close()
    text = (tmp_path / "out").read_bytes()
    assert text.startswith(b"a" * 900 + b"b" * 100 + b"\n[")
    assert text.endswith(b"bbbthe end")
    assert len(text) < 1000 + TAIL + 100
    assert sink.total == 500_907


def test_contention_is_a_sentence_and_a_quiet_machine_says_nothing() -> None:
    def told(**found: float) -> str:
        return contention(**{"ran": 90, "waited": 1, "stolen": 0, "total": 200, "slept": 0} | found)

    assert told() == ""
    assert told(waited=30) == "waited for a processor 25% of the time it wanted one"
    assert told(stolen=50) == "the hypervisor took 25% of the processors' time"
    assert told(slept=600) == "the machine slept for 600 s during the run"
    assert contention(ran=0, waited=0, stolen=0, total=0, slept=0) == ""


def test_threads_that_wait_for_each_other_are_not_the_machines_doing() -> None:
    four_threads_on_one_processor = {"ran": 90, "waited": 270, "stolen": 0, "total": 0, "slept": 0}
    assert contention(**four_threads_on_one_processor, foreign=3) == ""
    told = contention(**four_threads_on_one_processor, foreign=30)
    assert told == "waited for a processor 25% of the time it wanted one"


def test_a_long_log_keeps_both_its_ends(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_bytes(b"first" + b"x" * 1000 + b"last!")
    shorten(log, half=5)
    assert log.read_bytes() == b"first\n[1,000 bytes of the log cut out]\nlast!"
    shorten(log, half=500)
    assert log.read_bytes().endswith(b"last!")
