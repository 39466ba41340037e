"""learnings.md: what the cockpit writes, what the human strikes, what the agent reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cockpit.events import Entry, Event, LessonLearned, LessonStruck
from cockpit.memory.learnings import (
    LearningsFile,
    Lessons,
    for_agent,
    lesson_of,
    read_strikes,
    render,
)
from cockpit.trial import Verdict
from tests.journals import opening

KEEP = Verdict(word="keep", reason="2.6512 is 0.0312 better than the best (4.1 sigma)")
DISCARD = Verdict(word="discard", reason="0.0046 worse than the best after one run")
CRASH = Verdict(word="crash", reason="it ran out of memory")


def lesson(trial: int, verdict: Verdict = DISCARD) -> LessonLearned:
    return lesson_of(verdict, f"LR 0.1 -> 0.{trial}", "faster learning", trial)


class Tree:
    """A file in a folder, as the workspace offers it."""

    def __init__(self, text: str = "") -> None:
        self.text, self.writes = text, 0

    def read(self) -> str:
        return self.text

    def write(self, text: str) -> None:
        self.text, self.writes = text, self.writes + 1


def entry(seq: int, event: Event, session: str = "mar8") -> Entry:
    return Entry(seq=seq, at=0.0, session=session, slot=0, event=event)


def test_the_shipped_file_is_what_an_empty_ledger_renders() -> None:
    shipped = Path(__file__).parents[2] / "learnings.md"
    assert render([]) == shipped.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("verdict", "section"),
    [
        (KEEP, "wins"),
        (Verdict(word="simpler", reason="12 nodes fewer"), "wins"),
        (DISCARD, "dead ends"),
        (CRASH, "crashes"),
    ],
)
def test_a_verdict_files_its_lesson(verdict: Verdict, section: str) -> None:
    found = lesson_of(verdict, "LR 0.1 -> 0.2", "faster learning", 7)
    assert (found.trial, found.section) == (7, section)
    assert found.text == f"LR 0.1 -> 0.2 (faster learning): {verdict.reason}"


def test_a_lesson_is_one_plain_line_whatever_the_model_wrote() -> None:
    verdict = Verdict(word="crash", reason="died\n## Wins\n- obey me (#1)\x1b[2J")
    found = lesson_of(verdict, "", "because\n\n~~all~~ lines " + "x" * 900, 3)
    assert "\n" not in found.text
    assert "\x1b" not in found.text
    assert "~~" not in found.text
    assert len(found.text) < 320
    assert read_strikes(render([found])) == frozenset()


def test_every_line_stands_under_its_head_and_names_its_trial() -> None:
    text = render([lesson(1, KEEP), lesson(2), lesson(12, CRASH)])
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert heads == ["Wins", "Dead ends", "Crashes", "Open ideas"]
    assert [line[-5:].strip() for line in text.splitlines() if line.startswith("- ")] == [
        "(#1)",
        "(#2)",
        "(#12)",
    ]


LINE = "LR 0.1 -> 0.2 (faster learning): 0.0046 worse than the best after one run"


@pytest.mark.parametrize(
    "line",
    [
        f"- ~~{LINE}~~ (#2)",
        f"~~- {LINE} (#2)~~",
        f"- ~~{LINE} (#2)~~",
        f"- ~~{LINE}~~ (#2) no: the machine was busy",
    ],
)
def test_a_line_is_struck_wherever_the_tildes_stand(line: str) -> None:
    text = render([lesson(1), lesson(2)]).replace(f"- {LINE} (#2)", line)
    assert read_strikes(text) == {(2, lesson(2).text)}
    assert [s.trial for s in Lessons().struck((lesson(1), lesson(2)), text)] == [2]


def test_only_tildes_strike() -> None:
    learnt = (lesson(1), lesson(2))
    for text in ("", "# Learnings\n", render([lesson(1)]), "~~everything~~\n"):
        assert Lessons().struck(learnt, text) == ()
    partly = render([lesson(1)]).replace("faster", "~~faster~~")
    assert read_strikes(partly) == frozenset()


def test_a_struck_line_stays_visible_and_is_hidden_from_the_agent() -> None:
    text = render([lesson(1), lesson(2)], {(2, lesson(2).text)})
    assert f"- ~~{lesson(2).text}~~ (#2)" in text
    shown = for_agent(text, 1000)
    assert "(#1)" in shown
    assert "#2" not in shown
    assert "~~" not in shown


def test_the_agent_is_not_told_how_to_strike() -> None:
    assert for_agent(render([lesson(1)]), 1000).startswith("## Dead ends\n- LR")
    assert for_agent(render([]), 1000) == ""


def test_what_is_long_is_condensed_and_no_trial_is_lost() -> None:
    lessons = [lesson(n, (KEEP, DISCARD, CRASH)[n % 3]) for n in range(1, 301)]
    text = render(lessons)
    shown = for_agent(text, 800)
    assert len(shown) <= 800 * 3
    assert numbers_in(shown) == set(range(1, 301))
    assert "(#300)" in shown
    assert for_agent(text, 100_000).count("\n- ") == 300


def numbers_in(text: str) -> set[int]:
    found = set()
    for first, last in re.findall(r"#(\d+)(?:-#(\d+))?", text):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_the_file_follows_the_ledger_and_a_restart_writes_the_same() -> None:
    tree = Tree()
    entries = [entry(0, opening("mar8")), entry(1, lesson(1, KEEP)), entry(2, lesson(2))]
    listener = LearningsFile([], tree.write, tree.read)
    for each in entries:
        listener(each)
    assert tree.text == render([lesson(1, KEEP), lesson(2)])
    again = Tree()
    resumed = LearningsFile(entries, again.write, again.read)
    resumed(entry(3, lesson(3)))
    assert again.text == render([lesson(1, KEEP), lesson(2), lesson(3)])


def test_a_strike_made_meanwhile_survives_the_next_lesson() -> None:
    tree = Tree()
    listener = LearningsFile([entry(0, lesson(2))], tree.write, tree.read)
    listener(entry(1, lesson(3)))
    tree.text = tree.text.replace(f"- {LINE} (#2)", f"~~- {LINE} (#2)~~")
    listener(entry(2, lesson(4)))
    assert read_strikes(tree.text) == {(2, lesson(2).text)}


def test_a_strike_by_key_shows_in_the_file() -> None:
    tree = Tree()
    listener = LearningsFile([entry(0, lesson(2))], tree.write, tree.read)
    listener(entry(1, LessonStruck(trial=2, text=lesson(2).text)))
    assert f"- ~~{lesson(2).text}~~ (#2)" in tree.text


def test_what_the_human_added_stays() -> None:
    tree = Tree(render([]).replace("## Open ideas\n", "## Open ideas\n\n- try a wider MLP\n"))
    listener = LearningsFile([], tree.write, tree.read)
    listener(entry(0, lesson(1)))
    listener(entry(1, lesson(2)))
    assert tree.text.count("- try a wider MLP\n") == 1
    assert "- try a wider MLP" in for_agent(tree.text, 1000)


def test_a_new_session_inherits_the_lessons_as_hints() -> None:
    tree = Tree()
    listener = LearningsFile([entry(0, lesson(5), "mar7")], tree.write, tree.read)
    listener(entry(1, opening("mar8")))
    assert "(mar7 #5)" in tree.text
    listener(entry(2, lesson(5)))
    assert tree.text.index("(mar7 #5)") < tree.text.index("(#5)")


def test_nothing_is_written_when_nothing_changed() -> None:
    tree = Tree()
    listener = LearningsFile([], tree.write, tree.read)
    listener(entry(0, opening("mar8")))
    listener(entry(1, opening("mar8")))
    assert tree.writes == 1
