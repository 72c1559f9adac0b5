"""Write the scripts of the calls of ``cxaudio selftest``: faults planted at known places, near misses between them.

Each call has two voices of its own, a base pace, a level of noise, and a row of parts with neutral talk between. Calls
of even number hold the faults `rushing`, `talking_over` and `left_waiting`, calls of odd number `dawdling`,
`monologue` and `dead_air`, a customer who cuts in, and a hold. A near miss comes close to a rule and breaks none:
whatever is flagged in it is false. The rates, gaps and overlaps keep clear of the limits of DEFINITIONS §5 by a margin,
so a part is a fault, or none, whatever the program finds.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from cxaudio.made.script import (
    Aside,
    Element,
    Hold,
    Line,
    Phase,
    Script,
    Surroundings,
    backchannel,
    chance_line,
    chance_talk,
)
from cxaudio.model.events import HoldKind, OverlapKind, Side
from dsp.synthesis.voice import random_voice

__all__ = ["NEAR", "planted_script"]

NEAR = "near_"
"""Begins the name of a part that comes close to the rule named behind it."""

_AGENT, _CUSTOMER = Side.AGENT, Side.CUSTOMER

# Bases lie about the English norm, 5.1 syllables/s. The agent's lies within 5 % of the customer's.
_CUSTOMER_RATES = (4.4, 3.9, 4.8, 4.2)
# Steady noise under the agent's and the customer's voice, dB: a quiet room to a loud one.
_NOISES_DB = ((40.0, 38.0), (24.0, 32.0), (18.0, 26.0), (12.0, 22.0), (30.0, 16.0))
_HOLDS = (HoldKind.MUSIC, HoldKind.RINGING, HoldKind.TONE)


class _Talk(NamedTuple):
    """What the parts of one call are drawn from."""

    rng: np.random.Generator
    rates: tuple[float, float]  # syllables/s of agent and customer where nothing is wrong
    number: int  # of the call

    def line(self, side: Side, n_syllables: int, *, gap_s: float) -> Line:
        return chance_line(side, self.rng, n_syllables=n_syllables, rate=self.rates[side], gap_s=gap_s)

    def drawn(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))


def _neutral(talk: _Talk, seconds: float) -> tuple[Element, ...]:
    return chance_talk(talk.rng, seconds=seconds, rates=talk.rates, backchannels=0.4, early=0.1)


def _rushing(talk: _Talk) -> tuple[Element, ...]:
    """Return an agent 1.55 times and more as fast as a customer who speaks more slowly than before."""
    customer = 0.88 * talk.rates[_CUSTOMER]
    agent = max(1.3 * talk.rates[_AGENT], 1.55 * customer)
    gaps_s = ((0.1, 0.4), (0.6, 1.2))
    return chance_talk(
        talk.rng, seconds=50, rates=(agent, customer), gaps_s=gaps_s, syllables=(14, 34), backchannels=0, first=_AGENT
    )


def _near_rushing(talk: _Talk) -> tuple[Element, ...]:
    """Return an agent 1.1 times as fast as the customer."""
    customer = talk.rates[_CUSTOMER]
    return chance_talk(
        talk.rng, seconds=40, rates=(1.1 * customer, customer), gaps_s=((0.1, 0.4), (0.5, 1.2)), backchannels=0.3
    )


def _dawdling(talk: _Talk) -> tuple[Element, ...]:
    """Return a customer in a hurry, who answers without a gap, and an agent at 0.6 of that pace who answers late."""
    customer = max(1.4 * talk.rates[_CUSTOMER], 6.0)
    agent = min(0.85 * talk.rates[_AGENT], 0.6 * customer)
    gaps_s = ((1.8, 2.4), (-0.12, 0.03))
    return chance_talk(
        talk.rng,
        seconds=58,
        rates=(agent, customer),
        gaps_s=gaps_s,
        syllables=(14, 24),
        backchannels=0,
        first=_CUSTOMER,
    )


def _near_dawdling(talk: _Talk) -> tuple[Element, ...]:
    """Return a customer in a hurry with whom the agent keeps up."""
    customer = max(1.4 * talk.rates[_CUSTOMER], 6.0)
    gaps_s = ((0.1, 0.5), (-0.12, 0.03))
    return chance_talk(
        talk.rng, seconds=40, rates=(0.95 * customer, customer), gaps_s=gaps_s, syllables=(14, 28), backchannels=0
    )


def _talking_over(talk: _Talk) -> tuple[Element, ...]:
    """Return an agent who begins 1.5 s and more before the customer's end, and keeps the floor."""
    over = Line(
        side=_AGENT, rate=talk.rates[_AGENT], spurts=(20, 8), pauses_s=(0.3,), gap_s=-talk.drawn(1.5, 2.6), level_db=2.0
    )
    return (*_holding_forth(talk), over)


