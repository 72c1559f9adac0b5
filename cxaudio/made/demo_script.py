"""Write the script of the call of `cxaudio demo`: about eight minutes in which each thing that cxaudio reports happens.

A customer on a telephone, an agent on a headset in a shared room. Both speak syllables without sense: only the timing
counts. Each pacing rule of DEFINITIONS §5 is broken in a part of its own, with parts without a fault between them.
"""

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
from dsp.synthesis.voice import Voice

__all__ = ["DEMO_SEED", "demo_script"]

DEMO_SEED = 2024
"""Seed of the script and of the call that the documentation shows."""

_AGENT, _CUSTOMER = Side.AGENT, Side.CUSTOMER
_CALM = (4.7, 4.5)  # syllables/s of agent and customer in the parts without a fault


def demo_script(*, seed: int = DEMO_SEED) -> Script:
    """Return the script of the demonstration's call.

    Parameters
    ----------
    seed : int
        The same seed gives the same script.

    Returns
    -------
    Script
        For `cxaudio.made.synthetic.make_call`.

    Examples
    --------
    >>> rules = {phase.rule for phase in demo_script().phases}
    >>> sorted(rules)
    ['dawdling', 'dead_air', 'left_waiting', 'monologue', 'neutral', 'rushing', 'talking_over']
    """
    rng = np.random.default_rng(seed)
    return Script(
        call_id="demo",
        phases=(
            Phase(rule="neutral", elements=_opening(rng)),
            Phase(rule="rushing", elements=_rushing(rng)),
            Phase(rule="neutral", elements=_settling(rng)),
            Phase(rule="talking_over", elements=_talking_over(rng)),
            Phase(rule="neutral", elements=_question(rng)),
            Phase(rule="left_waiting", elements=(_line(_AGENT, rng, 22, gap_s=7.5),)),
            Phase(rule="dawdling", elements=_dawdling(rng)),
            Phase(rule="neutral", elements=_on_hold(rng)),
            Phase(rule="dead_air", elements=(_line(_CUSTOMER, rng, 16, gap_s=13.0),)),
            Phase(rule="neutral", elements=chance_talk(rng, seconds=10, rates=_CALM, first=_AGENT)),
            Phase(rule="monologue", elements=_monologue(rng)),
            Phase(rule="neutral", elements=_farewell(rng)),
        ),
        voices=(
            Voice(f0_hz=198, tract=1.15, breathiness=0.3, creak=0.15),
            Voice(f0_hz=112, tract=1.0, breathiness=0.2, creak=0.3, band="telephone"),
        ),
        surroundings=(
            Surroundings(
                level_dbov=-26.0,
                noise_db=28.0,
                babble_db=30.0,
                typing_db=4.0,
                breaths=0.4,
                bustle_per_min=2.0,
                bustle_db=7.0,
                louder=((0.10, 0.16, 8.0), (0.80, 0.88, 10.0)),
            ),
            Surroundings(level_dbov=-24.0, noise_db=36.0, colour="white", hum_db=40.0, crackle_per_s=0.3, mu_law=True),
        ),
        leak_db=-42.0,
    )


def _line(side: Side, rng: np.random.Generator, n_syllables: int, *, gap_s: float = 0.35) -> Line:
    return chance_line(side, rng, n_syllables=n_syllables, rate=_CALM[side], gap_s=gap_s)


def _opening(rng: np.random.Generator) -> tuple[Element, ...]:
    """Return the opening: backchannels, overlaps and pauses that are no fault."""
    return (
        _line(_AGENT, rng, 18, gap_s=0.0),
        _line(_CUSTOMER, rng, 40),
        backchannel(_AGENT, rng, after_s=3.5),
        _line(_AGENT, rng, 26, gap_s=-0.25),  # an early reply
        _line(_CUSTOMER, rng, 20, gap_s=0.5),
        # Both begin after a silence; the agent gives way.
        _line(_CUSTOMER, rng, 24, gap_s=1.4),
        Aside(side=_AGENT, kind=OverlapKind.SIMULTANEOUS_START, n_syllables=4, rate=4.7, after_s=0.1),
        _line(_AGENT, rng, 40, gap_s=0.4),
        backchannel(_CUSTOMER, rng, after_s=3.6),
        _line(_CUSTOMER, rng, 30, gap_s=0.3),
        # The customer takes the agent's pause for the end.
        Line(side=_AGENT, rate=4.7, spurts=(14, 16, 10), pauses_s=(0.8, 0.4), gap_s=0.5),
        Aside(
            side=_CUSTOMER,
            kind=OverlapKind.PAUSE_CUT_IN,
            n_syllables=7,
            rate=4.8,
            after_s=0.35,
            in_pause=0,
            level_db=-1,
        ),
        # The customer cuts in and keeps the floor.
        Line(side=_CUSTOMER, rate=4.6, spurts=(18, 10), pauses_s=(0.4,), gap_s=-1.3),
        _line(_AGENT, rng, 24, gap_s=0.4),
        _line(_CUSTOMER, rng, 10, gap_s=0.3),
    )


