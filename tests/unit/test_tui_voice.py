"""What the agent last said stands in the Plan pane, whole where there is room."""

from __future__ import annotations

from cockpit import events as ev
from cockpit.engine.fold import Fold
from cockpit.engine.live import LiveRun
from cockpit.tui.ink import DIM
from cockpit.tui.panes.plan import Voice
from cockpit.tui.view import View
from tests.tui.replay import Night
from tests.tui.stage import WORKSPACE

LESSON = "a longer warm-down settles the loss, at the cost of what the last minute learns"


def voice(*events: ev.Event) -> Voice:
    night = Night()
    view = View(
        fold=Fold([*night.opening(), *map(night.entry, events)]),
        live=LiveRun(),
        clock=night.clock,
        root=WORKSPACE,
    )
    return Voice(view, id="voice")


def said(of: Voice, height: int) -> list[str]:
    return [line.plain.rstrip() for line in of.compose_lines(44, height)]


def test_a_lesson_takes_a_second_line_before_it_is_cut() -> None:
    note = ev.Steered(text="try QK norm")
    pane = voice(note)
    assert said(pane, 8) == ["", " note  try QK norm"]
    long = voice(ev.Steered(text=LESSON))
    assert said(long, 8) == [
        "",
        " note  a longer warm-down settles the loss,",
        "at the cost of what the last minute learns",
    ]
    assert said(long, 1) == [" note  a longer warm-down settles the …"]


def test_thinking_keeps_a_line_whatever_else_was_said() -> None:
    pane = voice(ev.Steered(text=LESSON))
    pane.view.live.apply(ev.AgentSpoke(trial=1, text="the loss still falls", thinking=True))
    for height in range(2, 9):
        lines = said(pane, height)
        assert len(lines) <= height
        assert any("falls" in line for line in lines)


def test_thinking_is_dim_and_gives_way_to_the_reply() -> None:
    pane = voice()
    pane.view.live.apply(ev.AgentSpoke(trial=1, text="the loss still falls", thinking=True))
    *_, line = pane.compose_lines(44, 8)
    assert line.plain == " thinking  the loss still falls"
    assert [str(span.style) for span in line.spans][-1] == DIM
    pane.view.live.apply(ev.AgentSpoke(trial=1, text="Hypothesis: ", thinking=False))
    assert said(pane, 8)[-1] == " writing  Hypothesis:"
    pane.view.live.apply(ev.AgentSpoke(trial=2, text=""))
    assert said(pane, 8) == []
