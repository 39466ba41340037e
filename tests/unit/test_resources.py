"""The files that come with the cockpit are found in a clone and in a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit import resources


def test_a_clone_has_everything_a_workspace_needs() -> None:
    found = resources.template_files()
    assert {"sandbox/train.py", "sandbox/prepare.py", "program.md", "cockpit.toml"} <= set(found)
    assert all(path.is_file() for path in found.values())
    assert not [name for name in found if "__pycache__" in name or name.startswith("themes")]
    assert list(resources.themes().glob("*.toml"))


def test_an_installed_wheel_is_looked_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "cockpit")
    (tmp_path / "program.md").touch()
    assert resources.template_files() == {"program.md": tmp_path / "program.md"}
    (tmp_path / "cockpit" / "template" / "sandbox").mkdir(parents=True)
    (tmp_path / "cockpit" / "template" / "sandbox" / "train.py").touch()
    assert set(resources.template_files()) == {"sandbox/train.py"}
    assert resources.themes() == tmp_path / "cockpit" / "template" / "themes"
