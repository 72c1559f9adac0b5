"""Cut a clip of a call out of its recording, at exact samples, as the bytes of a WAV."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxaudio.errors import UsageError
from cxaudio.workbench.sound.call_sound import CallSound
from cxaudio.workbench.sound.virtual_wav import wav_header

__all__ = ["FADE_S", "LONGEST_CLIP_S", "Heard", "clip_frames", "cut_clip"]

LONGEST_CLIP_S = 120.0
"""More is not evidence any more, and would hold the server up; chosen."""

FADE_S = 0.01
"""Fade at both ends of a part of a call, so that it does not click; chosen."""

Heard = Literal["both", "agent", "customer"]
"""Whose sound a clip has: both sides, agent left; or one side alone, in one channel."""


def clip_frames(sound: CallSound, from_s: float, to_s: float, *, margin_s: float = 0.0) -> tuple[int, int]:
    """Return the first frame of a clip and the first after it, inside the call.

    Parameters
    ----------
    sound : CallSound
        The call.
    from_s, to_s : float
        Seconds since the beginning of the call.
    margin_s : float
        Sound before and after.

    Raises
    ------
    UsageError
        If it is empty, outside of the call, or longer than `LONGEST_CLIP_S`.
    """
    if not -1e9 < from_s <= to_s < 1e9 or not 0 <= margin_s <= LONGEST_CLIP_S:
        raise UsageError(
            f"from_s={from_s:g}, to_s={to_s:g}, margin_s={margin_s:g} is no part of a call; give from < to"
        )
    start = max(round((from_s - margin_s) * sound.sample_rate), 0)
    stop = min(round((to_s + margin_s) * sound.sample_rate), sound.n_frames)
    if stop <= start:
        raise UsageError(
            f"from_s={from_s:g}, to_s={to_s:g} is outside of the call, which has {sound.duration_s:.3f} s; "
            "give a part of it"
        )
    if stop - start > LONGEST_CLIP_S * sound.sample_rate:
        raise UsageError(
            f"a clip of {(stop - start) / sound.sample_rate:.1f} s is longer than {LONGEST_CLIP_S:g} s; play the call"
        )
    return start, stop


def cut_clip(sound: CallSound, from_s: float, to_s: float, *, margin_s: float = 0.0, heard: Heard = "both") -> bytes:
    """Return part of a call as a 16-bit PCM WAV, faded in and out over 10 ms.

    Parameters
    ----------
    sound : CallSound
        The call.
    from_s, to_s, margin_s
        As for `clip_frames`.
    heard : {"both", "agent", "customer"}
        Whose sound.

    Returns
    -------
    bytes
        Two channels, agent left; or one channel with one side alone.

    Raises
    ------
    UsageError
        As `clip_frames`.
    AudioFormatError
        If the recording is damaged, or has changed since it was opened.
    """
    start, stop = clip_frames(sound, from_s, to_s, margin_s=margin_s)
    samples = _faded(sound.read(start, stop - start), round(FADE_S * sound.sample_rate))
    if heard != "both":
        samples = samples[:, :1] if heard == "agent" else samples[:, 1:]
    header = wav_header(sample_rate=sound.sample_rate, channels=samples.shape[1], n_frames=len(samples))
    return header + samples.astype("<i2", copy=False).tobytes()


def _faded(samples: NDArray[np.int16], length: int) -> NDArray[np.int16]:
    """Fade the ends of a clip linearly, at most a half each."""
    length = min(length, len(samples) // 2)
    if not length:
        return samples
    ramp = (np.arange(length) / length)[:, np.newaxis]
    samples[:length] = np.rint(samples[:length] * ramp)
    samples[-length:] = np.rint(samples[-length:] * ramp[::-1])
    return samples
