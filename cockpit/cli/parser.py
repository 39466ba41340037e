"""Arguments of every command. Imports nothing heavy, so that `--help` answers at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module

from cockpit import __version__
from cockpit.cli import arguments

COMMANDS = {
    "init": "make a fresh workspace in DIR",
    "run": "the same engine without a screen",
    "try": "one trial of your own train.py, through the same gate and judge",
    "status": "one screen of plain text: phase, best, counts, what comes next",
    "ledger": "the table of experiments",
    "show": "one experiment: diff, runs, verdict, log",
    "revert": "make a kept experiment the one to beat again",
    "report": "the morning report: text, --markdown, --html FILE",
    "export": "chosen keeps as a clean branch under your own name",
    "import": "take a results.tsv from elsewhere into the ledger, whatever its dialect",
    "replay": "play a recorded night on the full screen; --demo plays upstream's",
    "verify": "run keeps again against their predecessors: real, unproven or luck",
    "models": "what each installed model makes of this workspace, before the night",
    "doctor": "check everything this needs, each with its remedy",
    "calibrate": "try judge and walls here: the same file twice, and every known cheat",
}
EPILOG = "commands:\n" + "\n".join(f"  cockpit {n:<9} {text}" for n, text in COMMANDS.items())


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments, with the function to call as `command`."""
    if argv and argv[0] in COMMANDS:
        return _PARSERS[argv[0]]().parse_args(argv[1:])
    return _open_parser().parse_args(argv)


def _lazily(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    def call(given: argparse.Namespace) -> int:
        found: Callable[[argparse.Namespace], int] = getattr(
            import_module(f"cockpit.cli.{module}"), name
        )
        return found(given)

    return call


def _parser(name: str, module: str, function: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"cockpit {name}", description=COMMANDS[name] + ".")
    parser.set_defaults(command=_lazily(module, function))
    return parser


def _session_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("session", "each overrides cockpit.toml")
    group.add_argument("--budget", type=float, metavar="S", help="seconds of one run (300)")
    group.add_argument("--until", metavar="HH:MM", help="local time to stop at")
    group.add_argument("--agent", dest="kind", choices=("auto", "mixture", "ollama", "sweep"))
    group.add_argument("--model", metavar="NAME", help="Ollama model (the best installed)")
    group.add_argument("--host", metavar="URL", help="of the model server (OLLAMA_HOST)")
    group.add_argument("--seed", type=int, metavar="N", help="of the sweep (0)")
    group.add_argument("--threads", type=int, metavar="N", help="CPU threads of a run")
    group.add_argument("--wheel", metavar="FILE", help="music21 wheel, where pip cannot fetch it")
    group.add_argument("--rehearsals", type=int, metavar="N", help="0 skips the rehearsal")
    group.add_argument("--experiments", type=int, metavar="N", help="stop after N scored trials")


def _open_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cockpit",
        description="The terminal cockpit for autonomous machine-learning research.\n"
        "Without a command it opens the full screen on DIR and sets up what is missing.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cockpit {__version__}")
    arguments.folder(parser)
    _session_flags(parser)
    group = parser.add_argument_group("screen")
    group.add_argument("--theme", metavar="NAME")
    group.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    group.add_argument("--ascii", action="store_true", help="no box drawing, no braille")
    group.add_argument("--read-only", action="store_true", help="look, start nothing")
    parser.set_defaults(command=_lazily("running", "open_screen"))
    return parser


def _init_parser() -> argparse.ArgumentParser:
    parser = _parser("init", "running", "init")
    parser.add_argument("dir", metavar="DIR", help="folder of the new workspace")
    parser.add_argument("--wheel", metavar="FILE", help="music21 wheel, where pip cannot fetch it")
    return parser


def _run_parser() -> argparse.ArgumentParser:
    parser = _parser("run", "running", "run")
    arguments.folder(parser)
    _session_flags(parser)
    parser.add_argument("--unattended", action="store_true", help="no reviews; nobody is there")
    parser.add_argument("--json", action="store_true", help="one event a line")
    parser.add_argument(
        "--remeasure", type=int, metavar="PAIRS", help="best against baseline at the end (3)"
    )
    return parser


def _try_parser() -> argparse.ArgumentParser:
    parser = _parser("try", "running", "try_file")
    parser.add_argument("file", metavar="FILE", help="your train.py")
    arguments.folder(parser)
    parser.add_argument("-m", "--message", required=True, metavar="WHY", help="the hypothesis")
    parser.add_argument(
        "--again", action="store_true", help="it repeats an earlier trial on purpose"
    )
    parser.add_argument("--budget", type=float, metavar="S", help="seconds of one run (300)")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads of a run")
    parser.add_argument("--json", action="store_true", help="one event a line")
    return parser


