"""Facts as plain text: 80 columns, no colour, for eyes, pipes and screen readers."""

from __future__ import annotations

from collections.abc import Iterable

from cockpit.engine.board import Board
from cockpit.engine.rows import Row
from cockpit.report.keeps import Keep
from cockpit.report.morning import duration
from cockpit.report.summary import Facts, show_facts

GLYPHS = {"keep": "▲", "simpler": "◆", "discard": "▽", "crash": "✗"}
LEAST = 0.05
"""Seconds of a trial from which they are told."""
HEAD = f"{'#':>4}  {'val':>9}  {'delta':>9}  {'sigma':>6}  {'verdict':<10} {'lane':<7} what"


def status_text(facts: Facts) -> str:
    """Return the status as one screen."""
    if not facts["session"]:
        return "no session yet; start one: cockpit\n"
    counts, best = facts["counts"], facts["best"]
    state = f"running (process {facts['pid']})" if facts["running"] else "not running"
    if facts["ended"]:
        state += f", ended: {facts['ended']}"
    lines = [
        ("session", f"{facts['session']} on {facts['branch']}, {state}"),
        ("phase", facts["phase"] + (", paused" if facts["paused"] else "")),
        ("next", facts["next"]),
        ("best", _best(facts)),
        (
            "counts",
            f"{counts['keep']} keep, {counts['simpler']} simpler, {counts['discard']} discard, "
            f"{counts['crash']} crash, {facts['abandoned']} abandoned",
        ),
        ("funnel", " > ".join(f"{n} {k.replace('_', ' ')}" for k, n in facts["funnel"].items())),
        ("agent", facts["agent"]),
        *(("lane", _lane(lane)) for lane in facts["lanes"]),
        ("device", f"{facts['device']}, budget {facts['budget']:g} s"),
        ("walls", _walls(facts)),
        ("data", facts["data"]),
    ]
    if exam := facts["examination"]:
        cost = f"{exam['seconds']:.1f} s a run, {exam['share']:.1%} of the budget"
        lines.append(("exams", f"{cost} ({exam['runs']} runs)"))
    if hours := facts["hours"]:
        lines.append(("hours", f"{duration(hours['work'])} at work: {hours['words']}"))
    if facts["constraints"]:
        lines.append(("bounds", "; ".join(facts["constraints"])))
    if facts["remeasured"]:
        lines.append(("checked", _remeasured(facts["remeasured"])))
    if facts["pinned"]:
        lines.append(("pinned", facts["pinned"]))
    lines += [("note", notice["text"]) for notice in facts["notices"]]
    if best and best["commit"]:
        lines.append(("commit", best["commit"]))
    return "".join(f"{name:<9}{text}\n" for name, text in lines)


def _lane(lane: Facts) -> str:
    """Return a lane's score: what it tried, kept and gained, and in how much time."""
    kept = f"{lane['keeps']} of {lane['trials']} kept"
    return f"{lane['lane']}: {kept}, {lane['gain']:+.4f} in {duration(lane['hours'] * 3600)}"


def ledger_text(rows: Iterable[Row], board: Board) -> str:
    """Return the table of trials, oldest first."""
    metric = board.metric
    lines = [HEAD]
    for row in rows:
        word = row.word or row.state
        sigmas = "" if row.sigmas is None else f"{row.sigmas:+.1f}"
        mark = GLYPHS.get(row.word or "", "●" if row.state == "open" else "·")
        best = " *" if row.number == board.incumbent else ""
        best += " (provisional)" if row.provisional else ""
        best += " (refused)" if row.refused is not None else ""
        what = row.summary or row.hypothesis or row.reason
        lines.append(
            f"{row.number:>4}  {metric.format(row.value):>9}  {metric.format_delta(row.delta):>9}"
            f"  {sigmas:>6}  {mark} {word:<8} {row.lane or '':<7} {what}{best}"
        )
    return "\n".join(lines) + "\n"


def show_text(row: Row, board: Board, keep: Keep | None = None) -> str:
    """Return one trial: what, why, verdict, how real a keep is, runs, diff, log."""
    facts = show_facts(row, board)
    out = [f"#{row.number}  {row.summary}", f"  {row.hypothesis}" if row.hypothesis else ""]
    out.append(f"  {row.word or row.state}: {row.reason}" if row.reason else f"  {row.state}")
    out += [f"  {keep.standing}: {keep.why}"] if keep else []
    who = " ".join(x for x in (row.lane or "", row.model, row.tier) if x)
    if who:
        ahead = f", made ahead at #{row.made_at}" if row.made_at is not None else ""
        out.append(f"  by {who}, {row.attempts} attempt{'s' * (row.attempts != 1)}{ahead}")
    if facts["learned"]:
        out.append(f"  learned: {facts['learned']}")
    if row.commit:
        out.append(f"  commit {row.commit}")
    out += [f"  turned back at {r.stage}: {r.reason}" for r in row.rejections]
    spent = [f"{name} {s:.1f}" for name, s in facts["spent"].items() if s >= LEAST]
    if spent:
        out.append(f"  seconds: {', '.join(spent)}")
    out.append("")
    out += [_run_line(run, board) for run in facts["executions"]]
    if row.audit is not None:
        out.append(f"  audit split: {board.metric.format(row.audit)}")
    if row.diff:
        out += ["", row.diff.rstrip()]
    if facts["log_tail"]:
        out += ["", "last lines of the run:", facts["log_tail"].rstrip()]
    if row.sample:
        out += ["", "what it writes:", row.sample.rstrip()]
    return "\n".join(line for line in out if line is not None) + "\n"


def _run_line(run: Facts, board: Board) -> str:
    value = board.metric.format(run["value"]) or run["reason"] or run["result"] or "running"
    usage = run["usage"]
    cost = f"  {usage['train']:.1f} s" if usage else ""
    if usage and usage["examine"]:
        cost += f" + {usage['examine']:.1f} s exam"
    of = f" of #{run['of']}" if run["role"] == "repeat" else ""
    return f"  run {run['run']}  {run['role']}{of}  seed {run['seed']}{cost}  {value}"


def _best(facts: Facts) -> str:
    best, base = facts["best"], facts["baseline"]
    if best is None or best["value"] is None:
        return "not measured yet"
    text = f"{best['value']:.4f} (#{best['trial']} {best['summary']})"
    if base is not None and best["trial"] != 0:
        text += f", baseline {base:.4f}"
        text += f", {(best['value'] - base) / base * 100:+.1f} %" if base else ""
    if facts["sigma"]:
        text += f", sigma {facts['sigma']:.4f}"
    return text


def _walls(facts: Facts) -> str:
    found = facts["isolation"]
    if found is None:
        return "not measured"
    blocked = f"{found['blocked']} of {found['attempts']} escape attempts blocked"
    if found["blocked"] < found["attempts"]:
        blocked += f" ({found['residuals'][0]}; see cockpit doctor)"
    return f"{found['level']}, {blocked}; values are {facts['trust']}"


def _remeasured(found: Facts) -> str:
    pairs = len(found["best_values"])
    width = "" if found["half_width"] is None else f" ± {found['half_width']:.4f} (95 %)"
    return (
        f"#{found['best']} is better than the baseline by {found['gain']:.4f}{width}, {pairs} pairs"
    )
