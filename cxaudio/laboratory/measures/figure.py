"""Figures and curves of a headset: what each is, its value with uncertainty and conditions, and its limits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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

    def judge(self, value: float, uncertainty: float) -> Verdict:
        """Compare a value and its uncertainty with the limit.

        Examples
        --------
        >>> limit = Limit(value=50, sense="magnitude_at_most", badge=Badge.INDICATIVE, source="3GPP TS 26.131")
        >>> limit.judge(-80, 2), limit.judge(-51, 2)
        (<Verdict.BROKEN: 'broken'>, <Verdict.OPEN: 'open'>)
        """
        at = abs(value) if self.sense == "magnitude_at_most" else value
        room = at - self.value if self.sense == "at_least" else self.value - at
        if abs(room) < uncertainty:
            return Verdict.OPEN
        return Verdict.KEPT if room >= 0 else Verdict.BROKEN


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
    better: Better | None = None  # None: it describes and does not rank
    limits: tuple[Limit, ...] = ()
    decimals: int = 1
    cause: str | None = None  # words for a headset that is worse in it
    cause_with_text: bool = True  # the figure's text is repeated behind its cause
    of_chain: bool = False  # of loudspeaker and headset together: an upper bound for the headset
    worth: float = 0.0  # smallest difference that makes one headset better than another (chosen)
    lead: bool = False  # counts when models are ranked; related figures would count one fault twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one headset: value, uncertainty and conditions, or why there is none."""

    spec: FigureSpec
    value: float | None  # mean over wearings
    presence: Presence | None = None  # of what was looked for; None: the figure looks for nothing
    detail: str | None = None  # a class, a place or a description beside or instead of the value
    uncertainty: float | None = None  # of the measure, one standard deviation or the stated tolerance
    spread: float | None = None  # standard deviation over wearings; None for one
    values: tuple[float, ...] = ()  # of every wearing
    bound: Bound = "exact"
    conditions: str = ""
    withheld: str | None = None  # one sentence; then neither value nor text is there

    @property
    def text(self) -> str | None:
        """Presence and detail in words, instead of a number or beside it."""
        if self.presence is Presence.NOT_FOUND:
            return self.presence.value
        if self.presence is Presence.FOUND:
            return f"{self.presence.value}: {self.detail}"
        return self.detail

    @property
    def half_width(self) -> float:
        """Half width of the interval that holds the figure: the larger of spread and uncertainty."""
        return max(self.spread or 0.0, self.uncertainty or 0.0)

    def verdicts(self) -> tuple[tuple[Limit, Verdict], ...]:
        """Compare the figure with each of its limits; empty where there is no value."""
        if self.value is None:
            return ()
        found = []
        for limit in self.spec.limits:
            verdict = limit.judge(self.value, self.half_width)
            # A bound decides only in the direction in which it binds: "at most 2" keeps a limit of 3, and breaks none.
            at_most = self.bound == "at_most" or self.spec.of_chain
            if at_most and verdict is (Verdict.KEPT if limit.sense == "at_least" else Verdict.BROKEN):
                verdict = Verdict.OPEN
            if self.bound == "at_least" and verdict is (Verdict.BROKEN if limit.sense == "at_least" else Verdict.KEPT):
                verdict = Verdict.OPEN
            found.append((limit, verdict))
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
