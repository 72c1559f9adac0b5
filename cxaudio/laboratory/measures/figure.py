"""Figures and curves of a headset: what each is, its value with uncertainty and conditions, and its limits."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.estimate import CONFIDENCE, Count, Estimate
from cxaudio.laboratory.takes.protocol import Role
from dsp.core.spectrum import Float64

__all__ = [
    "CRITERIA",
    "Badge",
    "Bound",
    "Curve",
    "CurveSpec",
    "Figure",
    "FigureSpec",
    "Limit",
    "Presence",
    "Verdict",
    "chosen_limit",
    "indicative_limit",
]


Bound = Literal["exact", "at_most", "at_least"]
Better = Literal["higher", "lower", "near_zero"]
Sense = Literal["at_most", "at_least", "magnitude_at_most"]


class Badge(StrEnum):
    """How closely a figure or a limit follows a standard."""

    STANDARD = "standard"  # the quantity of a standard, taken as the standard takes it
    INDICATIVE = "indicative"  # a standard's number under a weaker condition
    PROJECT = "project"  # our own definition or limit


class Verdict(StrEnum):
    """Whether a figure keeps its limit."""

    KEPT = "kept"
    BROKEN = "broken"
    OPEN = "open"  # the limit is inside the uncertainty


class Presence(StrEnum):
    """Whether a fault or a kind of processing that was looked for is there."""

    FOUND = "found"
    NOT_FOUND = "none found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit that was published or that we chose."""

    value: float
    sense: Sense
    badge: Badge  # of the limit itself
    source: str

    def judge(self, low: float, high: float) -> Verdict:
        """Compare the interval that holds a figure with the limit.

        Parameters
        ----------
        low, high : float
            Ends of the interval; infinite where nothing bounds the figure.

        Returns
        -------
        Verdict
            Kept or broken if the whole interval lies on one side.

        Examples
        --------
        >>> limit = Limit(value=50, sense="magnitude_at_most", badge=Badge.INDICATIVE, source="3GPP TS 26.131")
        >>> limit.judge(-82, -78), limit.judge(-53, -49)
        (<Verdict.BROKEN: 'broken'>, <Verdict.OPEN: 'open'>)
        """
        if self.sense == "magnitude_at_most":
            low, high = max(0.0, low, -high), max(high, -low)
        if self.sense == "at_least":
            low, high = -high, -low
        limit = -self.value if self.sense == "at_least" else self.value
        if high <= limit:
            return Verdict.KEPT
        return Verdict.BROKEN if low > limit else Verdict.OPEN


def chosen_limit(value: float, sense: Sense, why: str = "chosen") -> Limit:
    """Make a limit that this project chose."""
    return Limit(value=value, sense=sense, badge=Badge.PROJECT, source=why)


