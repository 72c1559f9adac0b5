"""Describe a made call: who speaks how much, how fast and when, and what else sounds; makes no sound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from cxaudio.errors import SettingError
from cxaudio.model.events import HoldKind, OverlapKind, Side
from dsp.synthesis.voice import Voice, random_voice

__all__ = [
    "Aside",
    "Element",
    "Hold",
    "Line",
    "Phase",
    "Script",
    "Surroundings",
    "backchannel",
    "chance_line",
    "chance_script",
    "chance_talk",
]

_EARLY_REPLY_S = 0.5  # DEFINITIONS §3: from here on an overlap is no early reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One side takes the floor.

    Parameters
    ----------
    side : Side
        Who.
    rate : float
        Articulation rate, syllables/s, 1 to 10.
    spurts : tuple of int
        Syllables of each spurt.
    pauses_s : tuple of float
        Between the spurts, one fewer than those, each at least 0.2 s.
    gap_s : float
        From the end of what was said before; negative: it begins while the other side still speaks.
    level_db : float
        Over the side's ordinary level.

    Raises
    ------
    SettingError
        If pauses do not fit the spurts or are too short.
    """

    side: Side
    rate: float
    spurts: tuple[int, ...]
    pauses_s: tuple[float, ...] = ()
    gap_s: float = 0.4
    level_db: float = 0.0

    def __post_init__(self) -> None:
        if not self.spurts or min(self.spurts) < 1:
            raise SettingError("line.spurts", self.spurts, "must name one spurt or more, of one syllable or more")
        if len(self.pauses_s) != len(self.spurts) - 1:
            raise SettingError("line.pauses_s", self.pauses_s, f"must be {len(self.spurts) - 1}, one fewer than spurts")
        if self.pauses_s and min(self.pauses_s) < 0.2:
            raise SettingError("line.pauses_s", self.pauses_s, "holds a pause under 0.2 s, which is none")

    @property
    def overlap_kind(self) -> OverlapKind | None:
        """Kind of overlap, where the line begins before the other side's end."""
        if self.gap_s >= 0:
            return None
        return OverlapKind.EARLY_REPLY if self.gap_s > -_EARLY_REPLY_S else OverlapKind.INTERRUPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """One side speaks while the other holds the floor, and does not take it.

    Parameters
    ----------
    side : Side
        Who; not the one who said the line before.
    kind : OverlapKind
        What it shall be.
    n_syllables : int
        How many.
    rate : float
        Syllables/s.
    after_s : float
        Seconds after the beginning of the line before it, or, with `in_pause`, of that pause.
    in_pause : int, optional
        Number of the pause of that line in which it begins.
    word : str, optional
        A word of `dsp.synthesis.phones` for backchannels.
    level_db : float
        Over the side's ordinary level.
    """

    side: Side
    kind: OverlapKind
    n_syllables: int
    rate: float
    after_s: float
    in_pause: int | None = None
    word: str | None = None
    level_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The customer is put on hold: the agent's channel carries music or ringing instead of the microphone."""

    seconds: float
    kind: HoldKind = HoldKind.MUSIC
    gap_s: float = 0.5


