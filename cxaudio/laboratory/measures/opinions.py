"""Optional models that rank takes: DNSMOS and PLCMOS (extra ``opinion``), STOI (extra ``stoi``); nothing is fetched.

They predict what listeners might say; none of them is a listening test, and no limit exists for any.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.errors import UsageError
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.core.resample import Resampler
from dsp.core.stage import run
from dsp.measurement.delay import find_delay
from dsp.measurement.level_p56 import active_level

__all__ = ["LEVEL_DBOV", "normalised", "opinion_measures"]

Float32 = NDArray[np.float32]

LEVEL_DBOV = -26.0
"""Every take is brought here first: DNSMOS gives the same speech 3.51 at -22 dBov and 3.22 at -42."""

_RATE = 16_000
_DNSMOS = {"dnsmos.overall": "ovrl_mos", "dnsmos.signal": "sig_mos", "dnsmos.background": "bak_mos"}
_WINDOW_S = 9.01  # of the model


def opinion_measures() -> tuple[Callable[[Takes, Findings], None], ...]:
    """Measures for the libraries that are installed.

    Raises
    ------
    UsageError
        If none is.
    """
    found: list[Callable[[Takes, Findings], None]] = []
    if find_spec("speechmos") is not None and find_spec("onnxruntime") is not None:
        found.append(_measure_speechmos)
    if find_spec("pystoi") is not None:
        found.append(_measure_stoi)
    if not found:
        raise UsageError(
            "model scores need speechmos or pystoi, and neither is installed; pip install 'cxaudio[opinion]' or "
            "'cxaudio[stoi]', or leave out --opinions"
        )
    return tuple(found)


def normalised(x: NDArray[np.floating], sample_rate: int) -> Float32:
    """A take at 16 kHz and an active level of -26 dBov, clipped at full scale.

    Examples
    --------
    >>> t = np.arange(48_000) / 48_000
    >>> round(active_level(normalised(0.01 * np.sin(2 * np.pi * 300 * t), 48_000), 16_000).level_dbov, 1)
    -26.0
    """
    y: Float32 = np.asarray(x, np.float32)
    if sample_rate != _RATE:
        y = run(Resampler(sample_rate, _RATE), y)
    gain = 10 ** ((LEVEL_DBOV - active_level(y, _RATE).level_dbov) / 20)
    loud: Float32 = np.clip(y * np.float32(gain), -1, 1).astype(np.float32)
    return loud


def _measure_speechmos(takes: Takes, found: Findings) -> None:
    from speechmos import dnsmos, plcmos

    for take in takes.of(Role.SPEECH):
        x = normalised(take.samples, take.sample_rate)
        windows = f"{take.seconds:.0f} s at {LEVEL_DBOV:g} dBov, windows of {_WINDOW_S:g} s"
        scores: dict[str, Any] = dnsmos.run(x, sr=_RATE)
        for key, name in _DNSMOS.items():
            found.put(key, float(scores[name]), uncertainty=0.1, conditions=windows)
        loss: dict[str, Any] = plcmos.run(x, sr=_RATE)
        found.put("plcmos.score", float(loss["plcmos"]), uncertainty=0.1, conditions=windows)


def _measure_stoi(takes: Takes, found: Findings) -> None:
    from pystoi import stoi

    for take in takes.of(Role.SPEECH):
        pair = _aligned(take, found)
        if pair is None:
            continue
        score = float(stoi(*pair, take.sample_rate, extended=False))
        found.put("stoi.score", score, uncertainty=0.005, conditions="against what was played, delay taken out")


def _aligned(take: Take, found: Findings) -> tuple[Float32, Float32] | None:
    if take.played is None:
        found.withhold(f"{take.name} has nothing that was played beside it, which STOI compares with", "stoi.score")
        return None
    try:
        delay = find_delay(take.played, take.samples, take.sample_rate, most_s=2.0)
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", "stoi.score")
        return None
    heard = take.samples[max(0, round(delay.samples)) :]
    n = min(len(heard), len(take.played))
    return take.played[:n], heard[:n]
