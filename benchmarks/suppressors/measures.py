"""Measure how near suppressed speech is to the clean speech, and how a listener might judge it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.peers.peer import file_of, onnx_session

__all__ = [
    "MEASURES",
    "Measure",
    "active_rms",
    "can_measure",
    "of_names",
    "si_sdr_db",
    "taken_off_db",
]

Signal = NDArray[np.floating]

_LEAST = 1e-12  # share of the power under which a difference counts as none
_DNSMOS_RATE = 16_000
_DNSMOS_WINDOW_S = 9.01
_DNSMOS_OVRL = (-0.06766283, 1.11546468, 0.04602535)  # of the package: from the network's scale to opinions
_HINT = "pip install 'cxaudio[suppressors]'"


def active_rms(x: Signal, sample_rate: int) -> float:
    """Compute the RMS of speech while it sounds: over the ticks of 10 ms that are at most 26 dB under the loud ones.

    Examples
    --------
    >>> active_rms(np.r_[np.zeros(8000), np.ones(8000)], 8000)
    1.0
    """
    tick = sample_rate // 100
    ticks = np.asarray(x[: len(x) // tick * tick], np.float64).reshape(-1, tick)
    power = np.square(ticks).mean(axis=1)
    return float(np.sqrt(power[power >= np.percentile(power, 95) * 10**-2.6].mean()))


def si_sdr_db(y: Signal, clean: Signal) -> float:
    """Compute the scale-invariant signal-to-distortion ratio [1]_, dB.

    Infinite for the clean speech itself, -120 for silence.

    References
    ----------
    .. [1] J. Le Roux, S. Wisdom, H. Erdogan and J. R. Hershey, "SDR - half-baked or well done?", ICASSP 2019.

    Examples
    --------
    >>> tone = np.sin(np.arange(1000.0))
    >>> round(si_sdr_db(3 * tone + 0.3 * np.cos(np.arange(1000.0)), tone))
    20
    """
    y, clean = (x - x.mean() for x in (np.asarray(y, np.float64), np.asarray(clean, np.float64)))
    target = (y @ clean) / (clean @ clean) * clean
    kept, rest = target @ target, (y - target) @ (y - target)
    if not kept:
        return 10 * np.log10(_LEAST).item()
    if rest <= _LEAST * kept:
        return float("inf")
    return float(10 * np.log10(max(kept / rest, _LEAST)))


def taken_off_db(x: Signal, y: Signal) -> float:
    """Compute by how many dB `y` is under `x`, at most 80; not a number where `x` is silent.

    Examples
    --------
    >>> round(taken_off_db(np.ones(10), 0.1 * np.ones(10)))
    20
    """
    before, after = (float(np.square(np.asarray(z, np.float64)).mean()) for z in (x, y))
    return float(10 * np.log10(before / max(after, 1e-8 * before))) if before else float("nan")


@dataclass(frozen=True)
class Measure:
    """One figure of the suppressed speech; the higher, the better."""

    name: str
    compute: Callable[[Signal, Signal, int], float]  # of the output, of the clean speech as long, and their rate
    decimals: int
    packages: tuple[str, ...] = ()  # modules that it imports


def _stoi(y: Signal, clean: Signal, sample_rate: int) -> float:
    from pystoi import stoi

    return float(stoi(clean, y, sample_rate))


def _si_sdr(y: Signal, clean: Signal, sample_rate: int) -> float:
    return si_sdr_db(y, clean)


def _pesq(y: Signal, clean: Signal, sample_rate: int) -> float:
    """Compute PESQ: of a wide band at 16 kHz, of a narrow band at 8 kHz."""
    from pesq import NoUtterancesError, pesq

    if not np.any(y):
        return float("nan")
    try:
        return float(pesq(sample_rate, clean, y, "wb" if sample_rate == 16_000 else "nb"))
    except NoUtterancesError:
        return float("nan")


@cache
def _dnsmos() -> Any:
    """Return the network of DNSMOS P.835, for one thread."""
    return onnx_session(file_of("speechmos", "speechmos/dnsmos_models/sig_bak_ovr.onnx"), hint=_HINT)


def _ovrl(y: Signal, clean: Signal, sample_rate: int) -> float:
    """Compute the overall quality that DNSMOS predicts, as ``speechmos.dnsmos.run`` does.

    Only one of its two networks is run here, and in one thread, which takes a third of the time.
    """
    x = y if sample_rate == _DNSMOS_RATE else soxr.resample(y, sample_rate, _DNSMOS_RATE)
    x = np.clip(x, -1, 1).astype(np.float32)
    length = int(_DNSMOS_WINDOW_S * _DNSMOS_RATE)
    while len(x) < length:
        x = np.concatenate((x, x))
    n_windows = int(len(x) // _DNSMOS_RATE - _DNSMOS_WINDOW_S) + 1
    found = []
    for k in range(n_windows):
        window = x[k * _DNSMOS_RATE :][:length]
        if len(window) == length:
            found.append(np.polyval(_DNSMOS_OVRL, _dnsmos().run(None, {"input_1": window[None]})[0][0, 2]))
    return float(np.mean(found))


MEASURES = (
    Measure("STOI", _stoi, 3, ("pystoi",)),
    Measure("SI-SDR", _si_sdr, 1),
    Measure("PESQ", _pesq, 2, ("pesq",)),
    Measure("OVRL", _ovrl, 2, ("speechmos", "onnxruntime")),
)


def can_measure() -> tuple[list[Measure], list[str]]:
    """Return the measures whose packages are installed, and a sentence for each of the others."""
    found, missing = [], []
    for measure in MEASURES:
        absent = [name for name in measure.packages if not find_spec(name)]
        if absent:
            missing.append(f"{measure.name} is not measured: needs {', '.join(absent)}: {_HINT}.")
        else:
            found.append(measure)
    return found, missing


def of_names(names: Sequence[str]) -> list[Measure]:
    """Return measures by their names."""
    return [measure for measure in MEASURES if measure.name in names]
