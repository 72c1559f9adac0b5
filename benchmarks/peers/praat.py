"""Syllable nuclei by Praat: the method of de Jong and Wempe, written from their paper, run through parselmouth.

parselmouth is under the GPL: it is used for measurement only, and no extra of cxaudio but ``peers-gpl`` names it.

References
----------
N. H. de Jong and T. Wempe, "Praat script to detect syllable nuclei and measure speech rate automatically", Behavior
Research Methods 41 (2009), 385-390, doi 10.3758/BRM.41.2.385.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.peers.peer import CountPeer, MissingPeerError, Setting, Sound, needs

__all__ = ["PRAAT"]

_RATE = 8000
_VOICING = 0.25  # Praat's own 0.45 misses voices in a telephone band: error 29 % instead of 20 % on ten recordings


def _load() -> Callable[[Sound, Setting], int]:
    needs(["praat-parselmouth"], hint="it is under the GPL: pip install 'cxaudio[peers-gpl]'")
    try:
        import parselmouth
    except ImportError as exc:
        raise MissingPeerError(f"praat-parselmouth does not load ({exc})") from exc

    def count(x: Sound, setting: Setting) -> int:
        sound = parselmouth.Sound(x.astype(np.float64), _RATE)
        intensity = sound.to_intensity(minimum_pitch=50.0)
        level, at = intensity.values[0], intensity.xs()
        floor = _floor(level, setting)
        peaks = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:])) + 1
        peaks = peaks[level[peaks] > floor]
        # A peak counts if the level fell by so much between the peak before it and itself.
        before = np.concatenate(([0], peaks[:-1]))
        kept = [
            peak
            for start, peak in zip(before, peaks, strict=True)
            if level[peak] - level[start : peak + 1].min() >= float(str(setting["dip_db"]))
        ]
        # Voiced, with a window of 100 ms in steps of 20 ms (three periods of the lowest pitch fit into the window).
        pitch = sound.to_pitch_ac(time_step=0.02, pitch_floor=30.0, pitch_ceiling=450.0, voicing_threshold=_VOICING)
        return sum(not np.isnan(pitch.get_value_at_time(float(at[peak]))) for peak in kept)

    return count


def _floor(level: np.ndarray, setting: Setting) -> float:
    """Return the level below which no peak is a nucleus, dB."""
    if setting["against"] == "median":
        return float(np.median(level)) + float(str(setting["floor_db"]))
    return float(np.quantile(level, 0.99)) + float(str(setting["floor_db"]))


PRAAT = CountPeer(
    name="Praat nuclei (de Jong & Wempe)",
    key="praat",
    packages=("praat-parselmouth",),
    licence="GPL-3: measurement only",
    sample_rate=_RATE,
    load=_load,
    # First the limits that their later script has as defaults; the paper's are relative to the median.
    settings=tuple(
        {"against": against, "floor_db": floor_db, "dip_db": dip_db}
        for against, floor_db in (("loudest", -25.0), ("median", 0.0), ("median", 2.0), ("loudest", -20.0))
        for dip_db in (2.0, 3.0, 4.0)
    ),
)
