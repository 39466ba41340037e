"""Which model is taken, and what the server's words mean."""

from __future__ import annotations

import pytest

from cockpit.agents.client import address
from cockpit.agents.models import Model, billions, choose_model


def model(name: str, parameters: float | None, gigabytes: float = 5.0, family: str = "") -> Model:
    return Model(name=name, bytes=int(gigabytes * 1e9), parameters=parameters, family=family)


INSTALLED = (
    model("llama3.1:8b", 8.0),
    model("qwen2.5-coder:1.5b", 1.5, 1.0),
    model("qwen2.5-coder:7b", 7.6),
    model("qwen2.5-coder:14b", 14.8, 9.0),
    model("deepseek-coder-v2:236b", 236.0, 133.0),
    model("qwen3-coder:480b-cloud", 480.0, 0.0),
    model("nomic-embed-text:latest", 0.137, 0.27, "nomic-bert"),
)


def test_the_largest_coder_of_sensible_size_is_taken_and_says_why() -> None:
    choice = choose_model(INSTALLED)
    assert choice.name == "qwen2.5-coder:14b"
    assert choice.reason == (
        "qwen2.5-coder:14b: the largest coder model up to 36B of 5 installed "
        "(15B parameters, 9.0 GB)"
    )


def test_a_capable_general_model_goes_before_a_small_coder() -> None:
    assert choose_model(INSTALLED[:2]).name == "llama3.1:8b"
    assert "propose little of use" in choose_model(INSTALLED[1:2]).reason


def test_too_large_is_the_last_resort_and_says_so() -> None:
    assert "may not fit" in choose_model(INSTALLED[4:5]).reason


def test_with_the_memory_known_the_model_must_fit_it() -> None:
    assert choose_model(INSTALLED, memory=8 * 10**9).name == "qwen2.5-coder:7b"
    assert "that fits the device" in choose_model(INSTALLED, memory=8 * 10**9).reason
    assert choose_model(INSTALLED, memory=10**9).name == "qwen2.5-coder:1.5b"


def test_cloud_and_embedding_models_are_never_taken() -> None:
    choice = choose_model(INSTALLED[5:])
    assert (choice.name, choice.installed) == ("", False)
    assert "ollama pull" in choice.reason


def test_a_cloud_model_is_refused_even_by_name() -> None:
    choice = choose_model(INSTALLED, "qwen3-coder:480b-cloud")
    assert not choice.installed
    assert choice.reason == (
        "the model qwen3-coder:480b-cloud runs in a cloud, and nothing is to leave this network; "
        "choose a local one with --model"
    )


def test_the_wanted_model_is_taken_with_or_without_its_tag() -> None:
    tags = (model("mistral:latest", 7.0), *INSTALLED)
    assert choose_model(tags, "mistral").name == "mistral:latest"
    missing = choose_model(tags, "phi4")
    assert not missing.installed
    assert missing.reason == "the model phi4 is not installed; get it with `ollama pull phi4`"


def test_a_size_that_is_not_told_is_guessed_from_the_file() -> None:
    tags = (model("small-coder", None, 1.0), model("large-coder", None, 8.0))
    assert choose_model(tags).name == "large-coder"


@pytest.mark.parametrize(
    ("text", "size"), [("7.6B", 7.6), ("134.52M", 0.13452), ("", None), (None, None), ("big", None)]
)
def test_sizes_are_read(text: str | None, size: float | None) -> None:
    assert billions(text) == (pytest.approx(size) if size else None)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (None, "http://127.0.0.1:11434"),
        ("0.0.0.0:11500", "http://127.0.0.1:11500"),
        (":5000", "http://127.0.0.1:5000"),
        ("https://gpu.lan", "https://gpu.lan"),
    ],
)
def test_the_address_is_where_a_client_can_connect(
    given: str | None, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    assert address(given) == url
    if given:
        monkeypatch.setenv("OLLAMA_HOST", given)
        assert address(None) == url
