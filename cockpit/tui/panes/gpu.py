"""Pane 3, GPU: what NVML says of each device and the history of one run; else CPU and memory."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from textual.content import Content

from cockpit import events as ev
from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines, name_border
from cockpit.tui.plot import Curve, draw

HOT = 85.0
"""Degrees Celsius from which a temperature is coloured."""


class GpuPane(Lines):
    """Utilisation, memory, power, temperature; never shown as live when it is not."""

    BORDER_TITLE = "3 GPU"

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the numbers, then the history in what room is left."""
        history = self.view.live.telemetry
        if not history:
            name_border(self, self.view, self.view.titled("gpu", "3 GPU"))
            return [ink.ink(("no sample yet", DIM))]
        last = history[-1]
        self._titles(last)
        if last.devices:
            many = len(last.devices) > 1
            lines = [line for d in last.devices for line in _device(d, width, compact=many)]
        else:
            lines = _machine(last, width)
        if self.view.stale:
            lines = [Content(line.plain).stylize(DIM) for line in lines]
        room = height - len(lines)
        if room >= 2:
            lines += self._history(width, min(room, 8))
        return lines

    def _titles(self, last: ev.Telemetry) -> None:
        count = len(last.devices)
        name = "3 CPU" if not count else "3 GPU" if count == 1 else f"3 GPU · {count} devices"
        stale = self.view.stale
        what = "util" if count else "cpu"
        below = f"stale {ink.span(stale)}" if stale else f"{what}, {ink.rough(self.view.budget)}"
        name_border(self, self.view, self.view.titled("gpu", name), below)

    def _history(self, width: int, height: int) -> list[Content]:
        history = self.view.live.telemetry
        cell = self.view.budget / width
        newest = ceil(history[-1].at / cell) * cell  # moves by whole cells: redrawn rarely
        start = newest - self.view.budget
        points = [(t.at, _share(t)) for t in history if t.at >= start]
        style = "$ghost" if self.view.stale else "$accent"
        curve = Curve(points=points, style=style)
        canvas = draw(
            [curve], width=width, height=height, x_range=(start, newest), y_range=(0.0, 1.0)
        )
        return ink.rows_of(canvas.rows(ascii_only=self.view.ascii_only))


def _share(sample: ev.Telemetry) -> float:
    """Return the utilisation of the busiest device, or of the CPU."""
    known = [d.utilisation for d in sample.devices if d.utilisation is not None]
    return max(known) if known else sample.cpu


def _gauge(name: str, text: str, share: float | None, width: int, style: str) -> Content:
    words = ink.ink((f"{name:<5}", DIM), (f"{text:>9} ", "bold"))
    if share is None:
        return words
    return words + ink.bar(share, max(0, width - words.cell_length), style)


def _device(device: ev.Device, width: int, *, compact: bool) -> list[Content]:
    """Draw one device: three lines, or one when there are several."""
    used, total = device.memory_used, device.memory_total
    memory = f"{ink.gib(used)}/{ink.gib(total)}" if total else "?"
    util = "?" if device.utilisation is None else f"{device.utilisation:.0%}"
    share = used / total if used is not None and total else None
    heat = "" if device.temperature is None else f"{device.temperature:.0f} °C"
    hot = "$error" if (device.temperature or 0) >= HOT else ""
    power = "" if device.power is None else f"{device.power:.0f} W"
    if compact:
        words = ink.ink(
            (f"{device.index} ", DIM), (f"{util:>4} ", "bold"), f"{memory:>12} ", (heat, hot)
        )
        return [words + f" {power}"]
    name = device.name.removeprefix("NVIDIA ").removeprefix("GeForce ")
    numbers = ink.ink((heat, hot), f"  {power}")
    head = ink.ink((name, "bold"))
    driver = ink.ink((f"   driver {device.driver}   ", DIM))
    if head.cell_length + driver.cell_length + numbers.cell_length > width:
        driver = Content("   ")
    return [
        head + driver + numbers,
        _gauge("util", util, device.utilisation, width, "$accent"),
        _gauge("vram", memory, share, width, "$primary"),
    ]


def _machine(sample: ev.Telemetry, width: int) -> list[Content]:
    """Draw CPU and memory, where there is no GPU."""
    memory = f"{ink.gib(sample.memory_used)}/{ink.gib(sample.memory_total)}"
    share = sample.memory_used / sample.memory_total if sample.memory_total else None
    return [
        _gauge("cpu", f"{sample.cpu:.0%}", sample.cpu, width, "$accent"),
        _gauge("mem", memory, share, width, "$primary"),
    ]
