"""Scores of the models DNSMOS and PLCMOS (extra ``opinion``); nothing is downloaded.

They predict what listeners might say; neither is a listening test, and there is no limit for either.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.core.resample import Resampler
from dsp.core.stage import Float32, run
from dsp.measurement.level_p56 import active_level

__all__ = ["LEVEL_DBOV", "MODEL_SCORES", "normalised"]


LEVEL_DBOV = -26.0
"""Level of every take when it is scored: DNSMOS gives the same speech 3.51 at -22 dBov and 3.22 at -42."""

_RATE = 16_000
_DNSMOS = {"dnsmos.overall": "ovrl_mos", "dnsmos.signal": "sig_mos", "dnsmos.background": "bak_mos"}
_WINDOW_S = 9.01  # of the model

_FIGURES = (
    FigureSpec(
        key="dnsmos.overall",
        name="DNSMOS overall",
        unit="MOS, predicted",
        criterion="opinion",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        better="higher",
        decimals=2,
        cause="rated lower by a model",
        about="DNSMOS P.835 at -26 dBov; ranks takes, is no listening test, hardly sees bandwidth.",
    ),
    FigureSpec(
        key="dnsmos.signal",
        name="DNSMOS signal",
        unit="MOS, predicted",
        criterion="opinion",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        decimals=2,
        about="DNSMOS P.835 SIG at -26 dBov.",
        better="higher",
    ),
    FigureSpec(
        key="dnsmos.background",
        name="DNSMOS background",
        unit="MOS, predicted",
        criterion="opinion",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        decimals=2,
        about="DNSMOS P.835 BAK at -26 dBov.",
        better="higher",
    ),
    FigureSpec(
        key="plcmos.score",
        name="PLCMOS",
        unit="MOS, predicted",
        criterion="opinion",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        better="higher",
        decimals=2,
        about="PLCMOS: how lost packets and their concealment sound.",
    ),
)


def normalised(x: NDArray[np.floating], sample_rate: int) -> Float32:
    """Return a take at 16 kHz and an active level of -26 dBov, clipped at full scale.

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


def _fill(takes: Takes, found: Findings) -> None:
    from speechmos import dnsmos, plcmos

    for take in takes.of(Role.SPEECH):
        x = normalised(take.samples, take.sample_rate)
        windows = said(
            "{seconds:.0f} s at {level:g} dBov, windows of {window:g} s",
            seconds=take.seconds,
            level=LEVEL_DBOV,
            window=_WINDOW_S,
        )
        scores: dict[str, Any] = dnsmos.run(x, sr=_RATE)
        for key, name in _DNSMOS.items():
            found.put(key, float(scores[name]), error=0.1, conditions=windows)
        loss: dict[str, Any] = plcmos.run(x, sr=_RATE)
        found.put("plcmos.score", float(loss["plcmos"]), error=0.1, conditions=windows)


MODEL_SCORES = Measure(name="model scores", figures=_FIGURES, fill=_fill, libraries=("speechmos", "onnxruntime"))
