"""What the words of `cockpit verify` cost and miss: `python -m bench.verify [NIGHTS]`.

Files are run in pairs (rounds) with Gaussian noise of 1 sigma, on a machine whose mood moves all
files of a round alike. The second file is better than the first by so many sigma.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Callable

from cockpit.judges.intervals import interval, word

NIGHTS = 2000
GAINS = (0.0, 1.0, 2.0, 3.0)
Noise = Callable[[random.Random], float]


def calm(draw: random.Random) -> float:
    """Return Gaussian noise."""
    return draw.gauss(0, 1)


def heavy(draw: random.Random) -> float:
    """Return noise of Student's t with 3 degrees of freedom, scaled to variance 1."""
    return draw.gauss(0, 1) / math.sqrt(draw.gammavariate(1.5, 2.0))


def shares(
    nights: int, files: int, pairs: int, gain: float, noise: Noise = calm, restless: float = 1.0
) -> Counter[str]:
    """Return how often each word is said; `restless` is how much more the second file scatters."""
    draw = random.Random(f"{files}/{pairs}/{gain}")
    said: Counter[str] = Counter()
    for _ in range(nights):
        values: dict[str, dict[int, float]] = {str(file): {} for file in range(files)}
        for pair in range(pairs):
            mood = draw.gauss(0, 1)
            for file in range(files):
                wide = restless if file == 1 else 1.0
                values[str(file)][pair] = mood + wide * noise(draw) - gain * (file == 1)
        said[word(interval(values, "0", "1", -1))] += 1
    return said


def main(nights: int) -> None:
    """Print the table."""
    head = " | ".join(f"{gain:g} sigma: real / luck" for gain in GAINS)
    print(f"| files | pairs | {head} |\n|---|---|" + "---|" * len(GAINS))
    for files in (2, 5, 10):
        for pairs in (3, 5, 8):
            cells = []
            for gain in GAINS:
                said = shares(nights, files, pairs, gain)
                cells.append(f"{said['real'] / nights:.1%} / {said['luck'] / nights:.1%}")
            print(f"| {files} | {pairs} | " + " | ".join(cells) + " |", flush=True)
    for title, noise, restless in (("heavy tails", heavy, 1.0), ("one file 3 sigma", calm, 3.0)):
        none = shares(nights, 5, 5, 0.0, noise, restless)
        print(f"{title}, no effect, 5 files, 5 pairs: real {none['real'] / nights:.1%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else NIGHTS)