def _near_talking_over(talk: _Talk) -> tuple[Element, ...]:
    """Return an agent who answers somewhat before the customer's end, and who shows that they listen."""
    first, second = (
        Line(side=_AGENT, rate=talk.rates[_AGENT], spurts=(20,), gap_s=-talk.drawn(0.2, 0.35)) for _ in "ab"
    )
    listening = backchannel(_AGENT, talk.rng, after_s=2.0)
    return (*_holding_forth(talk), first, *_holding_forth(talk), listening, second)


def _holding_forth(talk: _Talk) -> tuple[Line, ...]:
    """Return a customer's turn that ends in a spurt of four seconds."""
    rate = talk.rates[_CUSTOMER]
    return (Line(side=_CUSTOMER, rate=rate, spurts=(10, round(4 * rate)), pauses_s=(0.35,), gap_s=0.4),)


def _left_waiting(talk: _Talk) -> tuple[Element, ...]:
    return (talk.line(_AGENT, 22, gap_s=talk.drawn(6.5, 9.0)),)


def _near_left_waiting(talk: _Talk) -> tuple[Element, ...]:
    return (talk.line(_AGENT, 22, gap_s=talk.drawn(2.0, 3.5)),)


def _dead_air(talk: _Talk) -> tuple[Element, ...]:
    return (talk.line(_CUSTOMER, 18, gap_s=talk.drawn(12.0, 15.0)),)


def _near_dead_air(talk: _Talk) -> tuple[Element, ...]:
    return (talk.line(_CUSTOMER, 18, gap_s=talk.drawn(4.0, 7.0)),)


def _alone(talk: _Talk, seconds: float) -> tuple[Element, ...]:
    """Return an agent who speaks for so long, with backchannels of the customer."""
    rate = talk.rates[_AGENT]
    n_syllables = round(seconds * rate * 0.85)  # the rest is pauses
    line = chance_line(
        _AGENT, talk.rng, n_syllables=n_syllables, rate=rate, gap_s=0.4, pauses_s=(0.3, 0.7), spurt=(9, 20)
    )
    return (line, *(backchannel(_CUSTOMER, talk.rng, after_s=after_s) for after_s in (9.0, 24.0)))


def _monologue(talk: _Talk) -> tuple[Element, ...]:
    return _alone(talk, 74)


def _near_monologue(talk: _Talk) -> tuple[Element, ...]:
    return _alone(talk, 38)


def _interrupted(talk: _Talk) -> tuple[Element, ...]:
    """Return a customer who takes the floor from the agent, and who comes in once without getting it."""
    rate = talk.rates[_CUSTOMER]
    return (
        Line(side=_AGENT, rate=talk.rates[_AGENT], spurts=(14, 16), pauses_s=(0.3,), gap_s=0.4),
        Line(side=_CUSTOMER, rate=rate, spurts=(16, 8), pauses_s=(0.3,), gap_s=-talk.drawn(0.9, 1.4), level_db=1.0),
        Line(side=_AGENT, rate=talk.rates[_AGENT], spurts=(34, 9), pauses_s=(0.4,), gap_s=0.4),
        Aside(side=_CUSTOMER, kind=OverlapKind.BUTT_IN, n_syllables=7, rate=rate, after_s=2.0),
        talk.line(_CUSTOMER, 14, gap_s=0.4),
    )


