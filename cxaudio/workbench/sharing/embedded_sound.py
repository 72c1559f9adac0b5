"""Sound of a call inside a page: as FLAC, which every browser of today plays and which loses nothing; without tags."""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from cxaudio.errors import UsageError
from cxaudio.workbench.sound.clips import FADE_S

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LONGEST_S", "MARGIN_S", "SOURCE_START", "Sound", "embedded_sound", "evidence_spans"]

LONGEST_S = 2 * 3600.0
"""Of the sound in a page. Chosen: an hour of telephone sound makes a page of about 60 MB, and browsers open 200 MB."""

SOURCE_START = "data:audio/flac;base64,"
"""What the source of such a sound begins with; Base64 of the sound follows."""

MARGIN_S = 3.0
"""Sound before and after a flag that is shared with it; chosen: enough to follow what was said."""

_FRAMES_AT_ONCE = 1 << 18


class Sound(Protocol):
    """The open recording of a call."""

    @property
    def sample_rate(self) -> int:
        """Return the rate in Hz."""
        ...

    @property
    def n_frames(self) -> int:
        """Return the length."""
        ...

    def read(self, start: int, n_frames: int) -> "NDArray[np.int16]":
        """Return samples of shape (n_frames, 2), agent first."""
        ...


def embedded_sound(
    sound: Sound,
    *,
    start: int = 0,
    stop: int | None = None,
    only: Iterable[tuple[float, float]] | None = None,
) -> memoryview:
    """Return the sound of a call for a page that holds it.

    Parameters
    ----------
    sound : Sound
        The call.
    start, stop : int
        First frame and the first after the last; the whole call where they are left out.
    only : iterable of (start, end), optional
        Seconds since the beginning of the call: outside of these stretches there is silence, as long as the sound was.

    Returns
    -------
    memoryview
        A FLAC file of two channels, agent left, at the recording's rate; the same sound gives the same bytes.

    Raises
    ------
    UsageError
        If it is longer than `LONGEST_S`.
    AudioFormatError
        If the recording is damaged.
    """
    import soundfile

    stop = sound.n_frames if stop is None else min(stop, sound.n_frames)
    length_s = (stop - start) / sound.sample_rate
    if length_s > LONGEST_S:
        raise UsageError(
            f"{length_s / 3600:.1f} h of sound are too much for a page, which may hold {LONGEST_S / 3600:.0f} h; share "
            "the flags' stretches, or one clip"
        )
    spans = None if only is None else [(round(a * sound.sample_rate), round(b * sound.sample_rate)) for a, b in only]
    out = io.BytesIO()
    with soundfile.SoundFile(
        out, "w", samplerate=sound.sample_rate, channels=2, format="FLAC", subtype="PCM_16"
    ) as file:
        for at, samples in _pieces(sound, start, stop):
            file.write(samples if spans is None else _masked(samples, at, spans, round(FADE_S * sound.sample_rate)))
    return out.getbuffer()


def evidence_spans(
    flags: Iterable[tuple[float, float | None]], *, duration_s: float, margin_s: float = MARGIN_S
) -> list[tuple[float, float]]:
    """Return the stretches of flags with what is before and after them, joined where they touch.

    Parameters
    ----------
    flags : iterable of (start, end)
        Seconds; an end of None is that of the call.
    duration_s : float
        Length of the call.
    margin_s : float
        Sound before and after each.

    Examples
    --------
    >>> evidence_spans([(10.0, 12.0), (17.0, None), (1.0, 2.0)], duration_s=20.0)
    [(0.0, 5.0), (7.0, 20.0)]
    """
    joined: list[tuple[float, float]] = []
    for start, end in sorted((start, duration_s if end is None else end) for start, end in flags):
        first, last = max(0.0, start - margin_s), min(duration_s, end + margin_s)
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _pieces(sound: Sound, start: int, stop: int) -> "Iterator[tuple[int, NDArray[np.int16]]]":
    for at in range(start, stop, _FRAMES_AT_ONCE):
        yield at, sound.read(at, min(_FRAMES_AT_ONCE, stop - at))


def _masked(samples: "NDArray[np.int16]", at: int, spans: Iterable[tuple[int, int]], fade: int) -> "NDArray[np.int16]":
    """Return samples with silence outside of spans, faded at their edges."""
    import numpy as np

    place = np.arange(at, at + len(samples))
    gain = np.zeros(len(samples))
    for first, last in spans:
        if first < at + len(samples) and last > at:
            gain = np.maximum(gain, np.clip(np.minimum(place - first, last - 1 - place) / max(fade, 1), 0.0, 1.0))
    return np.rint(samples * gain[:, np.newaxis]).astype(np.int16)
