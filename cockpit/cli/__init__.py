"""The command line, and the only place that knows concrete classes (`compose`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cockpit.errors import CockpitError, ConfigError, UsageError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 a stated failure, 2 wrong use."""
    from cockpit.cli.parser import parse

    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
        return int(arguments.command(arguments))
    except CockpitError as error:
        print(f"cockpit: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError | ConfigError) else 1
    except BrokenPipeError:
        # Whoever read us has gone; without this the interpreter complains once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        return 130
