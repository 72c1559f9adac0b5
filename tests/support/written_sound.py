"""Two made voices, written in every format that is read."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FORMATS = {  # name of a file: libsndfile's format and subtype, and the channels it is tested with
    "pcm16.wav": ("WAV", "PCM_16", 2),
    "pcm24.wav": ("WAV", "PCM_24", 2),
    "pcm8.wav": ("WAV", "PCM_U8", 2),
    "float.wav": ("WAV", "FLOAT", 2),
    "mulaw.wav": ("WAV", "ULAW", 2),
    "alaw.wav": ("WAV", "ALAW", 2),
    "ima.wav": ("WAV", "IMA_ADPCM", 2),
    "ms.wav": ("WAV", "MS_ADPCM", 2),
    "gsm.wav": ("WAV", "GSM610", 1),
    "g721.wav": ("WAV", "G721_32", 1),
    "rf64.wav": ("RF64", "PCM_16", 2),
    "call.w64": ("W64", "PCM_16", 2),
    "call.flac": ("FLAC", "PCM_16", 2),
    "vorbis.ogg": ("OGG", "VORBIS", 2),
    "opus.ogg": ("OGG", "OPUS", 2),
    "call.mp3": ("MP3", "MPEG_LAYER_III", 2),
    "call.au": ("AU", "ULAW", 2),
    "call.aiff": ("AIFF", "PCM_16", 2),
    "call.caf": ("CAF", "ALAC_16", 2),
}


def two_voices(seconds: float, sample_rate: int = 8_000, *, seed: int = 1) -> NDArray[np.float32]:
    """Bursts of noise and of a tone, other ones on each side; shape ``(n, 2)``."""
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    noise = np.random.default_rng(seed).normal(size=len(t)) * np.clip(np.sin(2 * np.pi * 0.7 * t + 1), 0, 1)
    tone = np.sin(2 * np.pi * (220 + 40 * np.sin(t)) * t) * np.clip(np.sin(2 * np.pi * 0.4 * t), 0, 1)
    return (0.3 * np.stack((tone, noise), axis=1)).clip(-0.99, 0.99).astype(np.float32)


def write_sound(path: Path, x: NDArray[np.float32], sample_rate: int = 8_000, *, form: str, codec: str) -> Path:
    """Write sound in any format; in pieces, since libsndfile cannot take much Vorbis at once."""
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(path, "w", sample_rate, x.shape[1], format=form, subtype=codec) as file:
        for start in range(0, len(x), 4_000):
            file.write(x[start : start + 4_000])
    return path
