"""Errors a person can act on: what happened, the value, what to do, in one sentence.

    CockpitError
    ├── UsageError        wrong use of the command line; cli exits 2
    ├── ConfigError       cockpit.toml, environment or a flag; cli exits 2
    ├── WorkspaceError    git or the files of the workspace; cli exits 1
    ├── DataError         the corpus could not be prepared; cli exits 1
    ├── LockError         a locked file was changed; the session stops
    ├── LedgerError       the journal cannot be read or written; the session stops
    ├── IsolationError    less isolation than `[isolation] require` asks for; the session stops
    └── ArenaError        the warden or the scorer broke on our side, not the candidate's

What a candidate does wrong is never an exception: it is a run result (see `cockpit.trial`).
"""


class CockpitError(Exception):
    """Base of every expected failure; `cli.main` catches it and prints its sentence alone.

    Args:
        what: what happened, with the value in it.
        remedy: what to do about it, an imperative clause or a command.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what}; {remedy}" if remedy else what)
        self.what = what
        self.remedy = remedy


class UsageError(CockpitError):
    """The command line asks for something that cannot be; caught by `cli.main`, exit code 2."""


class ConfigError(CockpitError):
    """A setting is unknown or out of range; names file and key; `cli.main`, exit code 2."""


class WorkspaceError(CockpitError):
    """Git or a file of the workspace is not as needed; `cli.main` at start, else the session."""


class DataError(CockpitError):
    """The corpus is missing, changed or could not be fetched; caught by the setup."""


class LockError(CockpitError):
    """`prepare.py` or the data differ from their lock; the session stops with the remedy."""


class LedgerError(CockpitError):
    """The journal cannot record; the session stops, for what cannot be recorded is not trained."""


class IsolationError(CockpitError):
    """The measured isolation level is below the required one; the session stops."""


class ArenaError(CockpitError):
    """The warden or scorer failed on our side; the trial is abandoned, never called a crash."""
