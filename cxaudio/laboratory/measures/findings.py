"""What measuring gathers, wearing by wearing, until it becomes figures and curves; knows no sound."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.figures import CATALOGUE, CURVES, Bound, Curve, Figure
from cxaudio.laboratory.takes.take import Takes, covers, missing_sentence

__all__ = ["CurveReading", "Findings", "Reading"]

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure of one wearing."""

    value: float | None
    text: str | None
    uncertainty: float | None
    bound: Bound
    conditions: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CurveReading:
    """A curve of one wearing."""

    x: Float64
    y: Float64
    bounded: NDArray[np.bool_]


@dataclass(slots=True)
class Findings:
    """Readings by key, and the reasons why there are none."""

    readings: dict[str, list[Reading]] = field(default_factory=dict)
    curves: dict[str, list[CurveReading]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    forbidden: dict[str, str] = field(default_factory=dict)  # by key, or by the beginning of a key and a point
    notes: list[str] = field(default_factory=list)

    def put(
        self,
        key: str,
        value: float | None,
        *,
        uncertainty: float | None = None,
        bound: Bound = "exact",
        text: str | None = None,
        conditions: str = "",
    ) -> None:
        """Add the reading of a wearing; a value that is no number is none."""
        assert key in CATALOGUE, key
        if value is not None and not np.isfinite(value):
            value = None
        if value is None and text is None:
            self.reasons.setdefault(key, "nothing could be measured in this take")
            return
        self.readings.setdefault(key, []).append(
            Reading(value=value, text=text, uncertainty=uncertainty, bound=bound, conditions=conditions)
        )

    def draw(self, key: str, x: Float64, y: NDArray[np.floating], *, bounded: NDArray[np.bool_] | None = None) -> None:
        """Add the curve of a wearing."""
        assert key in CURVES, key
        reading = CurveReading(
            x=np.asarray(x, np.float64),
            y=np.asarray(y, np.float64),
            bounded=np.zeros(len(x), np.bool_) if bounded is None else bounded,
        )
        self.curves.setdefault(key, []).append(reading)

    def withhold(self, sentence: str, *keys: str) -> None:
        """Say why figures are not there where they could not be measured."""
        for key in keys:
            self.reasons.setdefault(key, sentence)

    def forbid(self, sentence: str, *keys: str) -> None:
        """Say why figures may not be shown although they could be computed."""
        for key in keys:
            self.forbidden.setdefault(key, sentence)

    def _forbidden(self, key: str) -> str | None:
        for name, sentence in self.forbidden.items():
            if covers(name, key):
                return sentence
        return None

    def figures(self, takes: Takes) -> tuple[Figure, ...]:
        """Every figure of the catalogue, measured or with the reason why not."""
        out = []
        for key, spec in CATALOGUE.items():
            readings = self.readings.get(key, [])
            sentence = takes.why_withheld(key) or self._forbidden(key)
            if not readings and sentence is None:
                sentence = self.reasons.get(key) or missing_sentence(takes, spec.role) or "it was not measured"
            if sentence is not None:
                out.append(Figure(spec=spec, value=None, withheld=sentence))
                continue
            values = [each.value for each in readings if each.value is not None]
            texts = Counter(each.text for each in readings if each.text is not None)
            uncertainties = [each.uncertainty for each in readings if each.uncertainty is not None]
            bounds = {each.bound for each in readings if each.value is not None}
            out.append(
                Figure(
                    spec=spec,
                    value=float(np.mean(values)) if values else None,
                    text=texts.most_common(1)[0][0] if texts else None,
                    uncertainty=float(np.sqrt(np.mean(np.square(uncertainties)))) if uncertainties else None,
                    spread=float(np.std(values, ddof=1)) if len(values) > 1 else None,
                    values=tuple(values),
                    # Where some wearings are only bounded, so is their mean; bounds of both kinds say nothing.
                    bound=next(iter(bounds - {"exact"}), "exact") if len(bounds - {"exact"}) < 2 else "exact",
                    conditions=readings[0].conditions,
                )
            )
        return tuple(out)

    def drawn(self, takes: Takes) -> tuple[Curve, ...]:
        """Every curve of the catalogue."""
        out = []
        empty = np.empty(0)
        for key, spec in CURVES.items():
            readings = [each for each in self.curves.get(key, [])]
            sentence = self._forbidden(f"curve.{key}")
            readings = [each for each in readings if len(each.x) == len(readings[0].x)]
            if sentence is not None or not readings:
                sentence = sentence or self.reasons.get(f"curve.{key}") or missing_sentence(takes, spec.role)
                out.append(
                    Curve(
                        spec=spec, x=empty, mean=empty, spread=empty, wearings=np.empty((0, 0)),
                        bounded=np.empty(0, np.bool_), withheld=sentence or "it was not measured",
                    )
                )  # fmt: skip
                continue
            rows = np.stack([each.y for each in readings])
            known = np.isfinite(rows)
            n = known.sum(axis=0)
            filled = np.where(known, rows, 0.0)
            mean = np.divide(filled.sum(axis=0), n, out=np.full(rows.shape[1], np.nan), where=n > 0)
            square = np.where(known, (rows - mean) ** 2, 0.0).sum(axis=0)
            spread = np.sqrt(np.divide(square, n - 1, out=np.full(rows.shape[1], np.nan), where=n > 1))
            bounded = np.any(np.stack([each.bounded for each in readings]), axis=0)
            out.append(Curve(spec=spec, x=readings[0].x, mean=mean, spread=spread, wearings=rows, bounded=bounded))
        return tuple(out)