def _on_hold(talk: _Talk) -> tuple[Element, ...]:
    """Return a hold that the agent announces and ends; ringing ends with its fourth ring, not in the silence behind."""
    kind = _HOLDS[talk.number // 2 % len(_HOLDS)]
    return (
        talk.line(_AGENT, 16, gap_s=0.4),
        Hold(seconds=20.0 if kind is HoldKind.RINGING else talk.drawn(16, 24), kind=kind, gap_s=0.7),
        talk.line(_AGENT, 24, gap_s=0.8),
    )


# Each part: who must have spoken last before it, and what it is.
_PARTS: Mapping[str, tuple[Side, Callable[[_Talk], tuple[Element, ...]]]] = {
    "rushing": (_CUSTOMER, _rushing),
    "near_rushing": (_CUSTOMER, _near_rushing),
    "talking_over": (_AGENT, _talking_over),
    "near_talking_over": (_AGENT, _near_talking_over),
    "left_waiting": (_CUSTOMER, _left_waiting),
    "near_left_waiting": (_CUSTOMER, _near_left_waiting),
    "dawdling": (_AGENT, _dawdling),
    "near_dawdling": (_AGENT, _near_dawdling),
    "monologue": (_CUSTOMER, _monologue),
    "near_monologue": (_CUSTOMER, _near_monologue),
    "dead_air": (_AGENT, _dead_air),
    "near_dead_air": (_AGENT, _near_dead_air),
    "interrupted": (_CUSTOMER, _interrupted),
    "on_hold": (_CUSTOMER, _on_hold),
}
_EVEN = "rushing talking_over left_waiting talking_over left_waiting near_rushing near_talking_over near_left_waiting"
_ODD = "dawdling monologue dead_air dead_air interrupted on_hold near_dawdling near_monologue near_dead_air"
_ROWS = (_EVEN.split(), _ODD.split())
_NO_RULE = ("interrupted", "on_hold")  # parts that are neutral as far as the agent's pace goes


def planted_script(number: int, *, seed: int) -> Script:
    """Write the script of one call of the self-test.

    Parameters
    ----------
    number : int
        Of the call, from 0: which faults it holds, and how loud it is around the voices.
    seed : int
        The same seed and number give the same script.

    Returns
    -------
    Script
        Six to nine minutes; the first part is neutral.

    Examples
    --------
    >>> rules = [phase.rule for phase in planted_script(0, seed=1).phases]
    >>> rules[0], rules.count("left_waiting"), rules.count("dawdling")
    ('neutral', 2, 0)
    """
    rng = np.random.default_rng([seed, number])
    customer = _CUSTOMER_RATES[number // 2 % len(_CUSTOMER_RATES)] * float(rng.uniform(0.97, 1.03))
    talk = _Talk(rng, (customer * float(rng.uniform(0.98, 1.05)), customer), number)
    phases = [Phase(rule="neutral", elements=_neutral(talk, 52))]
    for name in rng.permutation(_ROWS[number % len(_ROWS)]):
        before, part = _PARTS[str(name)]
        # What was said last settles who owes a reply, and keeps one part's flags out of the next.
        between = (*_neutral(talk, 8), talk.line(before.other, 12, gap_s=0.4), talk.line(before, 16, gap_s=0.4))
        phases.append(Phase(rule="neutral", elements=between))
        phases.append(Phase(rule="neutral" if name in _NO_RULE else str(name), elements=part(talk)))
    closing = (
        talk.line(_CUSTOMER, 18, gap_s=0.4),
        talk.line(_AGENT, 16, gap_s=0.3),
        talk.line(_CUSTOMER, 7, gap_s=0.2),
    )
    phases.append(Phase(rule="neutral", elements=closing))
    return Script(
        call_id=f"planted-{number:02d}",
        phases=tuple(phases),
        voices=(random_voice(rng), random_voice(rng, band="telephone")),
        surroundings=_surroundings(rng, number),
        leak_db=float(rng.uniform(-50, -38)),
    )


def _surroundings(rng: np.random.Generator, number: int) -> tuple[Surroundings, Surroundings]:
    agent_db, customer_db = _NOISES_DB[number % len(_NOISES_DB)]
    agent = Surroundings(
        level_dbov=float(rng.uniform(-30, -22)),
        noise_db=agent_db,
        colour=("white", "pink", "brown")[int(rng.integers(3))],
        babble_db=max(agent_db, 18.0) + 8.0 if number % 3 == 0 else None,
        typing_db=float(rng.uniform(2, 12)) if number % 4 == 1 else None,
        breaths=float(rng.uniform(0, 0.5)),
        bustle_per_min=float(rng.uniform(1, 3)),
        bustle_db=float(rng.uniform(4, 12)),
    )
    customer = Surroundings(
        level_dbov=float(rng.uniform(-30, -21)),
        noise_db=customer_db,
        colour="white",
        hum_db=float(rng.uniform(34, 46)) if number % 2 else None,
        crackle_per_s=float(rng.uniform(0, 0.5)),
        mu_law=True,
    )
    return agent, customer