Element = Line | Aside | Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of the call: neutral, or one in which a pacing rule is broken.

    It reaches from the end of what was said before it to the end of its last line, so that a silence that *is* the
    fault belongs to it.
    """

    rule: str  # "neutral" or a rule of DEFINITIONS §5
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a channel holds beside its voice. Levels are in dB under the voice where nothing else is stated."""

    level_dbov: float = -26.0  # of the voice while it speaks
    noise_db: float = 40.0  # steady noise
    colour: Literal["white", "pink", "brown"] = "pink"
    babble_db: float | None = None  # other people in the room
    hum_db: float | None = None
    typing_db: float | None = None  # peaks of key strokes under the voice's level; negative: above it
    crackle_per_s: float = 0.0
    bustle_per_min: float = 0.0  # things that happen: something passes, a knock on the table, rustling, another phone
    bustle_db: float = 6.0  # their level, within some dB; 0 is as loud as the voice
    breaths: float = 0.0  # share of lines that begin with an audible breath
    louder: tuple[tuple[float, float, float], ...] = ()  # (from share, to share of the call, dB): noise rises here
    mu_law: bool = False  # quantised as on a telephone network (G.711)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole call.

    Raises
    ------
    SettingError
        If an aside has no line before it, or speaks to itself.
    """

    phases: tuple[Phase, ...]
    voices: tuple[Voice, Voice]  # agent, customer
    surroundings: tuple[Surroundings, Surroundings] = field(default_factory=lambda: (Surroundings(), Surroundings()))
    leak_db: float | None = None  # of the customer into the agent's microphone, re the customer; negative
    lead_s: float = 1.0  # before the first line
    tail_s: float = 1.0  # after the last
    call_id: str = "made-call"
    language: str = "en"  # BCP 47; whose rates the script means, since babble has none

    def __post_init__(self) -> None:
        line: Line | None = None
        for element in self.elements():
            if isinstance(element, Line):
                if element.gap_s < 0 and (line is None or line.side == element.side):
                    raise SettingError("line.gap_s", element.gap_s, "is negative but nobody else speaks; use 0 or more")
                line = element
            elif isinstance(element, Aside) and (line is None or line.side == element.side):
                raise SettingError("aside.side", element.side.label, "must not be the side of the line before it")

    def elements(self) -> Iterator[Element]:
        """Yield all elements, phase after phase."""
        for phase in self.phases:
            yield from phase.elements


def chance_line(
    side: Side,
    rng: np.random.Generator,
    *,
    n_syllables: int,
    rate: float,
    gap_s: float,
    pauses_s: tuple[float, float] = (0.25, 0.6),
    spurt: tuple[int, int] = (6, 16),
    level_db: float = 0.0,
) -> Line:
    """Cut a line into spurts at random.

    Parameters
    ----------
    side, rate, gap_s, level_db
        As in `Line`.
    rng : numpy.random.Generator
        Where chance comes from.
    n_syllables : int
        Of the whole line, >= 1.
    pauses_s : tuple of float
        Shortest and longest pause.
    spurt : tuple of int
        Fewest and most syllables of a spurt; the last takes the rest.

    Returns
    -------
    Line
        With all its syllables.

    Examples
    --------
    >>> line = chance_line(Side.AGENT, np.random.default_rng(1), n_syllables=40, rate=5.0, gap_s=0.3)
    >>> sum(line.spurts), len(line.spurts) - len(line.pauses_s)
    (40, 1)
    """
    spurts: list[int] = []
    left = n_syllables
    while left > 0:
        count = min(left, int(rng.integers(spurt[0], spurt[1] + 1)))
        if left - count < spurt[0] // 2:
            count = left
        spurts.append(count)
        left -= count
    pauses = tuple(float(p) for p in rng.uniform(*pauses_s, len(spurts) - 1))
    return Line(side=side, rate=rate, spurts=tuple(spurts), pauses_s=pauses, gap_s=gap_s, level_db=level_db)


_WORDS: tuple[tuple[str, int], ...] = (("mm-hm", 2), ("yeah", 1), ("uh-huh", 2), ("okay", 2), ("right", 1))


def backchannel(side: Side, rng: np.random.Generator, *, after_s: float) -> Aside:
    """Draw a listener's word.

    Parameters
    ----------
    side : Side
        Who listens.
    rng : numpy.random.Generator
        Where chance comes from.
    after_s : float
        Seconds after the beginning of the line before it.

    Returns
    -------
    Aside
        Of one or two syllables, somewhat under the side's ordinary level.
    """
    word, n = _WORDS[int(rng.integers(len(_WORDS)))]
    return Aside(
        side=side,
        kind=OverlapKind.BACKCHANNEL,
        n_syllables=n,
        rate=float(rng.uniform(2.8, 4.0)),
        after_s=after_s,
        word=word,
        level_db=float(rng.uniform(-6, -1)),
    )


def _line_seconds(line: Line) -> float:
    return sum(line.spurts) / line.rate + sum(line.pauses_s)


def chance_talk(
    rng: np.random.Generator,
    *,
    seconds: float,
    rates: Sequence[float],
    gaps_s: tuple[tuple[float, float], tuple[float, float]] = ((0.15, 0.9), (0.15, 0.9)),
    syllables: tuple[int, int] = (8, 45),
    backchannels: float = 0.3,
    early: float = 0.0,
    interruptions: float = 0.0,
    first: Side | None = None,
) -> tuple[Element, ...]:
    """Draw two sides that take turns for about `seconds`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where chance comes from.
    seconds : float
        About how long.
    rates : sequence of float
        Syllables/s of agent and customer; each line has its own within 6 %.
    gaps_s : tuple of tuple of float
        Shortest and longest response time of agent and customer.
    syllables : tuple of int
        Fewest and most of a line.
    backchannels : float
        Share of lines over 4 s in which the other side says one.
    early, interruptions : float
        Shares of lines that begin up to 0.4 s, or 0.6 to 0.95 s, before the other's end.
    first : Side, optional
        Who begins; chance where it is not said.

    Returns
    -------
    tuple of Line and Aside
        For a `Phase`.
    """
    elements: list[Element] = []
    side = Side(int(rng.integers(2))) if first is None else first
    total, before = 0.0, None
    while total < seconds:
        gap = float(rng.uniform(*gaps_s[side]))
        if before is None:
            gap = max(gap, 0.3)
        chance = rng.random()
        n = int(rng.integers(syllables[0], syllables[1] + 1))
        if before is not None and before.spurts[-1] >= 5 and chance < early:
            gap = -float(rng.uniform(0.08, 0.4))
        elif before is not None and before.spurts[-1] / before.rate > 1.5 and chance < early + interruptions:
            gap, n = -float(rng.uniform(0.6, 0.95)), max(n, 20)
        rate = rates[side] * float(rng.uniform(0.94, 1.06))
        # Whoever cuts in does not stop for breath at once.
        spurt = (12, 18) if gap < -_EARLY_REPLY_S else (6, 16)
        level_db = float(np.clip(rng.normal(0, 2), -5, 4))
        line = chance_line(side, rng, n_syllables=n, rate=rate, gap_s=gap, spurt=spurt, level_db=level_db)
        elements.append(line)
        length = _line_seconds(line)
        # A backchannel keeps clear of this side's own last line and next one by a second and more.
        if length > 5.0 and rng.random() < backchannels:
            elements.append(backchannel(side.other, rng, after_s=float(rng.uniform(2.9, max(2.95, length - 4.2)))))
        total += gap + length
        before, side = line, side.other
    return tuple(elements)


def chance_script(rng: np.random.Generator, *, seconds: float = 120.0) -> Script:
    """Draw a call: two voices, their surroundings, and controlled turn-taking.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where chance comes from.
    seconds : float
        About how long, > 5.

    Returns
    -------
    Script
        Agent on a wideband headset in a room, customer on a telephone; no pacing fault.

    Raises
    ------
    SettingError
        If it is to be shorter than 5 s.

    Examples
    --------
    >>> script = chance_script(np.random.default_rng(1), seconds=30)
    >>> [voice.band for voice in script.voices]
    ['wideband', 'telephone']
    """
    if not seconds > 5:
        raise SettingError("seconds", seconds, "is too short for a call; use more than 5")
    base = float(rng.uniform(4.2, 5.2))
    rates = (base, base * float(rng.uniform(0.92, 1.08)))
    noise = float(rng.choice([40.0, 25.0, 18.0, 12.0]))
    talk = chance_talk(rng, seconds=seconds - 2.0, rates=rates, early=0.15, interruptions=0.06, backchannels=0.4)
    return Script(
        phases=(Phase(rule="neutral", elements=talk),),
        voices=(random_voice(rng), random_voice(rng, band="telephone")),
        surroundings=(
            Surroundings(
                level_dbov=float(rng.uniform(-32, -22)),
                noise_db=noise,
                colour=("white", "pink", "brown")[int(rng.integers(3))],
                babble_db=noise + 8.0 if rng.random() < 0.5 else None,
                typing_db=float(rng.uniform(-6, 12)) if rng.random() < 0.5 else None,
                breaths=float(rng.uniform(0, 0.6)),
                bustle_per_min=float(rng.uniform(6, 14)),
                bustle_db=float(rng.uniform(-4, 5)),
            ),
            Surroundings(
                level_dbov=float(rng.uniform(-32, -20)),
                noise_db=float(rng.uniform(25, 42)),
                colour="white",
                hum_db=float(rng.uniform(34, 46)) if rng.random() < 0.5 else None,
                crackle_per_s=float(rng.uniform(0, 1.0)),
                bustle_per_min=float(rng.uniform(5, 11)),
                bustle_db=float(rng.uniform(-3, 6)),
                mu_law=True,
            ),
        ),
        leak_db=float(rng.uniform(-50, -34)),
    )
