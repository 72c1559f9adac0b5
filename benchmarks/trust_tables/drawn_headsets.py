"""Headsets drawn by seed over realistic ranges; all are linear but for a little distortion of the capsule."""

import numpy as np

from benchmarks.second_headset import Coupling, FarTalker, Fit, Gain, Hum, Noise, Room, SecondHeadset, Section

__all__ = ["drawn_headset"]

_HIGHEST_DB = -2.0
"""Gain at the response's peak, dB: a sweep of -10 dBov has 7 dB left, of which unusual fits take 5."""


def _response(rng: np.random.Generator, sample_rate: int) -> tuple[Section, ...]:
    if rng.uniform() < 0.15:  # a telephone's band
        return (
            Section("high_pass", rng.uniform(180, 300), 4),
            Section("low_pass", rng.uniform(3_300, 3_600), 8),
            Section("peak", rng.uniform(1_500, 2_800), gain_db=rng.uniform(0, 3), quality=1.0),
        )
    top = rng.uniform(4_500, 0.46 * min(sample_rate, 32_000))
    return (
        Section("high_pass", rng.uniform(60, 260), int(rng.integers(1, 5))),
        Section("low_pass", top, int(rng.integers(2, 7))),
        Section("peak", rng.uniform(1_800, 4_500), gain_db=rng.uniform(-2, 6), quality=rng.uniform(0.7, 2.5)),
        Section("low_shelf", rng.uniform(200, 400), gain_db=rng.uniform(-2.5, 2.5)),
    )


def drawn_headset(seed: int, sample_rate: int = 16_000) -> SecondHeadset:
    """Return a headset drawn by a seed, with gain so low that nothing is clipped.

    Parameters
    ----------
    seed : int
    sample_rate : int
        Hz.

    Returns
    -------
    SecondHeadset
    """
    from benchmarks.second_headset.response_sections import gain_of, sections_of

    rng = np.random.default_rng((seed, 4711))
    response = _response(rng, sample_rate)
    hertz = np.geomspace(50, 0.45 * sample_rate, 500)
    peak_db = 20 * np.log10(np.max(np.abs(gain_of(sections_of(response, sample_rate), hertz, sample_rate))))
    return SecondHeadset(
        sample_rate=sample_rate,
        response=response,
        second_order=float(rng.choice([-1, 1]) * 10 ** rng.uniform(-3, -1.2)),
        third_order=float(-(10 ** rng.uniform(-3, -1.0))),
        noise=Noise(level_dbov=rng.uniform(-80, -58), slope_db_per_octave=rng.uniform(-6, 0)),
        hum=Hum(level_dbov=rng.uniform(-70, -50), mains_hz=float(rng.choice([50, 60]) * (1 + 2e-4 * rng.normal())))
        if rng.uniform() < 0.4
        else None,
        far=FarTalker(loss_db=rng.uniform(12, 30), slope_db_per_octave=rng.uniform(-1.5, 1.5)),
        coupling=Coupling(loss_db=rng.uniform(28, 55)),
        fit=Fit(mouth_db=1.5, low_db=1.0, coupling_db=1.5, far_db=0.7),
        room=Room(decay_s=rng.uniform(0.15, 0.4)) if rng.uniform() < 0.25 else None,
        babble_dbov=rng.uniform(-32, -22),
        gain=Gain(db=float(_HIGHEST_DB - peak_db - rng.uniform(0, 8))),
        offset=float(rng.choice([-1, 1]) * 10 ** rng.uniform(-4, -2.5)),
        skew_ppm=float(50 * rng.normal()),
        delay_s=rng.uniform(0.02, 0.3),
        jitter_s=rng.uniform(0.001, 0.012),
    )
