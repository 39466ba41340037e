"""Write a picture of the real screen on a workspace: `python -m docs.write_picture WORKSPACE`.

The screen draws itself as SVG, without a terminal, from the workspace's own journal and the log of
the run that is on; take it while a session runs. `--size 120x40` and `--out docs/cockpit.svg` are
the defaults; `--theme` takes any theme.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from cockpit.cli.screen import looking

OUT = Path(__file__).with_name("cockpit.svg")
SECONDS = 20
"""How long the screen looks before the picture is taken, so that the meters have a history."""


async def draw(root: Path, size: tuple[int, int], theme: str, out: Path) -> None:
    """Open the screen on `root` and write what it shows."""
    app, stop = looking(root.resolve(), theme)
    async with app.run_test(size=size) as pilot:
        for _ in range(SECONDS):
            await pilot.pause(1.0)
        out.write_text(app.export_screenshot(title="cockpit"), encoding="utf-8")
        stop.set()


def main() -> None:
    """Read the arguments and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--theme", default="night")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    width, height = (int(n) for n in arguments.size.split("x"))
    asyncio.run(draw(arguments.workspace, (width, height), arguments.theme, arguments.out))


if __name__ == "__main__":
    main()
