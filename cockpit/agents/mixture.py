"""Which lane has the next turn: half and half at first and on a plateau, else by measured credit.

Stateless: the turn follows from the history alone, so a restart goes on as if there was none. Turns
are spread by a low-discrepancy sequence, so that a share of 0.5 alternates instead of clustering.
"""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.agents.order import InOrder
from cockpit.ports import Agent, PastTrial, plateau
from cockpit.trial import Lane

_LEAST = 0.2
"""No lane gets less than this share of two: what does badly now may do well on a plateau."""
_PRIOR = 6
"""Trials at the common rate that each lane is credited with, so that luck does not decide early."""
_RECENT = 60
"""Only so many last trials count: early gains are easy for any lane."""


class Mixture(InOrder):
    """A roster that shares the turns out; the first agent has the first one.

    The human's files come first, whatever the shares.
    """

    def _pick(self, able: Sequence[Agent], history: tuple[PastTrial, ...]) -> Agent:
        lanes = tuple(agent.lane for agent in able)
        # What was gained before a plateau says little about who finds the way off it.
        even = dict.fromkeys(lanes, 1 / len(lanes))
        split = even if plateau(history) else shares(history, lanes)
        point = _van_der_corput(sum(1 for row in history if row.lane in lanes))
        for agent in able[:-1]:
            point -= split[agent.lane]
            if point < 0:
                return agent
        return able[-1]


def shares(history: tuple[PastTrial, ...], lanes: tuple[Lane, ...]) -> dict[Lane, float]:
    """Return each lane's share of turns, by gain per hour of its recent trials.

    A keep gains its delta, all else gains nothing; hours are wall clock, model time included. Each
    rate is drawn towards the common one, and no share is under 0.2 (of two lanes).
    """
    recent = [row for row in history if row.comparable and row.lane in lanes][-_RECENT:]
    hours = sum(row.seconds for row in recent) / 3600
    common = sum(map(_gain, recent)) / hours if hours > 0 else 0.0
    even = 1 / len(lanes)
    if common <= 0:
        return dict.fromkeys(lanes, even)
    prior = _PRIOR * hours / len(recent)
    rates = {}
    for lane in lanes:
        own = [row for row in recent if row.lane == lane]
        spent = sum(row.seconds for row in own) / 3600 + prior
        rates[lane] = (sum(map(_gain, own)) + prior * common) / spent
    least = _LEAST * 2 * even
    total = sum(rates.values())
    return {lane: least + (1 - least * len(lanes)) * rates[lane] / total for lane in lanes}


def _gain(row: PastTrial) -> float:
    """Return how much a kept trial gained; a keep is better, whichever way the metric goes."""
    return abs(row.delta) if row.word == "keep" and row.delta is not None else 0.0


def _van_der_corput(number: int) -> float:
    """Return the number's binary digits mirrored at the point: 0, 1/2, 1/4, 3/4, 1/8, ..."""
    point, weight = 0.0, 0.5
    while number:
        number, bit = divmod(number, 2)
        point += bit * weight
        weight /= 2
    return point
