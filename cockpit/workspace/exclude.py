"""Keep the cockpit's own files out of `git status`, without touching a tracked `.gitignore`."""

from __future__ import annotations

from cockpit.errors import WorkspaceError
from cockpit.files import replace_file
from cockpit.workspace.plumbing import Plumbing
from cockpit.workspace.tree import encode, read_text

HIDDEN = (".cockpit/", "results.tsv")


def hide(git: Plumbing) -> None:
    """Add what the cockpit writes to the repository's `info/exclude`, once.

    Raises:
        WorkspaceError: the file cannot be written.
    """
    path = git.path_in_git_dir("info/exclude")
    text = read_text(path) or ""
    above = "".join(f"\\{c}" if c in "*?[\\" else c for c in git.prefix)
    wanted = [f"/{above}{name}" for name in HIDDEN]
    missing = [line for line in wanted if line not in text.splitlines()]
    if not missing:
        return
    gap = "" if not text or text.endswith("\n") else "\n"
    try:
        path.parent.mkdir(exist_ok=True)
        replace_file(path, encode(text + gap + "\n".join(missing) + "\n"))
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be written ({error.strerror})", "mend its mode, or free the disk"
        ) from error
