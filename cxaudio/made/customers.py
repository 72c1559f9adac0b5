"""Make customers to practise with, of made voices or cut out of a recording: their turns, and how they wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cxaudio.errors import UsageError
from cxaudio.made.script import Phase, Script, Surroundings, chance_line
from cxaudio.made.synthetic import make_call
from cxaudio.model.events import Side
from dsp.core.stage import Float32
from dsp.synthesis.voice import Voice

__all__ = ["CUSTOMERS", "Customer", "Manners", "cut_turns", "made_customer"]

RATE = 16_000
"""Rate of every customer's sound, Hz."""

_LEAD_S = 0.15  # kept before a turn's first sound, and as much behind its last
_JOIN_S = 1.2  # of pause and less belong to one turn. Chosen.
_SHORTEST_S = 0.4  # less is a sign of listening, which has no place without what it answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """Describe how a customer takes turns, in seconds."""

    answers_after_s: float  # of the agent's silence, once the agent has spoken
    patience_s: float  # without any answer, until the customer goes on by themselves
    cuts_in_after_s: float | None = None  # of the agent's talk, every other time; None: lets the agent finish
    yields_after_s: float | None = None  # of being talked over; None: speaks on


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Hold a customer's turns and manners."""

    name: str
    turns: tuple[Float32, ...]  # each of shape (n,), at `RATE`, full scale +-1.0
    manners: Manners
    edge_s: float = 0.0  # of each turn before its first sound, and as much behind its last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    """A built-in customer."""

    rate: float  # syllables/s
    syllables: tuple[int, int]  # fewest and most of a turn
    pauses_s: tuple[float, float]
    spurt: tuple[int, int]  # fewest and most syllables between two pauses
    voice: Voice
    manners: Manners
    n_turns: int = 9


# Rates lie about the tempo rules' limits (DEFINITIONS §4): 1.15 and 0.90 times the norm of most languages. Chosen.
_RECIPES: Mapping[str, _Recipe] = {
    "hurried": _Recipe(
        rate=6.6,
        syllables=(14, 34),
        pauses_s=(0.2, 0.3),
        spurt=(10, 20),
        voice=Voice(f0_hz=205, tract=1.16, band="telephone"),
        manners=Manners(answers_after_s=0.3, patience_s=3.0, cuts_in_after_s=9.0),
    ),
    "at-ease": _Recipe(
        rate=4.1,
        syllables=(24, 46),
        pauses_s=(0.6, 1.1),
        spurt=(5, 10),
        voice=Voice(f0_hz=118, tract=1.0, band="telephone"),
        manners=Manners(answers_after_s=0.8, patience_s=12.0, yields_after_s=1.0),
    ),
    "interrupting": _Recipe(
        rate=5.4,
        syllables=(16, 40),
        pauses_s=(0.25, 0.5),
        spurt=(8, 16),
        voice=Voice(f0_hz=132, tract=1.03, band="telephone"),
        manners=Manners(answers_after_s=0.4, patience_s=5.0, cuts_in_after_s=3.0),
    ),
    "hesitant": _Recipe(
        rate=4.4,
        syllables=(14, 30),
        pauses_s=(0.8, 1.4),
        spurt=(4, 8),
        voice=Voice(f0_hz=190, tract=1.12, breathiness=0.4, band="telephone"),
        manners=Manners(answers_after_s=1.4, patience_s=9.0, yields_after_s=0.5),
    ),
}

CUSTOMERS = tuple(_RECIPES)
"""Names of the built-in customers."""

_OF_A_RECORDING = Manners(answers_after_s=0.6, patience_s=8.0)


def made_customer(name: str, *, seed: int = 1) -> Customer:
    """Make a built-in customer; the made voice babbles, only the pace is meant.

    Parameters
    ----------
    name : str
        One of `CUSTOMERS`.
    seed : int
        Another seed says other things in the same manner.

    Raises
    ------
    UsageError
        If there is no such customer.

    Examples
    --------
    >>> made_customer("hurried").manners.patience_s
    3.0
    """
    recipe = _RECIPES.get(name)
    if recipe is None:
        raise UsageError(f"customer {name!r} is not known; choose from {', '.join(CUSTOMERS)}, or give a recording")
    rng = np.random.default_rng([seed, 77])
    lines = tuple(
        chance_line(
            Side.CUSTOMER,
            rng,
            n_syllables=int(rng.integers(*recipe.syllables, endpoint=True)),
            rate=recipe.rate,
            gap_s=2.0,
            pauses_s=recipe.pauses_s,
            spurt=recipe.spurt,
        )
        for _ in range(recipe.n_turns)
    )
    script = Script(
        phases=(Phase(rule="neutral", elements=lines),),
        voices=(Voice(f0_hz=120), recipe.voice),
        surroundings=(Surroundings(), Surroundings(level_dbov=-24.0, noise_db=38.0, colour="white")),
        call_id=f"customer-{name}",
    )
    call = make_call(script, seed=seed, sample_rate=RATE)
    spans = [(line.start, line.end) for line in call.truth.lines if line.side is Side.CUSTOMER]
    return Customer(name=name, turns=_cut(call.samples[Side.CUSTOMER], spans), manners=recipe.manners, edge_s=_LEAD_S)


def cut_turns(name: str, sound: Float32, speech: Iterable[tuple[int, int]]) -> Customer:
    """Cut a customer's turns out of a recording.

    Parameters
    ----------
    name : str
        For people.
    sound : ndarray of float32, shape (n,)
        The customer's side at `RATE`.
    speech : iterable of (int, int)
        Its spurts in samples, in order.

    Raises
    ------
    UsageError
        If there is no speech in it.

    Examples
    --------
    >>> customer = cut_turns("call", np.ones(160_000, np.float32), [(0, 16_000), (20_000, 40_000), (90_000, 120_000)])
    >>> [len(turn) for turn in customer.turns]
    [42400, 34800]
    """
    joined: list[tuple[int, int]] = []
    for start, end in speech:
        if joined and start - joined[-1][1] <= _JOIN_S * RATE:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    spans = [(start, end) for start, end in joined if end - start >= _SHORTEST_S * RATE]
    if not spans:
        raise UsageError(f"{name}: no speech of the customer was found; give a call in which the customer speaks")
    return Customer(name=name, turns=_cut(sound, spans), manners=_OF_A_RECORDING, edge_s=_LEAD_S)


def _cut(sound: Float32, spans: Iterable[tuple[int, int]]) -> tuple[Float32, ...]:
    """Cut turns with a short margin, faded in and out."""
    lead = round(_LEAD_S * RATE)
    turns = []
    for start, end in spans:
        turn = sound[max(0, start - lead) : end + lead].copy()
        ramp = np.linspace(0, 1, min(lead, len(turn) // 2), dtype=np.float32)
        turn[: len(ramp)] *= ramp
        turn[len(turn) - len(ramp) :] *= ramp[::-1]
        turns.append(turn)
    return tuple(turns)
