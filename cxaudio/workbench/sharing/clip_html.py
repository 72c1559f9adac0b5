"""A flag as one file: its stretch of the call as picture and sound, its figures and what it means; without names."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from cxaudio._version import __version__
from cxaudio.i18n import match_language, workbench_texts
from cxaudio.i18n.figures_in_words import clock_text
from cxaudio.sinks.web_files import digest, web_file
from cxaudio.workbench.sharing.embedded_sound import MARGIN_S, SOURCE_START, Sound, embedded_sound
from cxaudio.workbench.sharing.flag_in_words import flag_name, flag_rows, verdict_in_words
from cxaudio.workbench.sharing.speech_strip import Row, spans_in, tick_step_s
from cxaudio.workbench.sharing.waveform import waveform_path
from cxaudio.workbench.sound.clips import LONGEST_CLIP_S

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["clip_html", "clip_span"]

_WIDTH, _LANE, _BETWEEN = 1000, 76, 6


def clip_span(flag: Mapping[str, Any], *, duration_s: float, margin_s: float = MARGIN_S) -> Row:
    """Return the stretch of a clip: that of a flag, with some sound before and after it; of a long one the beginning.

    Parameters
    ----------
    flag : mapping
        With ``start`` and ``end``, seconds; an end of None is that of the call.
    duration_s : float
        Length of the call.
    margin_s : float
        Sound before and after.

    Examples
    --------
    >>> clip_span({"start": 10.0, "end": 12.5}, duration_s=14.0)
    Row(start_s=7.0, end_s=14.0)
    """
    end = duration_s if flag["end"] is None else flag["end"]
    start_s = max(0.0, flag["start"] - margin_s)
    return Row(start_s, min(duration_s, end + margin_s, start_s + LONGEST_CLIP_S))


def clip_html(facts: Mapping[str, Any], flag: Mapping[str, Any], *, sound: Sound | None, language: str = "en") -> bytes:
    """Return the page of a flag to be given away.

    Parameters
    ----------
    facts : mapping
        Of the call, as `cxaudio.workbench.sharing.anonymous.anonymous_facts` gives them.
    flag : mapping
        One of its flags, with a start.
    sound : Sound or None
        The call's recording; None: the page has no sound.
    language : str
        BCP 47 tag of the language of the page.

    Returns
    -------
    bytes
        HTML with a content security policy; it needs no network. The same input gives the same bytes.

    Raises
    ------
    AudioFormatError
        If the recording is damaged.
    """
    from markupsafe import Markup

    language = match_language(language)
    words = workbench_texts(language)
    row = clip_span(flag, duration_s=float(facts["duration"]))
    style, script = web_file("base.css") + web_file("workbench/shared_clip.css"), web_file("workbench/shared_clip.js")
    source, samples = ("", None) if sound is None else _sound(sound, row)
    text: str = _template().render(
        t=words,
        policy="; ".join(
            (
                "default-src 'none'",
                f"script-src '{digest(script)}'",
                f"style-src '{digest(style)}'",
                "img-src data:",
                "media-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
        style=Markup(style),
        script=Markup(script),
        name=facts["call"]["id"],
        day=facts["call"]["started_at"],
        place=f"{clock_text(row.start_s)}–{clock_text(row.end_s)}",
        title=flag_name(flag, words),
        severity=flag["severity"],
        severity_word=words[f"severity.{flag['severity']}"],
        meaning=words.get(f"rule_meaning.{flag['rule']}", ""),
        strip=_strip(facts, flag, row, samples, words),
        sound=source,
        sound_note=words["workbench_sharing.clip_sound" if source else "workbench_sharing.clip_silent"],
        verdict=verdict_in_words(flag.get("verdicts", ()), words),
        notes=flag.get("notes", ()),
        rows=flag_rows(flag, words),
        version=__version__,
    )
    return text.encode("utf-8", "replace")


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    source = files("cxaudio.workbench").joinpath("templates", "shared_clip.html").read_text(encoding="utf-8")
    return environment.from_string(source)


def _sound(sound: Sound, row: Row) -> "tuple[str, NDArray[np.int16]]":
    """Return the source of a clip's sound, and its samples."""
    start, stop = (min(round(edge * sound.sample_rate), sound.n_frames) for edge in row)
    content = embedded_sound(sound, start=start, stop=stop, only=[row])
    return SOURCE_START + b64encode(content).decode("ascii"), sound.read(start, stop - start)


class _Bar(NamedTuple):
    """A stretch on the strip."""

    x: float
    width: float


def _strip(
    facts: Mapping[str, Any],
    flag: Mapping[str, Any],
    row: Row,
    samples: "NDArray[np.int16] | None",
    words: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the template draws: a lane for each side, the flag, holds, and times."""
    duration_s = float(facts["duration"])
    mix = (facts["call"].get("source") or {}).get("role_source") == "mono"
    lanes: list[dict[str, Any]] = []
    for side in facts["present"]:
        y = len(lanes) * (_LANE + _BETWEEN)
        edges = facts["speech"].get(side, [])
        spans = [{"start": a, "end": b} for a, b in zip(edges[::2], edges[1::2], strict=True)]
        own = None if samples is None else samples[:, 0 if side == "agent" else 1]
        lanes.append(
            {
                "side": side,
                "name": words["side.Mix" if mix else f"side.{side.capitalize()}"],
                "y": y,
                "height": _LANE,
                "wave": "" if own is None else waveform_path(own, width=_WIDTH, height=_LANE - 10, top=y + 3),
                "speech": list(_bars(spans, row, duration_s)),
            }
        )
    bottom = len(lanes) * (_LANE + _BETWEEN) - _BETWEEN
    return {
        "width": _WIDTH,
        "height": bottom + 24,
        "bottom": bottom,
        "start_s": row.start_s,
        "length_s": round(row.end_s - row.start_s, 3),
        "lanes": lanes,
        "holds": list(_bars(facts["holds"], row, duration_s)),
        "flag": next(_bars([flag], row, duration_s), _Bar(0, 0)),
        "ticks": list(_ticks(row)),
    }


def _bars(items: Sequence[Mapping[str, Any]], row: Row, duration_s: float) -> Iterator[_Bar]:
    for start, end, _ in spans_in(items, row, duration_s=duration_s):
        yield _Bar(round(start * _WIDTH, 1), round(max(1.0, (end - start) * _WIDTH), 1))


def _ticks(row: Row) -> Iterator[dict[str, Any]]:
    length_s = row.end_s - row.start_s
    step_s = tick_step_s(length_s)
    at_s = -(-row.start_s // step_s) * step_s
    while length_s > 0 and at_s <= row.end_s:
        x = (at_s - row.start_s) / length_s * _WIDTH
        if 16 < x < _WIDTH - 16:  # its text has room
            yield {"x": round(x, 1), "text": clock_text(at_s, tenths=step_s < 1)}
        at_s += step_s
