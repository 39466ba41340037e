"""A human's repository, for the tests of the workspace: real git in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cockpit.source.stage import describe
from cockpit.trial import Candidate, Verdict
from cockpit.workspace import GitWorkspace

BASELINE = "LR = 0.1\n\n\ndef build_model():\n    return LR\n"
PROGRAM = "Look for simple gains.\n"
KEEP = Verdict(word="keep", reason="better by 4 sigma", value=1.9, delta=-0.1, sigma=0.02)
SIMPLER = Verdict(word="simpler", reason="fewer nodes", value=2.0)
DISCARD = Verdict(word="discard", reason="no gain", value=2.1)
CRASH = Verdict(word="crash", reason="out of memory")
HUMAN = "\tname = Ada\n\temail = ada@example.org\n"


def candidate(lr: float) -> Candidate:
    """Return a candidate whose text differs from the baseline's by its rate."""
    return describe(BASELINE.replace("0.1", str(lr)))


def keep(workspace: GitWorkspace, trial: int, rate: float) -> str:
    """Archive and keep one candidate; return the commit."""
    workspace.archive(trial, candidate(rate), f"Try {rate}")
    return workspace.settle(trial, KEEP, f"Keep {rate}").commit


def isolate(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Let git see no configuration but a repository's own, and let nobody wait for the disk."""
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_TEST_FSYNC", "0")
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))]:
        monkeypatch.delenv(name)


class Repository:
    """A repository with the sandbox in it, and git commands as its human gives them."""

    def __init__(self, root: Path, identity: str = HUMAN) -> None:
        self.root = root
        (root / "sandbox").mkdir(parents=True)
        self.write("sandbox/train.py", BASELINE)
        self.write("sandbox/prepare.py", "BUDGET = 300\n")
        self.write("program.md", PROGRAM)
        self.git("init", "--quiet", "--initial-branch=main", "--template=")
        with (root / ".git" / "config").open("a") as config:
            config.write(f"[user]\n{identity}")

    @classmethod
    def committed(cls, root: Path) -> Repository:
        """Return one with a first commit; made once a test run, then copied, for git is slow."""
        made = root.parent.parent / "committed"
        if not made.exists():
            cls(made).commit_all()
        shutil.copytree(made, root)
        copy = cls.__new__(cls)
        copy.root = root
        return copy

    def commit_all(self) -> str:
        """Commit the whole tree as the human would, and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Begin")
        return self.git("rev-parse", "HEAD")

    def git(self, *args: str) -> str:
        """Run git as the human; return what it printed."""
        done = subprocess.run(["git", *args], cwd=self.root, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().removesuffix("\n")

    def write(self, name: str, text: str) -> None:
        """Put a file into the tree."""
        (self.root / name).write_bytes(text.encode())

    def read(self, name: str) -> str:
        """Return a file of the tree."""
        return (self.root / name).read_bytes().decode()

    def changed_by(self, commit: str) -> list[str]:
        """Return the names that a commit changes against its parent."""
        return self.git("diff-tree", "-r", "--name-only", f"{commit}^", commit).splitlines()

    def of_the_human(self) -> dict[str, object]:
        """Return all that is the human's: HEAD, index, refs, config, and files but `train.py`."""
        index = self.root / ".git" / "index"
        refs = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        ours = ("refs/cockpit/", "refs/heads/autoresearch/")
        return {
            "head": (self.root / ".git" / "HEAD").read_bytes(),
            "index": index.read_bytes() if index.exists() else None,
            "index written": index.stat().st_mtime_ns if index.exists() else None,
            "refs": [line for line in refs if not line.startswith(ours)],
            "config": (self.root / ".git" / "config").read_bytes(),
            "files": {
                os.fspath(path.relative_to(self.root)): path.read_bytes()
                for path in sorted(self.root.rglob("*"))
                if path.is_file()
                and not {".git", ".cockpit"} & set(path.parts)
                and path.name != "train.py"
            },
        }
