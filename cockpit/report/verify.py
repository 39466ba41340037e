"""A verification as text: its cost, its progress, and a page of Markdown ready to be pasted."""

from __future__ import annotations

from dataclasses import asdict

from cockpit import events as ev
from cockpit.engine.verification import Verification
from cockpit.metric import Metric
from cockpit.report.summary import Facts, iso
from cockpit.trial import Completed, Rejected

WORDS = ("real", "unproven", "luck")
MEANING = (
    "*real*: the interval lies above 0. *luck*: it does not, and it rules out a gain of 1.5 sigma. "
    "*unproven*: the runs allow both. A `simpler` keep only has to cost less than 0.5 sigma."
)


def estimate_text(known: Verification, seconds: float) -> str:
    """Say what is left to be run, and how long that takes at so many seconds a run."""
    plan, left = known.plan, len(known.waiting())
    files = len(plan.files)
    done = f", {len(known.results)} of them done" if known.results else ""
    return (
        f"{plan.subject}: {files} files x {plan.pairs} pairs = {files * plan.pairs} runs{done}; "
        f"{left} runs of about {seconds:.0f} s take {duration(left * seconds)}"
    )


def ran_text(known: Verification, event: ev.VerifyRan) -> str:
    """Say how one run went, and how many are left."""
    label = next(f.label for f in known.plan.files if f.digest == event.digest)
    result = event.result
    if isinstance(result, Completed):
        words = known.metric.format(result.value(known.metric.name))
    else:
        words = result.reason
    total = len(known.results) + len(known.waiting())
    return f"{len(known.results)}/{total}  pair {event.pair}  {label}: {words}"


def verify_facts(known: Verification) -> Facts:
    """Return a finished verification as JSON-ready facts; gains are positive when better."""
    plan = known.plan
    return {
        "verify": plan.verify,
        "subject": plan.subject,
        "metric": plan.fingerprint.metric,
        "pairs": plan.pairs,
        "runs": len(known.results),
        "seconds": round(_spent(known)),
        "fingerprint": asdict(plan.fingerprint),
        "measured": iso(known.at),
        "counts": _counts(known),
        "keeps": [
            {
                **asdict(said.keep),
                "word": said.word,
                "claimed": said.keep.gain,
                "gain": said.gain,
                "low": said.low,
                "high": said.high,
                "sigma": said.sigma,
                "freedom": said.freedom,
                "pairs": said.pairs,
                "shared": said.shared,
                "note": said.note,
            }
            for said in known.said.values()
        ],
    }


def verify_markdown(known: Verification) -> str:
    """Return a finished verification as a page of Markdown."""
    plan, metric = known.plan, known.metric
    counts = _counts(known)
    total = len(known.said)
    others = ", ".join(f"{counts[word]} {word}" for word in WORDS[1:])
    page = [
        f"## Verified: {plan.subject}",
        "",
        f"**{counts['real']} of {total} real**, {others}.",
        "",
        f"| keep | what | kept for | gain in {metric.name} | 95 % interval | sigma | word |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    page += [_line(said, metric) for said in known.said.values()]
    notes = [f"- {said.keep.label}: {said.note}" for said in known.said.values() if said.note]
    page += ["", *notes, ""] if notes else [""]
    page += [_method(known), "", MEANING]
    return "\n".join(page) + "\n"


def duration(seconds: float) -> str:
    """Return seconds in the words of people: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _line(said: ev.KeepVerified, metric: Metric) -> str:
    keep = said.keep
    what = keep.summary.replace("|", "\\|")
    kept_for = "simpler" if keep.simpler else metric.format_delta(keep.gain)
    between, sigmas = "", ""
    if said.low is not None and said.high is not None:
        between = f"{metric.format_delta(said.low)} to {metric.format_delta(said.high)}"
    if said.gain is not None and said.sigma:
        sigmas = f"{said.gain / said.sigma:+.1f}"
    cells = [keep.label, what, kept_for, metric.format_delta(said.gain), between, sigmas, said.word]
    return "| " + " | ".join(cells) + " |"


def _method(known: Verification) -> str:
    plan, where = known.plan, known.plan.fingerprint
    shared = sum(
        isinstance(result, Completed) and bool(result.usage.contended)
        for result in known.results.values()
    )
    ran = f"{len(known.results)} runs of {where.budget:g} s in {duration(_spent(known))}"
    threads = f"{where.threads} thread{'s' * (where.threads != 1)}"
    company = f", {shared} of them on a shared machine" if shared else ""
    freedom = sorted({said.freedom for said in known.said.values() if said.freedom is not None})
    return (
        f"Each file was run {plan.pairs} times, once a pair: all files of a pair one after the "
        f"other, with one seed, the next pair in the other direction ({ran}{company}; "
        f"{where.device}, torch {where.torch}, {threads}, {where.trust}; "
        f"{iso(known.at)}). Gains are positive when better. The interval is Student's t on the "
        "residual of files by pairs, or on the pair's own differences where those scatter twice "
        f"as much (degrees of freedom: {', '.join(map(str, freedom)) or 'none'})."
    )


def _counts(known: Verification) -> dict[str, int]:
    words = [said.word for said in known.said.values()]
    return {word: words.count(word) for word in WORDS}  # type: ignore[arg-type]  # its own words


def _spent(known: Verification) -> float:
    ran = (result for result in known.results.values() if not isinstance(result, Rejected))
    return sum(r.usage.launch + r.usage.train + r.usage.examine for r in ran)
