"""A copy of the tunes among the packages of an interpreter stays closed, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.arena import corpus


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    for name in ("music21/corpus/airdsAirs/1.abc", "music21-10.5.1.dist-info/RECORD",
                 "torch/__init__.py", "numpy/__init__.py"):  # fmt: skip
        path = tmp_path / "lib" / "python3.11" / "site-packages" / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
    (tmp_path / "lib" / "python3.11" / "os.py").write_text("")
    (tmp_path / "include").mkdir()
    return tmp_path


def test_copies_are_found_from_a_prefix_its_library_and_its_packages(prefix: Path) -> None:
    packages = prefix / "lib" / "python3.11" / "site-packages"
    wanted = [packages / "music21", packages / "music21-10.5.1.dist-info"]
    for root in (prefix, prefix / "lib", packages.parent, packages):
        found = list(corpus.copies([str(root)]))
        assert [path for path in found if prefix in path.parents] == wanted


def test_all_but_the_copy_is_allowed_and_folders_above_it_are_listed(prefix: Path) -> None:
    packages = prefix / "lib" / "python3.11" / "site-packages"
    roots = [str(prefix / "include"), str(prefix / "lib")]
    allowed, listed = corpus.without(roots, list(corpus.copies(roots)))
    assert sorted(allowed) == sorted(
        [
            str(prefix / "include"),
            str(packages.parent / "os.py"),
            str(packages / "numpy"),
            str(packages / "torch"),
        ]
    )
    assert sorted(listed) == sorted([str(prefix / "lib"), str(packages.parent), str(packages)])


def test_a_link_to_a_copy_is_as_closed_as_the_copy(prefix: Path, tmp_path: Path) -> None:
    copy = prefix / "lib" / "python3.11" / "site-packages" / "music21"
    (prefix / "include" / "tunes").symlink_to(copy)
    roots = [str(prefix / "include" / "tunes"), str(copy / "corpus")]
    assert corpus.without(roots, [copy]) == ((), ())


def test_without_a_copy_the_roots_stay_as_they_are(prefix: Path) -> None:
    roots = (str(prefix / "include"), "/nowhere")
    assert corpus.without(roots, []) == (roots, ())
