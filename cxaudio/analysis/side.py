"""Turn one side's samples into its ticks; knows nothing of the other side."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.policy import DetectionSettings
from dsp.core.levels import TickLevels
from dsp.core.stage import Float32
from dsp.measurement.level_p56 import ActiveLevel, ActiveLevelMeter
from dsp.speech.bands import N_BANDS
from dsp.speech.front_end import BAND_LEVEL, FrontEnd, FrontEndFrames
from dsp.speech.music import QUIET, MusicDetector
from dsp.speech.syllables import SyllableDetector
from dsp.speech.tonality import TonalDetector
from dsp.speech.vad import SpeechDetector

if TYPE_CHECKING:
    from dsp.speech.suppression import Suppressor

__all__ = ["SideAnalyser", "SideTicks"]

_LEVEL_RATE = 800  # samples/s used for the active level; P.56 needs about 700


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTicks:
    """A run of one side's ticks: `m` rows of levels, speech and tones, `k` rows of syllables and music.

    Rows with the same number in the whole call belong to the same tick. Speech is known sooner than syllables; after
    the flush there are equally many rows of each.
    """

    levels: Float32  # (m, 4): columns of dsp.core.levels.TickLevels
    noise: Float32  # (m,) mean square of the noise
    probability: Float32  # (m,) of speech, 0..1
    speaking: NDArray[np.bool_]  # (m,) decision of the detector
    tonal: NDArray[np.int8]  # (m,) evidence for a steady tone, above 0: dsp.speech.tonality
    nuclei: NDArray[np.int8]  # (k, 2) syllable nuclei by both estimators
    music: NDArray[np.int8]  # (k,) evidence for music in the 2.4 s before, above 0: dsp.speech.music
    bands: Float32  # (h, N_BANDS) levels of the even ticks in dBFS, not aligned with the other rows
    clean: Float32  # (k,) suppressed samples, not aligned with the ticks; empty unless asked for

    @classmethod
    def absent(cls, n: int, n_later: int) -> "SideTicks":
        """Return silent ticks of a side that the recording does not have."""
        return cls(
            levels=np.zeros((n, 4), np.float32),
            noise=np.zeros(n, np.float32),
            probability=np.zeros(n, np.float32),
            speaking=np.zeros(n, np.bool_),
            tonal=np.full(n, -127, np.int8),
            nuclei=np.zeros((n_later, 2), np.int8),
            music=np.full(n_later, QUIET, np.int8),
            bands=np.zeros((0, N_BANDS), np.float32),
            clean=np.zeros(0, np.float32),
        )


class SideAnalyser:
    """Turn one side's samples into ticks.

    Row k stands for tick k of 10 ms. Levels, speech and tones of a tick leave together, as soon as the speech detector
    has decided, so that the display is prompt; syllables and music leave together later. After the flush there is one
    row of each for every tick begun.

    Parameters
    ----------
    sample_rate : int
        The call's rate, 8000 or 16000 Hz.
    detection : DetectionSettings
        Hysteresis of the speech detector.
    suppressor : str, optional
        Name of the suppressor whose sound is wanted (`dsp.speech.suppression.SUPPRESSORS`); None: no such sound.
    noise_dbov : float, optional
        Noise level expected of the microphone: where the noise floor starts.
    """

    def __init__(
        self,
        sample_rate: int,
        detection: DetectionSettings,
        *,
        suppressor: str | None = None,
        noise_dbov: float | None = None,
    ) -> None:
        tick_length = sample_rate // 100
        self._front_end = FrontEnd(sample_rate, noise_dbov=noise_dbov)
        self._detector = SpeechDetector(
            on_probability=detection.on_probability, off_probability=detection.off_probability
        )
        self._syllables = SyllableDetector()
        self._tonal = TonalDetector()
        self._music = MusicDetector(sample_rate)
        self._levels = TickLevels(tick_length)
        self._meter = ActiveLevelMeter(sample_rate, step=sample_rate // _LEVEL_RATE)
        self._suppressor = _suppressor(suppressor, sample_rate) if suppressor else None
        self._tick_length = tick_length
        self._clear()

    def _clear(self) -> None:
        self._n_frames = 0
        self._prompt: tuple[NDArray[Any], ...] = (
            np.zeros((0, 4), np.float32),
            np.zeros(0, np.float32),
            np.zeros((0, 2), np.float32),
            np.zeros(0, np.int8),
        )
        self._later: tuple[NDArray[Any], ...] = (np.zeros((0, 2), np.int8), np.zeros(0, np.int8))

    @property
    def latency_samples(self) -> int:
        """Return the most input samples whose ticks are not complete: of the front end and of the slowest detector."""
        frames = max(self._detector.latency_samples, self._syllables.latency_samples, self._tonal.latency_samples)
        return max(self._front_end.latency_samples + frames * self._tick_length, self._tick_length)

    def process(self, x: Float32, /) -> SideTicks:
        """Take a block of samples, shape ``(n,)``; return the ticks that became certain with it."""
        self._meter.process(x)
        clean = self._suppressor.process(x) if self._suppressor else x[:0].copy()
        frames = self._front_end.process(x)
        return self._align(
            self._levels.process(x),
            frames,
            self._detector.process(frames.features),
            self._syllables.process(frames.features),
            self._tonal.process(frames.features),
            self._music.process(x),
            clean,
        )

    def flush(self) -> SideTicks:
        """Return the last ticks."""
        clean = self._suppressor.flush() if self._suppressor else np.zeros(0, np.float32)
        frames = self._front_end.flush()
        return self._align(
            self._levels.flush(),
            frames,
            np.concatenate((self._detector.process(frames.features), self._detector.flush())),
            np.concatenate((self._syllables.process(frames.features), self._syllables.flush())),
            np.concatenate((self._tonal.process(frames.features), self._tonal.flush())),
            self._music.flush(),
            clean,
        )

    def reset(self) -> None:
        """Reset to the initial state."""
        for stage in (self._front_end, self._detector, self._syllables, self._tonal, self._music):
            stage.reset()
        self._levels.reset()
        self._meter.reset()
        if self._suppressor:
            self._suppressor.reset()
        self._clear()

    def active_level(self) -> ActiveLevel:
        """Return the active speech level of all samples so far (ITU-T P.56)."""
        return self._meter.result()

    def _align(
        self,
        levels: Float32,
        frames: FrontEndFrames,
        speech: Float32,
        nuclei: NDArray[np.int8],
        tonal: NDArray[np.int8],
        music: NDArray[np.int8],
        clean: Float32,
    ) -> SideTicks:
        """Return the rows that all columns of a group have; keep the rest for later."""
        (levels, noise, decided, tonal), self._prompt = _ready(self._prompt, (levels, frames.noise, speech, tonal))
        (nuclei, music), self._later = _ready(self._later, (nuclei, music))
        return SideTicks(
            levels=levels,
            noise=noise,
            probability=decided[:, 0],
            speaking=decided[:, 1] > 0,
            tonal=tonal,
            nuclei=nuclei,
            music=music,
            bands=self._even_bands(frames),
            clean=clean,
        )

    def _even_bands(self, frames: FrontEndFrames) -> Float32:
        """Return the band levels of the next even ticks."""
        first = self._n_frames % 2
        self._n_frames += len(frames.features)
        return frames.features[first::2, BAND_LEVEL]


def _suppressor(name: str, sample_rate: int) -> "Suppressor":
    from dsp.speech.suppression import make_suppressor  # loads what only suppressed sound needs

    return make_suppressor(name, sample_rate)


def _ready(
    waiting: tuple[NDArray[Any], ...], fresh: tuple[NDArray[Any], ...]
) -> tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...]]:
    """Return the rows that every column has, and the remaining rows of each."""
    joined = [np.concatenate(pair) if len(pair[0]) else pair[1] for pair in zip(waiting, fresh, strict=True)]
    n_ready = min(len(column) for column in joined)
    return tuple(column[:n_ready] for column in joined), tuple(column[n_ready:].copy() for column in joined)
