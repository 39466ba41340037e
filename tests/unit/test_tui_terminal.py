"""What the terminal is told: title, bell, and the title that was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cockpit.tui.terminal import Window

if TYPE_CHECKING:
    from textual.driver import Driver


class Terminal:
    """Takes what a driver would write."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def write(self, text: str) -> None:
        self.said.append(text)

    def driver(self) -> Driver:
        return cast("Driver", self)


def test_the_title_is_written_when_it_changes_and_given_back() -> None:
    terminal = Terminal()
    window = Window(terminal.driver, bell=False)
    window.take()
    for title in ("cockpit: train #3", "cockpit: train #3", "cockpit: judge #3"):
        window.name(title, needs_human=False)
    window.give_back()
    assert terminal.said == [
        "\x1b[22;2t",
        "\x1b]2;cockpit: train #3\x07",
        "\x1b]2;cockpit: judge #3\x07",
        "\x1b]2;\x07\x1b[23;2t",
    ]


def test_after_a_stop_the_title_is_written_again_but_remembered_once() -> None:
    terminal = Terminal()
    window = Window(terminal.driver, bell=False)
    window.take()
    window.name("cockpit: train #3", needs_human=False)
    window.take()
    window.name("cockpit: train #3", needs_human=False)
    assert terminal.said.count("\x1b[22;2t") == 1
    assert terminal.said.count("\x1b]2;cockpit: train #3\x07") == 2


def test_the_bell_rings_once_for_each_time_a_human_begins_to_be_needed() -> None:
    terminal = Terminal()
    window = Window(terminal.driver, bell=True)
    for needed in (False, True, True, False, True):
        window.name("t", needs_human=needed)
    assert terminal.said.count("\x07") == 2
    silent = Terminal()
    Window(silent.driver, bell=False).name("t", needs_human=True)
    assert "\x07" not in silent.said
