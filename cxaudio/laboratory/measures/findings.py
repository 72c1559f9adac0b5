"""Collect readings wearing by wearing and combine them into figures and curves."""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.estimate import CONFIDENCE, Count, estimate_mean
from cxaudio.laboratory.measures.figure import Bound, Curve, CurveSpec, Figure, FigureSpec, Presence
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.take import Takes, missing_sentence
from dsp.core.spectrum import Float64

__all__ = ["CurveReading", "Findings", "Reading"]

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure of one wearing."""

    value: float | None
    presence: Presence | None
    detail: str | None
    error: float | None
    systematic: float
    assumed: bool
    dof: float | None
    bound: Bound
    known: str | None
    conditions: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CurveReading:
    """A curve of one wearing."""

    x: Float64
    y: Float64
    bounded: NDArray[np.bool_]


class Findings:
    """Readings by key, and the reasons why a figure or a curve is not given.

    Attributes
    ----------
    notes : list of str
        Observations that are no figure, one sentence each.
    impulse : ndarray or None
        Impulse response of the first sweep.
    openings_ms : tuple of float
        Loop latency of each opening of the stream.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.impulse: Float64 | None = None
        self.openings_ms: tuple[float, ...] = ()
        self._specs: dict[str, FigureSpec] = {}
        self._curve_specs: dict[str, CurveSpec] = {}
        self._readings: dict[str, list[Reading]] = {}
        self._curves: dict[str, list[CurveReading]] = {}
        self._counts: dict[str, tuple[Count, str | None, str]] = {}
        self._reasons: dict[str, str] = {}
        self._forbidden: dict[str, str] = {}
        self._shared: dict[Hashable, Any] = {}

    def begin(self, figures: Iterable[FigureSpec], curves: Iterable[CurveSpec]) -> None:
        """Accept only these figures and curves until the next call."""
        self._specs = {spec.key: spec for spec in figures}
        self._curve_specs = {spec.key: spec for spec in curves}

    def shared(self, compute: Callable[[*Given], Result], *given: *Given) -> Result:
        """Return ``compute(*given)``; what several measures need is computed once."""
        key = (compute, given)
        if key not in self._shared:
            self._shared[key] = compute(*given)
        result: Result = self._shared[key]
        return result

    def put(
        self,
        key: str,
        value: float | None,
        *,
        error: float | None = None,
        systematic: float = 0.0,
        assumed: bool = False,
        dof: float | None = None,
        bound: Bound = "exact",
        presence: Presence | None = None,
        detail: str | None = None,
        known: str | None = None,
        conditions: str = "",
    ) -> None:
        """Add the reading of a wearing; a value that is not finite counts as none.

        Parameters
        ----------
        key : str
            Of the figure.
        value : float or None
            In the figure's unit.
        error : float, optional
            Standard deviation of this reading by the measure alone, of what averages out over readings.
        systematic : float
            Half width, at 95 %, of what all readings have in common.
        assumed : bool
            The error is a default: it was not measured.
        dof : float, optional
            Degrees of freedom of the error; None: as many as a measure usually has that finds it in its own take.
        bound : {"exact", "at_most", "at_least"}
            Where the value only bounds the figure.
        presence : Presence, optional
            Of what was looked for.
        detail : str, optional
            A class, a place or a description.
        known : str, optional
            The part of its range in which the figure is known, as ``known to 3.2 kHz of 8 kHz``; None: all of it.
        conditions : str
            What was measured, and how.
        """
        assert key in self._specs, f"{key} is no figure of this measure"
        if value is not None and not np.isfinite(value):
            value = None
        if value is None and presence is None and detail is None:
            self._reasons.setdefault(key, said("nothing could be measured in this take"))
            return
        self._readings.setdefault(key, []).append(
            Reading(
                value=value,
                presence=presence,
                detail=detail,
                error=error,
                systematic=systematic,
                assumed=assumed,
                dof=dof,
                bound=bound,
                known=known,
                conditions=conditions,
            )
        )

    def put_rate(self, key: str, count: Count, *, detail: str | None = None, conditions: str = "") -> None:
        """Give a figure as the rate of the events of all takes together; without one it is only bounded from above."""
        assert key in self._specs, f"{key} is no figure of this measure"
        self._counts[key] = (count, detail, conditions)

    def draw(self, key: str, x: Float64, y: NDArray[np.floating], *, bounded: NDArray[np.bool_] | None = None) -> None:
        """Add the curve of a wearing."""
        assert key in self._curve_specs, f"{key} is no curve of this measure"
        reading = CurveReading(
            x=np.asarray(x, np.float64),
            y=np.asarray(y, np.float64),
            bounded=np.zeros(len(x), np.bool_) if bounded is None else bounded,
        )
        self._curves.setdefault(key, []).append(reading)

    def withhold(self, sentence: str, *keys: str) -> None:
        """Give the reason why figures or curves are missing; it is used only where no take gives a reading."""
        for key in self._known(keys):
            self._reasons.setdefault(key, sentence)

    def forbid(self, sentence: str, *keys: str) -> None:
        """Give the reason why figures or curves must not be shown although they could be computed."""
        for key in self._known(keys):
            self._forbidden.setdefault(key, sentence)

    def _known(self, keys: Iterable[str]) -> Iterable[str]:
        for key in keys:
            assert key in self._specs or key in self._curve_specs, f"{key} is no figure or curve of this measure"
            yield key

    def figure(self, spec: FigureSpec, takes: Takes) -> Figure:
        """Combine the readings of a figure, or say why there are none."""
        readings = self._readings.get(spec.key, [])
        sentence = takes.why_withheld(spec.key) or self._forbidden.get(spec.key)
        missing = _missing(spec, takes)
        left_out = sentence is None and not readings and missing is not None
        if sentence is None and spec.key in self._counts:
            return _rate(spec, *self._counts[spec.key])
        if not readings and sentence is None:
            sentence = missing or self._reasons.get(spec.key) or said("no {role} take shows it", role=spec.role.value)
        if sentence is None and {"at_most", "at_least"} <= {each.bound for each in readings}:
            sentence = said("one wearing bounds it from above and another from below, so that their mean says nothing")
        if sentence is not None:
            return Figure(spec=spec, value=None, withheld=sentence, left_out=left_out)
        valued = [each for each in readings if each.value is not None]
        values = [each.value for each in valued if each.value is not None]
        texts = Counter(
            (each.presence, each.detail) for each in readings if each.presence is not None or each.detail is not None
        )
        presence, detail = texts.most_common(1)[0][0] if texts else (None, None)
        value = float(np.mean(values)) if values else None
        return Figure(
            spec=spec,
            value=value,
            presence=presence,
            detail=detail,
            estimate=estimate_mean(
                values,
                errors=[each.error for each in valued],
                systematics=[each.systematic for each in valued],
                fit=math.hypot(spec.fit, spec.fit_share * (value or 0.0)),
                depends_on_fit=spec.depends_on_fit,
                assumed=any(each.assumed for each in valued),
                dof=next((each.dof for each in valued if each.dof is not None), None),
            ),
            values=tuple(values),
            # Where some wearings are only bounded, so is their mean.
            bound=next((each.bound for each in valued if each.bound != "exact"), "exact"),
            known=next((each.known for each in valued if each.known is not None), None),
            conditions=readings[0].conditions,
        )

    def curve(self, spec: CurveSpec, takes: Takes) -> Curve:
        """Combine the readings of a curve, or say why there are none."""
        readings = self._curves.get(spec.key, [])
        sentence = self._forbidden.get(spec.key)
        if sentence is None and not readings:
            sentence = (
                missing_sentence(takes, spec.role)
                or self._reasons.get(spec.key)
                or said("no {role} take shows it", role=spec.role.value)
            )
        if sentence is not None:
            empty = np.empty(0)
            return Curve(
                spec=spec,
                x=empty,
                mean=empty,
                spread=empty,
                wearings=np.empty((0, 0)),
                bounded=np.empty(0, np.bool_),
                withheld=sentence,
            )
        readings = [each for each in readings if len(each.x) == len(readings[0].x)]
        rows = np.stack([each.y for each in readings])
        known = np.isfinite(rows)
        n = known.sum(axis=0)
        filled = np.where(known, rows, 0.0)
        mean = np.divide(filled.sum(axis=0), n, out=np.full(rows.shape[1], np.nan), where=n > 0)
        square = np.where(known, (rows - mean) ** 2, 0.0).sum(axis=0)
        spread = np.sqrt(np.divide(square, n - 1, out=np.full(rows.shape[1], np.nan), where=n > 1))
        bounded = np.any(np.stack([each.bounded for each in readings]), axis=0)
        return Curve(spec=spec, x=readings[0].x, mean=mean, spread=spread, wearings=rows, bounded=bounded)


def _missing(spec: FigureSpec, takes: Takes) -> str | None:
    """Return why a take that a figure needs is not there, or None."""
    return next(filter(None, (missing_sentence(takes, role) for role in (spec.role, *spec.needs))), None)


def _rate(spec: FigureSpec, count: Count, detail: str | None, conditions: str) -> Figure:
    nothing = count.events == 0
    return Figure(
        spec=spec,
        value=count.interval(CONFIDENCE)[1] if nothing else count.rate,
        count=count,
        bound="at_most" if nothing else "exact",
        detail=detail,
        conditions=conditions,
    )
