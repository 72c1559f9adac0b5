"""Noise of the quiet take in third octaves."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, CurveSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.measures.noise import idle_noise, without_silent_ends
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.core.spectrum import power_spectrum
from dsp.measurement.octave_bands import band_levels_dbov, octave_bands

__all__ = ["NOISE_SPECTRUM"]

_CURVES = (
    CurveSpec(
        key="noise",
        name="Noise in third octaves",
        unit="dBov",
        x_unit="Hz",
        role=Role.QUIET,
        badge=Badge.PROJECT,
        about="Quiet take.",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.QUIET):
        if found.shared(idle_noise, take).level_dbov == -np.inf:
            continue
        rate = take.sample_rate
        bands = octave_bands(50, min(20_000.0, rate / 2 / 1.13))
        spectrum = power_spectrum(without_silent_ends(take), rate)
        found.draw("noise", bands.centres_hz, band_levels_dbov(spectrum, bands))


NOISE_SPECTRUM = Measure(name="noise spectrum", figures=(), curves=_CURVES, fill=_fill)
