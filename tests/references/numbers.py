"""Turn any result of `dsp` into flat lists of numbers that a JSON file can hold."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

Numbers = dict[str, list[float | None]]

MOST = 48  # values kept of a column, spread evenly over it
_LEAST = 1e-7  # smaller than any tolerance: 0, so that the rounding of the last bit leaves no trace


def _kept(column: np.ndarray) -> list[float | None]:
    chosen = column[np.unique(np.linspace(0, len(column) - 1, min(MOST, len(column))).round().astype(int))]
    rounded = [float(f"{value:.6g}") if np.isfinite(value) else None for value in chosen.tolist()]
    return [0.0 if value is not None and abs(value) < _LEAST else value for value in rounded]


def numbers(result: Any, name: str = "") -> Numbers:
    """Return every number of a result by the name of its place: arrays by column, dataclasses by field.

    None stands for a number that is not finite; text is left out.
    """
    if result is None or isinstance(result, str):
        return {}
    inside = f"{name}." if name else ""
    if is_dataclass(result) and not isinstance(result, type):
        result = {spec.name: getattr(result, spec.name) for spec in fields(result)}
    elif hasattr(result, "_asdict"):
        result = result._asdict()
    elif isinstance(result, tuple | list) and not all(isinstance(item, int | float | np.number) for item in result):
        result = {str(place): item for place, item in enumerate(result)}
    if isinstance(result, Mapping):
        return {key: row for part, item in result.items() for key, row in numbers(item, f"{inside}{part}").items()}
    array = np.asarray(result)
    if array.dtype.kind in "US":
        return {}
    if array.dtype.kind == "c":
        return numbers({"real": array.real, "imag": array.imag}, name)
    array = np.atleast_1d(array.astype(np.float64))
    if array.ndim == 1:
        return {name or "value": _kept(array)} if len(array) else {name or "value": []}
    columns = array.reshape(len(array), -1).T
    # Of a wide table, eight columns are enough.
    places = np.unique(np.linspace(0, len(columns) - 1, min(8, len(columns))).round().astype(int))
    return {f"{inside}{place}": _kept(columns[place]) for place in places.tolist()}