def indicative_limit(value: float, sense: Sense, source: str) -> Limit:
    """Make a published limit that is applied under a weaker condition than its source asks for."""
    return Limit(value=value, sense=sense, badge=Badge.INDICATIVE, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSpec:
    """Definition of a figure, the same for every headset."""

    key: str
    name: str
    unit: str  # never a bare dB: dBov, or dB and to what it is relative
    criterion: str  # a key of `CRITERIA`
    role: Role  # of the take it is computed from
    badge: Badge
    about: str  # its definition, and what it does not say
    needs: tuple[Role, ...] = ()  # further takes without which there is none
    better: Better | None = None  # None: it describes and does not rank
    limits: tuple[Limit, ...] = ()
    decimals: int = 1
    cause: str | None = None  # words for a headset that is worse in it
    cause_with_text: bool = True  # the figure's text is repeated behind its cause
    of_chain: bool = False  # of loudspeaker and headset together: an upper bound for the headset
    worth: float = 0.0  # smallest difference that makes one headset better than another (chosen)
    fit: float = 0.0  # spread over wearings that one wearing is given, one standard deviation (chosen); 0: none
    fit_share: float = 0.0  # the same as a share of the value
    lead: bool = False  # counts when models are ranked; related figures would count one fault twice

    @property
    def depends_on_fit(self) -> bool:
        """Whether the figure changes with how the headset is worn: one wearing alone then ranks nothing."""
        return self.fit > 0 or self.fit_share > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one headset: value, uncertainty and conditions, or why there is none."""

    spec: FigureSpec
    value: float | None  # mean over wearings; the bound where only one is known
    presence: Presence | None = None  # of what was looked for; None: the figure looks for nothing
    detail: str | None = None  # a class, a place or a description beside or instead of the value
    estimate: Estimate | None = None  # of the value; None: nothing is known of its error
    count: Count | None = None  # the figure is a rate of these events
    values: tuple[float, ...] = ()  # of every wearing
    bound: Bound = "exact"
    known: str | None = None  # the part of its range that the figure is known in; None: all of it
    conditions: str = ""
    withheld: str | None = None  # one sentence; then neither value nor text is there
    left_out: bool = False  # it is withheld because no take of its role is there

    @property
    def text(self) -> str | None:
        """Presence, detail and the known part of its range in words, instead of a number or beside it."""
        if self.presence is Presence.NOT_FOUND:
            said: str | None = self.presence.value
        elif self.presence is Presence.FOUND:
            said = f"{self.presence.value}: {self.detail}"
        else:
            said = self.detail
        return "; ".join(filter(None, (said, self.known))) or None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Interval that holds the figure in 95 of 100 measurements; infinite where only a bound is known."""
        if self.value is None:
            return None
        if self.count is not None:
            return self.count.interval(CONFIDENCE)
        width = 0.0 if self.estimate is None else self.estimate.half_width(CONFIDENCE)
        return (
            -math.inf if self.bound == "at_most" else self.value - width,
            math.inf if self.bound == "at_least" else self.value + width,
        )

    @property
    def low(self) -> float | None:
        """Lower end of the interval; None without a value."""
        return None if self.interval is None else self.interval[0]

    @property
    def high(self) -> float | None:
        """Upper end of the interval; None without a value."""
        return None if self.interval is None else self.interval[1]

    @property
    def half_width(self) -> float:
        """Half width of the interval about the value, the larger where they differ; 0 where nothing is known of it."""
        if self.value is None or self.interval is None:
            return 0.0
        ends = [abs(end - self.value) for end in self.interval if math.isfinite(end)]
        return max(ends, default=0.0)

    @property
    def uncertainty(self) -> float | None:
        """Standard deviation of one reading that the measure alone makes; None where it is not known."""
        return None if self.estimate is None else self.estimate.reading_error

    @property
    def spread(self) -> float | None:
        """Standard deviation over wearings; None for one."""
        return None if self.estimate is None else self.estimate.spread

    def verdicts(self) -> tuple[tuple[Limit, Verdict], ...]:
        """Compare the figure with each of its limits; empty where there is no value.

        What is known of a part of its range alone keeps no limit.
        """
        if self.interval is None:
            return ()
        low, high = self.interval
        if self.spec.of_chain:
            low = -math.inf  # loudspeaker and headset together: the headset's own part is less
        found = []
        for limit in self.spec.limits:
            verdict = limit.judge(low, high)
            found.append((limit, Verdict.OPEN if verdict is Verdict.KEPT and self.known is not None else verdict))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveSpec:
    """Definition of a curve, the same for every headset."""

    key: str
    name: str
    unit: str
    x_unit: str
    role: Role
    badge: Badge
    about: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Curve:
    """A quantity against frequency, mean over wearings."""

    spec: CurveSpec
    x: Float64  # (n,)
    mean: Float64  # (n,), nan where not known
    spread: Float64  # (n,), standard deviation over wearings; nan for one
    wearings: Float64  # (k, n)
    bounded: NDArray[np.bool_]  # (n,), the value is a bound: harmonics in noise, coupling under the noise
    withheld: str | None = None


CRITERIA = {
    "noise": "Noise",
    "speech": "Speech in noise",
    "bandwidth": "Bandwidth",
    "response": "Response",
    "distortion": "Distortion and clipping",
    "processing": "Gate and gain control",
    "timing": "Latency and clock",
    "continuity": "Drop-outs",
    "coupling": "Earpiece to microphone",
    "near_far": "Near against far talkers",
    "pacing": "Drift of pacing figures",
    "opinion": "Model scores",
    "level": "Level",
}
"""Groups of figures, in the order in which a report shows them."""
