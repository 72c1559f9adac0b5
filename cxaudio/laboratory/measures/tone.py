"""Distortion and noise of a steady tone."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.responses import TIME_VARIANT, responses_of
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.core.errors import ParameterError
from dsp.measurement.distortion import tone_distortion

__all__ = ["TONE"]

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


def _fill(takes: Takes, found: Findings) -> None:
    if responses_of(takes, found).time_variant:
        found.forbid(TIME_VARIANT, "thd_n.percent")
    for take in takes.of(Role.TONE):
        rate = take.sample_rate
        x = np.asarray(take.samples, np.float64)
        length = rate // 10
        power = np.mean(x[: len(x) // length * length].reshape(-1, length) ** 2, axis=1)
        sounding = np.flatnonzero(power > 0.25 * np.quantile(power, 0.9))
        first, last = (int(sounding[0]) + 2) * length, (int(sounding[-1]) - 1) * length
        try:
            tone = tone_distortion(x[first:last], rate, frequency_hz=997.0)
        except ParameterError as error:
            found.withhold(f"{take.name}: {error}", "thd_n.percent")
            continue
        found.put(
            "thd_n.percent",
            100 * tone.thd_n,
            error=max(0.02, 2.0 * tone.thd_n),
            conditions=f"{tone.low_hz:g} Hz to {tone.high_hz / 1000:g} kHz, fundamental at {tone.level_dbov:.1f} dBov",
        )


TONE = Measure(name="tone", figures=_FIGURES, fill=_fill)
