"""Examination of dishonest and of broken models: what they do, and the sentence they get."""

from __future__ import annotations

import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.arena import landlock
from cockpit.arena.exam import Examined
from cockpit.arena.examiner import Limits
from cockpit.trial import Crashed, Rejected
from tests.exam_room import Room, model, open_room

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        sys.platform != "linux" or landlock.version() < 1, reason="needs a kernel with Landlock"
    ),
]


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with tempfile.TemporaryDirectory() as folder, open_room(Path(folder)) as opened:
        yield opened


# --- models that read the future ---------------------------------------------------------------

SOMETIMES = """
    chosen = (ids * 31 + ids.roll(1, 1) * 7 + place * 13) % 20 == 0
    logits = logits + ahead * chosen[..., None]
"""
PEEKS = {
    "everywhere": "logits = logits + ahead",
    "at the last place that has a future": "logits[:, -2] += ahead[:, -2]",
    "at the first place": "logits[:, 0] += ahead[:, 0]",
    "in the first eighth": "logits[:, :32] += ahead[:, :32]",
    "two bytes ahead": "logits[:, :-2] += one_hot(ids[:, 2:], self.size) * 3.0",
    "through a mean over the whole row": "logits = logits + ahead.mean(1, keepdim=True)",
    "through a Fourier filter": "logits += torch.fft.ifft(torch.fft.fft(ahead, dim=1)).real",
    "far ahead": "logits[:, :-200] += one_hot(ids[:, 200:], self.size) * 2.0",
    "from a table filled on first sight": """
        table = self.__dict__.setdefault("seen", {})
        for row in range(rows):
            for t in range(0, context - 1, 4):
                known = table.setdefault(tuple(ids[row, : t + 1].tolist()), ahead[row, t])
                logits[row, t] += known
    """,
}


@pytest.mark.parametrize("peek", PEEKS)
def test_reading_the_future_is_seen_at_screening(room: Room, peek: str) -> None:
    weights, _ = room.make(model())
    found = room.examine(model(PEEKS[peek]), weights)
    assert isinstance(found, Rejected), found
    assert found.stage == "examine"
    assert "reads the future at position" in found.reason
    assert "ids up to t" in found.advice


def test_reading_it_at_one_place_in_twenty_is_seen(room: Room) -> None:
    weights, _ = room.make(model())
    for thorough in (False, True):
        found = room.examine(model(SOMETIMES), weights, thorough=thorough)
        assert isinstance(found, Rejected)
        assert "reads the future" in found.reason


def test_one_secret_place_escapes_a_screening_but_not_the_look_before_a_keep(room: Room) -> None:
    weights, _ = room.make(model())
    hidden = model("logits[:, 97] += ahead[:, 97]")
    screened = [room.examine(hidden, weights, secret=bytes([n])) for n in range(8)]
    assert any(isinstance(found, Examined) for found in screened)
    assert any(isinstance(found, Rejected) for found in screened)
    found = room.examine(hidden, weights, thorough=True)
    assert isinstance(found, Rejected)
    assert "at position 97:" in found.reason


# --- models that depend on company, order or chance --------------------------------------------


@pytest.mark.parametrize(
    "trick",
    [
        "logits[:, -1] += 9.0 * one_hot(ids.roll(-1, 0)[:, 0], self.size)",
        "logits = logits - logits.mean(0, keepdim=True)",
        "logits = logits + torch.randn_like(logits)",
        """
            self.__dict__["calls"] = self.__dict__.get("calls", 0) + 1
            logits = logits * self.calls
        """,
    ],
    ids=["the next row", "batch mean", "chance", "earlier calls"],
)
def test_an_answer_that_depends_on_more_than_its_row_is_rejected(room: Room, trick: str) -> None:
    weights, _ = room.make(model())
    found = room.examine(model(trick), weights)
    assert isinstance(found, Rejected), found
    assert "the same text scored twice differs" in found.reason


