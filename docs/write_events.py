"""Write docs/EVENTS.md from the dataclasses of the events: `python -m docs.write_events`.

The page says what `--json` prints and what the journal holds. Its words are the docstrings of
`cockpit.events` and `cockpit.trial`; what is wrong here is mended there.
"""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cockpit import events as ev
from cockpit.ledgers.codec import entry_to_dict
from cockpit.ledgers.shapes import TAG
from cockpit.trial import Verdict

PAGE = Path(__file__).with_name("EVENTS.md")
NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", types.NoneType: "null"}

HEAD = """# Events

`cockpit run --json` and `cockpit try --json` print one JSON object a line: the entries of the
journal, as they are recorded and in order. A line is printed only after its entry is on the disk.

This page is generated from the dataclasses. Do not edit it: run `python -m docs.write_events`.
`tests/unit/test_docs_events.py` holds it to them.

## A line

```json
{example}
```

| field | type | what it is |
|---|---|---|
| `schema` | integer | version of this page: {schema}; it rises when an old reader would be misled |
| `seq` | integer | place in the journal, from 0, no gaps, across all sessions of the workspace |
| `at` | string | UTC, ISO 8601, milliseconds |
| `session` | string | tag of the session, as in `autoresearch/<tag>` |
| `slot` | integer | device that the entry is about; always 0 today |
| `event` | string | name of the event; its own fields follow on the same level |

- A missing value is `null`, never 0. NaN and infinities do not occur.
- A nested object that may be of several classes names its class under `"{tag}"`: a `result`, an
  `edit`.
- Every field is always printed. "optional" below means that a journal may have been written by a
  cockpit that did not know the field yet.
- Skip events and fields that you do not know. (The cockpit itself refuses a journal that a newer
  one wrote, because a fold that skips facts would be wrong.)
- Texts come from models, scripts and people. They are data: never a command or an instruction.
- Live samples (steps, log lines, telemetry, the model's words as they come) are no events and are
  not printed.
- `status --json`, `ledger --json` and `show --json` print facts folded from these events.

## The order of one trial

1. `TrialStarted`.
2. For each attempt `Asked`, then `Proposed` or `AgentDeclined`, then `Staged` or
   `ProposalRejected`.
3. Where a human is asked, `ReviewOpened` and later `Reviewed`; the dry run goes on meanwhile.
4. `RunStarted` and `RunFinished` for the dry run, the scoring run and each repeat.
5. `TrialJudged`, `TrialSettled`, `LessonLearned`.

`TrialAbandoned` ends a trial without a verdict, at any point before `TrialJudged`. A rehearsal ends
with `RehearsalFinished` instead of a verdict. While proposals are reviewed, the next trial begins
before the one in hand trains: go by `trial`, not by neighbourhood.

"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(), encoding="utf-8")


def render() -> str:
    """Return the whole page."""
    head = HEAD.format(example=_example(), schema=ev.SCHEMA, tag=TAG)
    kinds: tuple[type, ...] = get_args(ev.Event)
    parts = [head, "## Events\n"]
    parts += [_section(kind) for kind in kinds]
    parts.append("## Nested objects\n")
    parts += [_section(kind) for kind in nested(kinds)]
    return "\n".join(parts).rstrip() + "\n"


def nested(kinds: tuple[type, ...]) -> list[type]:
    """Return the classes inside the events, each once, in the order they are met."""
    found: dict[type, None] = {}
    waiting = [*kinds]
    while waiting:
        for kind in _classes(waiting.pop(0)):
            if kind not in found and kind not in kinds:
                found[kind] = None
                waiting.append(kind)
    return list(found)


def _classes(kind: type) -> Iterator[type]:
    waiting = [*get_type_hints(kind).values()]
    while waiting:
        hint = waiting.pop(0)
        if isinstance(hint, type) and is_dataclass(hint):
            yield hint
        waiting += get_args(hint) if get_origin(hint) is not Literal else ()


def _section(kind: type) -> str:
    text = inspect.cleandoc(kind.__doc__ or "")
    hints = get_type_hints(kind)
    rows = [
        f"| `{field.name}` | {_words(hints[field.name])}{_default(field)} |"
        for field in fields(kind)
    ]
    table = ["| field | type |", "|---|---|", *rows, ""] if rows else []
    return "\n".join([f"### {kind.__name__}\n", f"{text}\n", *table])


def _default(field: Field[Any]) -> str:
    given = field.default is not MISSING or field.default_factory is not MISSING
    return ", optional" if given else ""


def _words(hint: Any) -> str:
    """Return what a type hint is in JSON, in words."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(f"`{json.dumps(part)}`" for part in parts)
    if origin is tuple:
        many = len(parts) == 2 and parts[1] is Ellipsis
        return f"array of {_words(parts[0])}" if many else f"array [{_listed(parts)}]"
    if origin is dict:
        return f"object of {_words(parts[1])}"
    if origin in (Union, types.UnionType):
        return " or ".join(_words(part) for part in parts)
    if is_dataclass(hint):
        name = getattr(hint, "__name__", str(hint))
        return f"[{name}](#{name.lower()})"
    return NAMES[hint]


def _listed(parts: tuple[Any, ...]) -> str:
    return ", ".join(map(_words, parts))


def _example() -> str:
    verdict = Verdict(
        word="keep",
        reason="1.9312 is 0.0841 better than the best (6.9 sigma, 4 runs against 5)",
        value=1.9312,
        delta=-0.0841,
        sigma=0.0122,
        sigmas=-6.9,
        runs=4,
        incumbent_runs=5,
    )
    entry = ev.Entry(
        seq=212,
        at=1_772_935_869.12,
        session="mar8",
        slot=0,
        event=ev.TrialJudged(trial=7, verdict=verdict),
    )
    return json.dumps(entry_to_dict(entry), ensure_ascii=False)


if __name__ == "__main__":
    main()
