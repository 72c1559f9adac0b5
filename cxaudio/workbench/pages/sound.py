"""The sound of a call: as a WAV that any part of can be asked for, as clips, and as the peaks of its waveform."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from cxaudio.archive.store.identity import METRIC_VERSION, row_id
from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.workbench.serving.answers import Answer, json_answer
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.sound.byte_ranges import asked_range
from cxaudio.workbench.sound.clips import Heard, cut_clip
from cxaudio.workbench.sound.faults import SoundMissing, SoundRefused
from cxaudio.workbench.sound.peaks import FINEST_S, MOST_BINS, WholePeaks, peaks_of_part
from cxaudio.workbench.sound.recordings import OpenCall
from cxaudio.workbench.sound.virtual_wav import VirtualWav

__all__ = ["ROUTES", "send_clip", "send_peaks", "send_sound"]

_MOST_BYTES = 1 << 20
"""Of one answer to a request for a range: 33 s of sound at 8 kHz. A browser asks for the next part when it needs it,
and keeps no thread and no file of the server until then."""

_MOST_S = 0.5
"""Time that is spent on the waveform of a call in one answer."""

_NOT_ON_DISK = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def send_sound(asked: Asked) -> Answer:
    """Return the call as a WAV, or the part of it that ``Range`` names, at most 1 MiB at once."""
    return _answered(asked, lambda call: _sound(asked, call))


def send_clip(asked: Asked) -> Answer:
    """Return the part of a call from ``from_s`` to ``to_s``, with ``margin_s`` more at both ends.

    ``heard`` is ``both``, ``agent`` or ``customer``.
    """
    from_s, to_s = _seconds(asked, "from_s", None), _seconds(asked, "to_s", None)
    margin_s = _seconds(asked, "margin_s", 0.0)
    whose = asked.query.first("heard", "both")
    heard = next((known for known in get_args(Heard) if known == whose), None)
    if heard is None:
        raise UsageError(f"heard={whose[:40]} is not known; use both, agent or customer")

    def clip(call: OpenCall) -> Answer:
        content = cut_clip(call.sound, from_s, to_s, margin_s=margin_s, heard=heard)
        return Answer(content=content, media_type="audio/wav", headers=_NOT_ON_DISK)

    return _answered(asked, clip)


def send_peaks(asked: Asked) -> Answer:
    """Return the peaks of a call between ``from_s`` and ``to_s`` in ``n`` parts, and whether it is still that sound."""
    n = asked.query.integer("n", 1_000, low=1, high=MOST_BINS)
    from_s, to_s = _seconds(asked, "from_s", 0.0), _seconds(asked, "to_s", float("inf"))
    return _answered(asked, lambda call: _peaks(asked, call, from_s, to_s, n))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/calls/{call}/sound.wav", send_sound, audit="hear call", own_view=True),
    Route("GET", "/calls/{call}/clip.wav", send_clip, audit="hear call", own_view=True),
    Route("GET", "/calls/{call}/peaks.json", send_peaks, own_view=True),
)


def _answered(asked: Asked, answer: Callable[[OpenCall], Answer]) -> Answer:
    """Return an answer made of a call's sound, or why there is none: 403 where it may not be opened, else 404."""
    row = asked.call()
    try:
        with asked.workbench.recordings.opened(row) as call:
            return answer(call)
    except SoundMissing as exc:
        reason, status = exc.reason, 403 if isinstance(exc, SoundRefused) else 404
    except AudioFormatError:
        reason, status = "unreadable", 404
    return json_answer({"error": asked.words[f"workbench_sound.{reason}"], "reason": reason}, status=status)


def _sound(asked: Asked, call: OpenCall) -> Answer:
    wav = VirtualWav(call.sound)
    tag = f'"{call.tag}"'
    headers = {**_NOT_ON_DISK, "accept-ranges": "bytes", "etag": tag}
    get = asked.headers.get
    found = asked_range(get("range"), n_bytes=wav.n_bytes, if_range=get("if-range"), tag=tag)
    if found is None:
        headers["content-length"] = str(wav.n_bytes)
        return Answer(content=_whole(asked, call.tag, wav.n_bytes), media_type="audio/wav", headers=headers)
    if found.stop == 0:
        headers["content-range"] = f"bytes */{wav.n_bytes}"
        return Answer(content=b"", media_type="audio/wav", status=416, headers=headers)
    stop = min(found.stop, found.start + _MOST_BYTES)
    headers["content-range"] = f"bytes {found.start}-{stop - 1}/{wav.n_bytes}"
    return Answer(content=wav.read(found.start, stop), media_type="audio/wav", status=206, headers=headers)


def _whole(asked: Asked, tag: str, n_bytes: int) -> Iterator[bytes]:
    """Yield the whole file; the recording is not held open between the parts, however slowly they are taken."""
    row = asked.call()
    for start in range(0, n_bytes, _MOST_BYTES):
        with asked.workbench.recordings.opened(row) as call:
            if call.tag != tag:
                return  # another recording has its place now: the browser sees that the file ends too early
            part = VirtualWav(call.sound).read(start, min(start + _MOST_BYTES, n_bytes))
        yield part


def _peaks(asked: Asked, call: OpenCall, from_s: float, to_s: float, n: int) -> Answer:
    sound = call.sound
    to_s = min(to_s, sound.duration_s)
    if from_s >= to_s:
        raise UsageError(
            f"from_s={from_s:g} is not before the end at {to_s:.3f} s; the call has {sound.duration_s:.3f} s"
        )
    recordings = asked.workbench.recordings
    if to_s - from_s < n * FINEST_S:
        peaks, known_to_s = peaks_of_part(sound, from_s, to_s, n), to_s
    else:
        known = recordings.peaks(call, most_s=_MOST_S)
        peaks, known_to_s = known.part(from_s, to_s, n), min(known.known_to_s, to_s)
    changed = _changed(asked.call(), recordings.known_peaks(call))
    warning = "changed" if changed else None if call.is_current else "not_judged_again"
    values: dict[str, Any] = peaks.to_dict() | {
        "known_to_s": known_to_s,  # what is later was not read yet: ask again
        "duration_s": sound.duration_s,
        "sample_rate_hz": sound.sample_rate,
        "two_sided": sound.two_sided,
        "changed": changed,
        "warning": warning and asked.words[f"workbench_sound.{warning}"],
    }
    answer = json_answer(values)
    return Answer(content=answer.content, media_type=answer.media_type, headers=_NOT_ON_DISK)


def _changed(row: Mapping[str, Any], whole: WholePeaks | None) -> bool | None:
    """Return whether the recording is another than the one that was judged; None while nobody knows."""
    if whole is None or row["metric_version"] != METRIC_VERSION:
        return None
    return row_id(whole.sound_digest, str(row["settings_digest"])) != str(row["call_id"])


def _seconds(asked: Asked, name: str, default: float | None) -> float:
    """Return a time of the query in seconds, 0 or more.

    Raises
    ------
    UsageError
        If it is none, or is missing where there is no default.
    """
    text = asked.query.first(name)
    if not text and default is not None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise UsageError(f"{name}={text[:40]} must be seconds from 0 on")
    return value