def _rushing(rng: np.random.Generator) -> tuple[Element, ...]:
    """Return a part in which the agent speaks much faster than a customer without haste."""
    return chance_talk(
        rng,
        seconds=54,
        rates=(6.5, 3.7),
        gaps_s=((0.1, 0.4), (0.6, 1.3)),
        syllables=(16, 34),
        backchannels=0.0,
        first=_AGENT,
    )


def _settling(rng: np.random.Generator) -> tuple[Element, ...]:
    """Return a part at one pace; the customer once starts to speak over the agent and stops."""
    return (
        *chance_talk(rng, seconds=10, rates=_CALM, first=_CUSTOMER),
        Line(side=_CUSTOMER, rate=4.5, spurts=(11,), gap_s=0.4),
        Line(side=_AGENT, rate=4.7, spurts=(30, 9), pauses_s=(0.4,), gap_s=0.3),
        Aside(side=_CUSTOMER, kind=OverlapKind.BUTT_IN, n_syllables=7, rate=4.9, after_s=2.0),
        _line(_CUSTOMER, rng, 14, gap_s=0.4),
        _line(_AGENT, rng, 20, gap_s=0.3),
    )


def _talking_over(rng: np.random.Generator) -> tuple[Element, ...]:
    """Return a part in which the agent three times begins long before the customer has ended, and keeps the floor."""
    elements: list[Element] = []
    for overlap_s in (1.4, 2.4, 1.7):
        elements += [
            Line(side=_CUSTOMER, rate=4.4, spurts=(10, 18), pauses_s=(0.35,), gap_s=0.5),
            Line(side=_AGENT, rate=4.8, spurts=(22, 8), pauses_s=(0.3,), gap_s=-overlap_s, level_db=2.0),
        ]
    return (*elements, _line(_CUSTOMER, rng, 14, gap_s=0.5))


def _question(rng: np.random.Generator) -> tuple[Element, ...]:
    return (
        *chance_talk(rng, seconds=8, rates=_CALM, first=_AGENT),
        _line(_AGENT, rng, 14, gap_s=0.5),
        _line(_CUSTOMER, rng, 20, gap_s=0.4),
    )


def _dawdling(rng: np.random.Generator) -> tuple[Element, ...]:
    """Return a part in which the customer hurries and the agent answers late and slowly."""
    return chance_talk(
        rng,
        seconds=64,
        rates=(3.5, 6.3),
        gaps_s=((1.7, 2.4), (-0.15, 0.0)),
        syllables=(14, 24),
        backchannels=0.0,
        first=_CUSTOMER,
    )


def _on_hold(rng: np.random.Generator) -> tuple[Element, ...]:
    """Return a calm part, then a short hold with music that the agent announces and ends, and a question."""
    return (
        *chance_talk(rng, seconds=26, rates=_CALM, first=_AGENT),
        _line(_CUSTOMER, rng, 8, gap_s=0.4),
        _line(_AGENT, rng, 16, gap_s=0.4),
        Hold(seconds=20.0, kind=HoldKind.MUSIC, gap_s=0.7),
        _line(_AGENT, rng, 24, gap_s=0.8),
    )


def _monologue(rng: np.random.Generator) -> tuple[Element, ...]:
    """Return a part in which only the agent speaks, but for backchannels of the customer."""
    first = chance_line(_AGENT, rng, n_syllables=275, rate=_CALM[_AGENT], gap_s=0.4, pauses_s=(0.3, 0.7), spurt=(9, 20))
    answers = [backchannel(_CUSTOMER, rng, after_s=after_s) for after_s in (11.0, 27.0, 46.0)]
    return (first, *answers)


def _farewell(rng: np.random.Generator) -> tuple[Element, ...]:
    return (
        _line(_CUSTOMER, rng, 18, gap_s=0.4),
        _line(_AGENT, rng, 16, gap_s=0.3),
        _line(_CUSTOMER, rng, 7, gap_s=0.2),
        _line(_AGENT, rng, 9, gap_s=0.2),
    )
