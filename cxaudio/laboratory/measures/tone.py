"""Distortion and noise of a steady tone."""

import math

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.processing import why_not_steady
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Take, Takes
from dsp.core.errors import ParameterError
from dsp.core.spectrum import Float64
from dsp.measurement.distortion import tone_distortion

__all__ = ["TONE"]

_TONE_HZ = 997.0
_LEAST_FRAMES = 4  # of 100 ms, of the tone
_SWING_DB = 1.0
_N_PARTS = 3
_SHARE, _LEAST_PERCENT = 0.01, 0.005  # half widths at 95 %, from chains of known distortion

_FIGURES = (
    FigureSpec(
        key="thd_n.percent",
        fit_share=0.2,
        name="THD+N at 997 Hz",
        unit="% of the whole",
        criterion="distortion",
        role=Role.TONE,
        badge=Badge.INDICATIVE,
        better="lower",
        decimals=2,
        of_chain=True,
        cause="more distorted or noisier",
        about="Everything but the fundamental over everything, in the band that the conditions name; of the whole "
        "chain, an upper bound.",
    ),
)

_NO_TONE = said("no tone of 997 Hz stands out; record it again")


def _fill(takes: Takes, found: Findings) -> None:
    sentence = why_not_steady(takes, found)
    if sentence is not None:
        found.forbid(sentence, "thd_n.percent")
    for take in takes.of(Role.TONE):
        _fill_from(take, found)


def _fill_from(take: Take, found: Findings) -> None:
    rate = take.sample_rate
    x = np.asarray(take.samples, np.float64)
    steady, why = _steady(x, rate)
    if steady is None:
        found.withhold(said("{take}: {why}", take=take.name, why=why), "thd_n.percent")
        return
    try:
        tone = tone_distortion(x[steady], rate, frequency_hz=_TONE_HZ)
        # Noise and the tone's own drift differ between its parts, which tells the error of the whole.
        parts = np.array_split(x[steady], _N_PARTS)
        shares = [100 * tone_distortion(part, rate, frequency_hz=_TONE_HZ).thd_n for part in parts]
    except ParameterError:
        found.withhold(said("{take}: {why}", take=take.name, why=_NO_TONE), "thd_n.percent")
        return
    found.put(
        "thd_n.percent",
        100 * tone.thd_n,
        error=float(np.std(shares, ddof=1)) / math.sqrt(_N_PARTS),
        dof=_N_PARTS - 1,
        systematic=max(_LEAST_PERCENT, _SHARE * tone.thd_n * 100),
        conditions=said(
            "{low:g} Hz to {high:g} kHz, fundamental at {level:.1f} dBov",
            low=tone.low_hz,
            high=tone.high_hz / 1000,
            level=tone.level_dbov,
        ),
    )


def _steady(x: Float64, rate: int) -> tuple[slice | None, str]:
    """Return where the tone sounds at one level, or None and why it does so nowhere for long enough."""
    length = rate // 10
    n = len(x) // length
    # Power of the line at 997 Hz in each 100 ms, by a window that keeps out what lies beside it.
    turn = np.hanning(length) * np.exp(-2j * np.pi * _TONE_HZ / rate * np.arange(length))
    pieces = x[: n * length].reshape(n, length)
    power = np.mean(pieces**2, axis=1)
    tone = 2 * np.abs(pieces @ turn / (length / 2)) ** 2
    there = (tone > 0.5 * power) & (power > 10 ** (-70 / 10))
    if there.sum() < _LEAST_FRAMES:
        return None, said("no tone of 997 Hz stands out for {seconds:g} s; record it again", seconds=_LEAST_FRAMES / 10)
    first, last = int(np.flatnonzero(there)[0]), int(np.flatnonzero(there)[-1])
    level = 10 * np.log10(np.maximum(tone[first + 1 : last], 1e-15))
    if not len(level):
        return None, _NO_TONE
    start = float(np.median(level[:_LEAST_FRAMES]))
    off = np.flatnonzero(np.abs(level - start) > _SWING_DB)
    if len(off):
        at_s = (int(off[0]) + 1) / 10
        change = float(np.median(level[int(off[0]) :])) - start
        if abs(change) <= _SWING_DB:
            return None, said(
                "the level of the tone swings by {range:.0f} dB, so that its distortion is not known; record it again",
                range=float(np.ptp(level)),
            )
        if change > 0:
            return None, said(
                "the tone is turned up by {change:.0f} dB after {at:.1f} s, as gain control does, so that its "
                "distortion is not known",
                change=change,
                at=at_s,
            )
        return None, said(
            "the tone is turned down by {change:.0f} dB after {at:.1f} s, as a noise suppressor does, so that its "
            "distortion is not known",
            change=-change,
            at=at_s,
        )
    return slice((first + 2) * length, (last - 1) * length), ""


TONE = Measure(name="tone", figures=_FIGURES, fill=_fill)