# --- messages from the first scorer to the second ----------------------------------------------

SMUGGLE = """
import os
import pickle

PLACES = [os.path.dirname(__file__)]


def remembered():
    for place in PLACES:
        try:
            with open(os.path.join(place, "cockpit-exam-smuggled"), "rb") as file:
                return pickle.load(file)
        except OSError:
            continue
    return {}


def remember(table):
    for place in PLACES:
        try:
            with open(os.path.join(place, "cockpit-exam-smuggled"), "wb") as file:
                pickle.dump(table, file)
        except OSError:
            continue


SEEN = remembered()
"""
SMUGGLED = """
    for row in range(rows):
        for t in range(0, context - 1, 8):
            logits[row, t] += SEEN.setdefault(tuple(ids[row, : t + 1].tolist()), ahead[row, t])
    remember(SEEN)
"""


def test_the_first_scorer_cannot_leave_the_truth_for_the_second(room: Room) -> None:
    weights, _ = room.make(model())
    text = SMUGGLE + model(SMUGGLED)
    found = room.examine(text, weights)
    assert isinstance(found, Rejected), found
    assert "reads the future" in found.reason
    unjailed = room.examine(text, weights, walls=False)
    assert isinstance(unjailed, Examined), "the attack is no attack"


INHERITED = """
    import os, stat
    for name in os.listdir("/proc/self/fd"):
        try:
            kind = os.fstat(int(name)).st_mode
        except OSError:
            continue
        if stat.S_ISREG(kind) and not os.readlink(f"/proc/self/fd/{name}").startswith("/memfd:"):
            raise RuntimeError(f"shares {os.readlink(f'/proc/self/fd/{name}')}")
"""


def test_scorers_share_no_open_file(room: Room) -> None:
    weights, _ = room.make(model())
    found = room.examine(model(INHERITED), weights, depth="brief")
    assert isinstance(found, Examined), found


CLEAN = """
import torch
if hasattr(torch, "seen_before") or "smuggled" in __import__("os").environ:
    raise RuntimeError("what another scorer did is seen here")
torch.seen_before = True
__import__("os").environ["smuggled"] = "yes"
"""


def test_what_a_scorer_does_to_torch_is_not_seen_by_the_next(room: Room) -> None:
    weights, _ = room.make(model())
    found = room.examine(CLEAN + model(), weights, depth="brief")
    assert isinstance(found, Examined), found


# --- what a scorer may touch -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        ("open('{data}/train.bin')", "PermissionError"),
        ("__import__('os').listdir('{data}')", "PermissionError"),
        ("open(__file__, 'a')", "PermissionError"),
        ("__import__('os').fork()", "PermissionError"),
        ("__import__('socket').create_connection(('127.0.0.1', 9))", "PermissionError"),
    ],
)
def test_the_walls_stand_around_a_scorer(room: Room, deed: str, error: str) -> None:
    weights, _ = room.make(model())
    text = model() + deed.format(data=room.data) + "\n"
    found = room.examine(text, weights)
    assert isinstance(found, Crashed), found
    assert found.reason.startswith(f"importing train.py raised {error}")
    assert found.usage.examine > 0


# --- models that break -------------------------------------------------------------------------

BROKEN = {
    "the model answered with NaN or infinity": "logits[3, 5] = float('nan')",
    "returned shape (16, 256, 10), not (16, 256, 12)": "logits = logits[..., 2:]",
    "returned shape (16, 255, 12)": "logits = logits[:, 1:]",
    "returned tuple, not logits": "return logits, None",
    "answering raised ValueError: two lines": "raise ValueError('two\\nlines')",
    "died while answering: SIGSEGV": "import ctypes; ctypes.string_at(0)",
    "died while answering: it closed its line": "import os; os._exit(0)",
}


