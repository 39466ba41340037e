"""Which model is recommended for the night, from what a few proposals of each came to."""

from __future__ import annotations

import pytest

from cockpit.cli.models.score import Score, recommended


def score(name: str, size: float, novel: int, each: float, load: float = 2.0) -> Score:
    return Score(
        model=name,
        bytes=int(size * 0.6e9),
        parameters=size,
        asked=4,
        parsed=4,
        applied=4,
        compiled=4,
        novel=novel,
        seconds=4 * each,
        load=load,
    )


@pytest.mark.parametrize(
    ("scores", "name", "words"),
    [
        (
            [score("a:1.5b", 1.5, 4, 1.0), score("b:7b", 7.0, 3, 5.0), score("c:32b", 32, 1, 9.0)],
            "b:7b",
            "3 of 4 new and ready to train, 5.0 s each; the largest that is quick enough",
        ),
        (
            [score("a:1.5b", 1.5, 4, 1.0), score("d:70b", 70, 4, 200.0)],
            "a:1.5b",
            "beside runs of 300 s; models this small propose little of use",
        ),
        ([score("d:70b", 70, 4, 200.0)], "d:70b", "the quickest, but dear beside runs of 300 s"),
        ([score("e:9b", 9, 4, 20.0, load=40.0)], "e:9b", "dear"),
        ([score("f:7b", 7, 0, 1.0)], "", "the sweep needs none"),
        ([], "", "no model made a proposal that could be trained"),
    ],
)
def test_the_largest_that_is_fair_and_affordable(
    scores: list[Score], name: str, words: str
) -> None:
    model, why = recommended(scores, 300.0)
    assert model == name
    assert words in why
