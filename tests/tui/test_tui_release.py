"""`P` on the screen: the GPU is the human's, which is said wherever a pause is."""

from __future__ import annotations

import pytest

from cockpit import events as ev
from cockpit.engine import control as asked
from cockpit.tui.strip import window_title
from tests.tui.stage import Stage

pytestmark = pytest.mark.tui
FREED = "GPU released: 21.3 GiB freed; P goes on"


def heard(request: ev.Requested, state: ev.RequestState, text: str) -> ev.RequestAcknowledged:
    return ev.RequestAcknowledged(request=request, state=state, text=text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_gpu_is_taken_and_given_back(size: tuple[int, int]) -> None:
    stage = Stage()
    async with stage.run(*size) as pilot:
        stage.train()
        await pilot.press("P")
        assert stage.control.take() == (asked.Release(),)
        stage.tell(stage.night.entry(heard("release", "pending", "releasing the GPU")))
        await stage.settle(pilot)
        assert "releasing the GPU" in stage.text()
        stage.tell(stage.night.entry(heard("release", "done", FREED)))
        await stage.settle(pilot)
        assert "RELEASED" in stage.text()
        assert FREED in stage.text()
        assert "cockpit: released" in window_title(stage.view)
        await pilot.press("P")
        assert stage.control.take() == (asked.Resume(),)
        stage.tell(stage.night.entry(heard("resume", "done", "going on")))
        await stage.settle(pilot)
        assert "RELEASED" not in stage.text()


async def test_p_gives_it_back_as_well() -> None:
    stage = Stage()
    async with stage.run(120, 40) as pilot:
        stage.tell(stage.night.entry(heard("release", "done", FREED)))
        await pilot.press("p")
        assert stage.control.take() == (asked.Resume(),)


async def test_nobody_takes_the_gpu_from_a_screen_that_only_looks() -> None:
    stage = Stage(read_only=True)
    async with stage.run(120, 40) as pilot:
        await pilot.press("P")
        assert stage.control.take() == ()
