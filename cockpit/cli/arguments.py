"""Arguments of the commands that check something; light, as `parser` is."""

from __future__ import annotations

from argparse import ArgumentParser


def folder(parser: ArgumentParser) -> ArgumentParser:
    """Let a command take the workspace it is about."""
    parser.add_argument("dir", nargs="?", default=".", metavar="DIR", help="workspace (here)")
    return parser


def verify(parser: ArgumentParser) -> ArgumentParser:
    """Arguments of `cockpit verify`."""
    parser.add_argument(
        "what", nargs="?", default="", metavar="N..M|BRANCH", help="keeps, or commits (all keeps)"
    )
    folder(parser)
    parser.add_argument("--pairs", type=int, metavar="K", help="runs of each file (5)")
    parser.add_argument("--yes", action="store_true", help="agree to the cost without being asked")
    parser.add_argument("--again", action="store_true", help="measure anew what was verified")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", metavar="FILE", help="write the page there (standard output)")
    form.add_argument("--json", action="store_true", help="one object of facts")
    parser.add_argument("--budget", type=float, metavar="S", help="of a run, for a BRANCH (300)")
    parser.add_argument("--threads", type=int, metavar="N", help="of a run, for a BRANCH")
    return parser


def models(parser: ArgumentParser) -> ArgumentParser:
    """Arguments of `cockpit models`."""
    folder(parser)
    parser.add_argument("--proposals", type=int, default=3, metavar="N", help="of each model (3)")
    parser.add_argument(
        "--seconds", type=float, default=60.0, metavar="S", help="for each model, at most (60)"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="this model; may be repeated"
    )
    parser.add_argument("--host", metavar="URL", help="of the model server (OLLAMA_HOST)")
    parser.add_argument("--json", action="store_true", help="one model a line, then the advice")
    return parser


def doctor(parser: ArgumentParser) -> ArgumentParser:
    """Arguments of `cockpit doctor`."""
    folder(parser)
    parser.add_argument("--host", metavar="URL", help="of the model server (OLLAMA_HOST)")
    parser.add_argument("--json", action="store_true")
    return parser


def calibrate(parser: ArgumentParser) -> ArgumentParser:
    """Arguments of `cockpit calibrate`."""
    folder(parser)
    parser.add_argument("--budget", type=float, metavar="S", help="seconds of a run (10)")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads of a run")
    parser.add_argument("--json", action="store_true", help="one check a line")
    return parser