@pytest.mark.parametrize("said", BROKEN)
def test_a_broken_model_is_a_crash_in_one_sentence(room: Room, said: str) -> None:
    weights, _ = room.make(model())
    found = room.examine(model(BROKEN[said]), weights)
    assert isinstance(found, Crashed), found
    assert said in found.reason
    assert "\n" not in found.reason


QUOTES = {
    "a message": "raise ValueError(ids.tolist())",
    "the name of an exception": "raise type(f'quoted{ids.sum()}', (Exception,), {})",
    "the shape of an answer": "return torch.empty(0, *ids[0, :20].tolist())",
    "the type of an answer": "return type(f'quoted{ids.sum()}', (), {})()",
    "junk on the line": """
        import os, socket, stat
        for name in os.listdir("/proc/self/fd"):
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                socket.socket(fileno=int(name)).send(b"quoted" + bytes(ids[0, :9].tolist()))
    """,
}


@pytest.mark.parametrize("way", QUOTES)
def test_a_failure_cannot_quote_the_held_out_text(room: Room, way: str) -> None:
    weights, _ = room.make(model())
    once = "self.__dict__['calls'] = self.__dict__.get('calls', 0) + 1\nif self.calls > 1:\n"
    later = once + textwrap.indent(textwrap.dedent(QUOTES[way]).strip("\n"), "    ")
    found = room.examine(model(later), weights, depth="brief")
    assert isinstance(found, Crashed), found
    kind = " with ValueError" if way == "a message" else ""
    assert found.reason == (
        f"answering failed at held-out text{kind}: what it says is withheld, "
        "for it might quote that text"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("LR = 1", "train.py has no build_model()"),
        ("LR = ", "importing train.py raised SyntaxError"),
        (
            "def build_model(): raise RuntimeError('no luck')",
            "build_model() raised RuntimeError: no",
        ),
        ("def build_model(): raise SystemExit", "build_model() raised SystemExit"),
        ("def build_model(): return 3", "build_model() returned int, not a torch module"),
        (model().replace("(16,", "(9,").replace(", 16)", ", 9)"), "do not fit build_model()"),
        (model().replace("self.head", "self.tail"), "do not fit build_model()"),
    ],
    ids=["nothing", "syntax", "raises", "exits", "a number", "other sizes", "other names"],
)
def test_a_file_that_does_not_rebuild_its_model_is_a_crash(
    room: Room, text: str, said: str
) -> None:
    weights, _ = room.make(model())
    found = room.examine(text, weights)
    assert isinstance(found, Crashed), found
    assert said in found.reason


@pytest.mark.parametrize(
    ("text", "limits", "said"),
    [
        ("while True: pass", Limits(load=0.5), "build_model() and loading took longer than 0.5 s"),
        (model("while True: pass"), Limits(answer=0.5), "answering took longer than 0.5 s"),
        (model("import time; time.sleep(0.2)"), Limits(whole=0.9), "took longer than 0.9 s in all"),
    ],
    ids=["building", "answering", "all of it"],
)
def test_a_model_that_hangs_is_ended(room: Room, text: str, limits: Limits, said: str) -> None:
    weights, _ = room.make(model())
    found = room.examine(text, weights, limits=limits)
    assert isinstance(found, Crashed), found
    assert said in found.reason


def test_chatter_on_the_line_is_not_an_answer(room: Room) -> None:
    weights, _ = room.make(model())
    chatter = """
        import os, socket, stat
        for name in os.listdir("/proc/self/fd"):
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                socket.socket(fileno=int(name)).send(b"junk \\x1b[2J")
    """
    found = room.examine(model(chatter), weights)
    assert isinstance(found, Crashed), found
    assert found.reason.isprintable()


def test_weights_that_are_a_link_to_the_vault_are_refused(room: Room, tmp_path: Path) -> None:
    link = tmp_path / "handover.safetensors"
    link.symlink_to(room.vault / "val.bin")
    found = room.examine(model(), link)
    assert isinstance(found, Crashed)
    assert found.reason == "the hand-over is a symbolic link"
