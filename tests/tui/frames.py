"""What pictures of the screen are taken of: the three designed sizes, dark and light."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

Before = Callable[[Pilot[None]], Awaitable[None]]
Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 60)], ids="{0[0]}x{0[1]}".format
)
THEMES = pytest.mark.parametrize("theme", ["night", "day"])