def _status_parser() -> argparse.ArgumentParser:
    parser = _parser("status", "reading", "status")
    arguments.folder(parser)
    parser.add_argument("--json", action="store_true")
    return parser


def _ledger_parser() -> argparse.ArgumentParser:
    parser = _parser("ledger", "reading", "ledger")
    parser.add_argument(
        "dir", nargs="?", default=".", metavar="DIR", help="workspace (here), or any results.tsv"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--tsv", action="store_true", help="the five columns of results.tsv")
    form.add_argument("--json", action="store_true", help="one trial a line")
    parser.add_argument("--since", metavar="12h", help="only what began in the last 12h, 30m, 2d")
    parser.add_argument("--all", action="store_true", help="every session, not the newest alone")
    table = parser.add_argument_group("a results.tsv")
    table.add_argument(
        "--noise", type=float, metavar="SIGMA", help="standard deviation of repeats of one file"
    )
    table.add_argument("--maximize", action="store_true", help="more is better (else inferred)")
    return parser


def _show_parser() -> argparse.ArgumentParser:
    parser = _parser("show", "reading", "show")
    parser.add_argument("number", type=int, metavar="N", help="number of the trial")
    arguments.folder(parser)
    parser.add_argument("--json", action="store_true")
    return parser


def _revert_parser() -> argparse.ArgumentParser:
    parser = _parser("revert", "reading", "revert")
    parser.add_argument("number", type=int, metavar="N", help="a kept trial; 0 is the baseline")
    arguments.folder(parser)
    return parser


def _direction_flags(parser: argparse.ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--maximize", action="store_true", help="more is better (else inferred)")
    way.add_argument("--minimize", action="store_true", help="less is better (else inferred)")


def _report_parser() -> argparse.ArgumentParser:
    parser = _parser("report", "reporting", "report")
    parser.add_argument("place", nargs="?", default=".", metavar="DIR|FILE", help="or a table")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true")
    form.add_argument("--html", metavar="FILE", help="one page that needs nothing else")
    form.add_argument("--json", action="store_true", help="the facts")
    parser.add_argument("--since", metavar="12h", help="only what ended in the last 12h, 30m, 2d")
    parser.add_argument("--session", metavar="TAG", help="of the workspace (the newest)")
    _direction_flags(parser)
    return parser


def _export_parser() -> argparse.ArgumentParser:
    parser = _parser("export", "exporting", "export")
    arguments.folder(parser)
    parser.add_argument("--keeps", required=True, metavar="14,20", help="numbers of kept trials")
    parser.add_argument("--branch", required=True, metavar="NAME", help="to be made")
    parser.add_argument("--no-measure", action="store_true", help="do not run the result once")
    parser.add_argument("--budget", type=float, metavar="S", help="seconds of that run (300)")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads of that run")
    return parser


def _import_parser() -> argparse.ArgumentParser:
    parser = _parser("import", "nights", "import_file")
    parser.add_argument("file", metavar="FILE", help="results.tsv in any dialect, CSV, JSON lines")
    arguments.folder(parser)
    _direction_flags(parser)
    return parser


def _replay_parser() -> argparse.ArgumentParser:
    parser = _parser("replay", "replaying", "replay")
    parser.add_argument("place", nargs="?", metavar="FILE|DIR", help="workspace (here), or a table")
    parser.add_argument("--demo", action="store_true", help="upstream's night of March 8")
    parser.add_argument("--speed", type=float, default=100.0, metavar="X", help="times (100)")
    parser.add_argument("--session", metavar="TAG", help="of the workspace (the newest)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="lines instead of the screen")
    form.add_argument("--json", action="store_true", help="one event a line")
    parser.add_argument("--theme", metavar="NAME")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument("--ascii", action="store_true", help="no box drawing, no braille")
    _direction_flags(parser)
    return parser


def _verify_parser() -> argparse.ArgumentParser:
    return arguments.verify(_parser("verify", "verify.command", "verify"))


def _models_parser() -> argparse.ArgumentParser:
    return arguments.models(_parser("models", "models.command", "models"))


def _doctor_parser() -> argparse.ArgumentParser:
    return arguments.doctor(_parser("doctor", "doctor", "doctor"))


def _calibrate_parser() -> argparse.ArgumentParser:
    return arguments.calibrate(_parser("calibrate", "calibrate.command", "calibrate"))


_PARSERS = {
    "init": _init_parser,
    "run": _run_parser,
    "try": _try_parser,
    "status": _status_parser,
    "ledger": _ledger_parser,
    "show": _show_parser,
    "revert": _revert_parser,
    "report": _report_parser,
    "export": _export_parser,
    "import": _import_parser,
    "replay": _replay_parser,
    "verify": _verify_parser,
    "models": _models_parser,
    "doctor": _doctor_parser,
    "calibrate": _calibrate_parser,
}
