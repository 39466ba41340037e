"""Where the file to beat itself breaks what candidates are held to."""

from __future__ import annotations

from cockpit.constraints import measured
from cockpit.engine.desk import Desk
from cockpit.trial import Completed


def tell_of_bounds(desk: Desk, trial: int) -> None:
    """Tell the human if the file of `trial`, as it was run, breaks a constraint of now.

    It stays the one to beat; but most of its changes will be refused for the same reason.
    """
    row = desk.board.rows[trial]
    ran = [run.result for run in row.runs if run.of == trial and run.role != "dry run"]
    done = [result for result in ran if isinstance(result, Completed)]
    constraints, words = desk.plan.constraints, ""
    for result in done:
        parameters = result.parameters
        if parameters is None:  # recorded before they were counted
            parameters = 0
        over = measured(constraints, memory=result.usage.memory, parameters=parameters)
        if over is not None:
            name = "the baseline" if trial == 0 else f"the best (#{trial})"
            words = f"{name} breaks a constraint, and most of its changes will: {over.reason}"
    desk.notice("needs human" if words else "info", "bounds", words)
