"""The plan of a verification: begun before or new, and under which circumstances."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import fields, replace

from cockpit import events as ev
from cockpit.cli.verify.subject import Subject
from cockpit.config import Settings
from cockpit.engine.fold import Fold
from cockpit.engine.verification import Verification
from cockpit.errors import CockpitError, UsageError
from cockpit.metric import VAL_BPB

PAIRS = 5
"""What the error rates in docs/TRUST.md are stated for."""


def plan_of(
    subject: Subject, settings: Settings, fold: Fold, arguments: argparse.Namespace
) -> tuple[Verification, ev.VerifyStarted]:
    """Return what is known of this verification, and its plan: the one that was begun, or new."""
    if arguments.pairs is not None and arguments.pairs < 2:
        raise UsageError(f"--pairs {arguments.pairs} tells nothing", "give it 2 or more")
    own = subject.fingerprint
    if own is not None and arguments.budget not in (None, own.budget):
        raise UsageError(
            f"the keeps were measured at {own.budget:g} s, and --budget is {arguments.budget:g}",
            "leave --budget away",
        )
    wanted = ev.VerifyStarted(
        verify="",
        subject=subject.words,
        fingerprint=own or _not_yet_known(settings),
        direction=VAL_BPB.direction.value,
        pairs=arguments.pairs or PAIRS,
        files=subject.files,
        keeps=subject.keeps,
    )
    before = fold.verifications.alike(wanted)
    if before is not None and not arguments.again:
        pairs = max(before.plan.pairs, arguments.pairs or 0)
        plan = replace(before.plan, pairs=pairs)
        return Verification(
            plan=plan,
            results=dict(before.results),
            said=dict(before.said) if pairs == before.plan.pairs else {},
            at=before.at,
        ), plan
    text = f"{len(fold.verifications.known)}/{wanted!r}"
    plan = replace(wanted, verify=hashlib.sha256(text.encode()).hexdigest()[:12])
    return Verification(plan=plan), plan


def _not_yet_known(settings: Settings) -> ev.Fingerprint:
    """Return the fingerprint of a branch's commits before the machine was looked at."""
    return ev.Fingerprint(
        metric=VAL_BPB.name, budget=settings.session.budget, data="", prepare="", device="",
        driver="", torch="", threads=0, trust="examined",
    )  # fmt: skip


def as_measured(settings: Settings, fingerprint: ev.Fingerprint | None) -> Settings:
    """Return the settings under which the session measured, whatever its flags were."""
    if fingerprint is None:
        return settings
    return replace(
        settings,
        session=replace(settings.session, budget=fingerprint.budget),
        sandbox=replace(settings.sandbox, threads=fingerprint.threads),
    )


def comparable(plan: ev.VerifyStarted, found: ev.Fingerprint, subject: Subject) -> ev.Fingerprint:
    """Return the fingerprint of the machine as it is, if it is that of the runs so far.

    Raises:
        CockpitError: it is not.
    """
    begun = plan.fingerprint
    if found == begun or (subject.fingerprint is None and not begun.torch):
        return found
    differ = [f.name for f in fields(found) if getattr(found, f.name) != getattr(begun, f.name)]
    changed = ", ".join(f"{n} was {getattr(begun, n)}, is {getattr(found, n)}" for n in differ)
    raise CockpitError(
        f"values do not compare with those of before: {changed}",
        "bring it back, or measure the session's branch as it is here: "
        "cockpit verify autoresearch/TAG"
        if subject.fingerprint
        else "bring it back, or begin anew with --again",
    )
