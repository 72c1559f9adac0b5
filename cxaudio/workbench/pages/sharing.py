"""Share a call or one of its flags: choose what is in the file, see what is left out, and take it as HTML or PDF."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from cxaudio.archive.store.identity import METRIC_VERSION, row_id
from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.i18n import LANGUAGES
from cxaudio.workbench.reading.call_facts import CallFacts, call_facts
from cxaudio.workbench.serving.answers import Answer, file_answer, page, redirect
from cxaudio.workbench.serving.asked import Asked, Missing
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.sharing.anonymous import anonymous_facts, verdicts_by_flag
from cxaudio.workbench.sharing.call_html import call_html
from cxaudio.workbench.sharing.call_pdf import call_pdf
from cxaudio.workbench.sharing.clip_html import clip_html
from cxaudio.workbench.sharing.embedded_sound import LONGEST_S, embedded_sound, evidence_spans
from cxaudio.workbench.sharing.flag_in_words import figure_in_words, flag_name
from cxaudio.workbench.sharing.shared_names import SharedNames, shared_names
from cxaudio.workbench.sound.faults import SoundMissing
from cxaudio.workbench.sound.recordings import OpenCall

__all__ = ["ROUTES"]

T = TypeVar("T")

_SOUNDS = ("none", "evidence", "call")
_FLAC_SHARE = 0.55  # of 16-bit samples, about, for telephone sound
_BASE64 = 4 / 3
_LABELS = ("agent", "team", "queue", "direction", "file", "headset")
_NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What somebody chose for the file."""

    sound: Literal["none", "evidence", "call"]
    verdicts: bool
    notes: bool  # of the reviewers, which may hold names
    day: bool
    language: str

    @classmethod
    def of(cls, asked: Asked) -> "Choices":
        """Read the choices of a query.

        Raises
        ------
        UsageError
            If a value is not known.
        """
        sound = next((known for known in _SOUNDS if known == asked.query.first("sound", "none")), None)
        if sound is None:
            raise UsageError(f"sound = {asked.query.first('sound')[:20]!r} is not known; use {', '.join(_SOUNDS)}")
        language = asked.query.first("language", asked.language)
        if language not in LANGUAGES:
            raise UsageError(f"language = {language[:20]!r} is not known; use {', '.join(LANGUAGES)}")
        yes = {name: asked.query.first(name) == "1" for name in ("verdicts", "notes", "day")}
        return cls(
            sound=sound,  # type: ignore[arg-type]  # one of them
            verdicts=yes["verdicts"] or yes["notes"],
            notes=yes["notes"],
            day=yes["day"],
            language=language,
        )


def show_sharing(asked: Asked) -> Answer:
    """Show the choices, what is left out, and a button for each flag."""
    row = asked.call()
    found = _facts(asked, row)
    duration_s = float(row["duration_s"])
    flags = found.facts["flags"]
    spans = evidence_spans([(flag["start"], flag["end"]) for flag in flags], duration_s=duration_s)
    place = urlencode([(name, value) for name, value in asked.query if name in ("in", "sort", "calibration")])
    return page(
        asked,
        "sharing.html",
        script_words=("workbench_sharing.",),
        row=row,
        name=_names(asked).of(str(row["sound_id"])),
        back=f"/calls/{row['call_id']}" + (f"?{place}" if place else ""),
        left_out=[(label, str(row[label])) for label in _LABELS if row[label]],
        day=row["started_at"] and row["started_at"].date(),
        n_verdicts=len(_judged(asked, row)),
        no_sound=_why_no_sound(asked, row),
        too_long=duration_s > LONGEST_S,
        megabytes={
            "call": _megabytes(row, duration_s),
            "evidence": _megabytes(row, sum(end - start for start, end in spans)),
        },
        from_rows=found.origin == "rows",
        flags=[
            {
                "number": number,
                "start": flag["start"],
                "name": flag_name(flag, asked.words),
                "severity": flag["severity"],
                "measured": figure_in_words(flag["measured"], flag["unit"], asked.words),
            }
            for number, flag in enumerate(flags, 1)
        ],
    )


def send_page(asked: Asked) -> Answer:
    """Return the page of a call as a file."""
    row, choices = asked.call(), Choices.of(asked)
    facts = _anonymous(asked, row, choices)
    name = facts["call"]["id"]
    sound = None
    if choices.sound != "none":
        duration_s = float(facts["duration"])
        spans = [(flag["start"], flag["end"]) for flag in facts["flags"]]
        only = evidence_spans(spans, duration_s=duration_s) if choices.sound == "evidence" else None
        sound = _with_sound(asked, row, lambda call: embedded_sound(call.sound, only=only))
    content = call_html(facts, sound=sound, language=choices.language)
    return file_answer(content, media_type="text/html; charset=utf-8", filename=f"call-{name}.html", headers=_NO_STORE)


def send_pdf(asked: Asked) -> Answer:
    """Return a call on a sheet of A4."""
    row, choices = asked.call(), Choices.of(asked)
    facts = _anonymous(asked, row, choices)
    content = call_pdf(facts, language=choices.language, verdicts=choices.verdicts)
    filename = f"call-{facts['call']['id']}.pdf"
    return file_answer(content, media_type="application/pdf", filename=filename, headers=_NO_STORE)


def send_clip(asked: Asked) -> Answer:
    """Return one flag, ``n`` of the page's flags from 1, with its sound as a file."""
    row, choices = asked.call(), Choices.of(asked)
    facts = _anonymous(asked, row, choices)
    number = asked.query.integer("n", 0, low=0, high=1_000_000)
    if not 1 <= number <= len(facts["flags"]):
        raise Missing(f"n={number} is no flag of this call, which has {len(facts['flags'])}")
    flag = facts["flags"][number - 1]
    content = _with_sound(asked, row, lambda call: clip_html(facts, flag, sound=call.sound, language=choices.language))
    filename = f"clip-{facts['call']['id']}-{number}.html"
    return file_answer(content, media_type="text/html; charset=utf-8", filename=filename, headers=_NO_STORE)


def find_shared(asked: Asked) -> Answer:
    """Lead to the call that has a name for people outside."""
    name = asked.query.first("name").strip()
    sounds = asked.snapshot.arrow("SELECT sound_id FROM calls").column(0).to_pylist()
    sound_id = _names(asked).find(name, sounds)
    row = None if sound_id is None else asked.snapshot.call_of_sound(sound_id)
    if row is None:
        raise Missing(asked.words["workbench_sharing.not_found"].format(name=name[:40]))
    return redirect(f"/calls/{row['call_id']}")


ROUTES: tuple[Route, ...] = (
    Route("GET", "/calls/{call}/share", show_sharing),
    Route("GET", "/calls/{call}/share/page.html", send_page, audit="share"),
    Route("GET", "/calls/{call}/share/call.pdf", send_pdf, audit="share"),
    Route("GET", "/calls/{call}/share/clip.html", send_clip, audit="share"),
    Route("GET", "/shared", find_shared),
)


def _names(asked: Asked) -> SharedNames:
    return shared_names(asked.workbench.store, read_only=asked.workbench.options.read_only)


def _facts(asked: Asked, row: Mapping[str, Any]) -> CallFacts:
    return call_facts(asked.workbench.store, asked.snapshot, str(row["call_id"]))


def _judged(asked: Asked, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the verdicts about a call, without those of a calibration that still goes on."""
    return asked.snapshot.ask(
        "SELECT n, reviewer, verdict, note FROM judged_open WHERE call_id = ? AND n IS NOT NULL ORDER BY number",
        (row["call_id"],),
    )


def _anonymous(asked: Asked, row: Mapping[str, Any], choices: Choices) -> dict[str, Any]:
    verdicts = None
    if choices.verdicts:
        flags = asked.snapshot.ask(
            "SELECT n, type, rule, side, start_s FROM flags WHERE call_id = ?", (row["call_id"],)
        )
        verdicts = verdicts_by_flag(flags, _judged(asked, row), notes=choices.notes)
    day: date | None = row["started_at"].date() if choices.day and row["started_at"] else None
    name = _names(asked).of(str(row["sound_id"]))
    found = _facts(asked, row)
    return anonymous_facts(found.facts, name=name, day=day, verdicts=verdicts, from_rows=found.origin == "rows")


def _with_sound(asked: Asked, row: Mapping[str, Any], make: Callable[[OpenCall], T]) -> T:
    """Return what is made of the sound of a call.

    Raises
    ------
    UsageError
        If the recording cannot be read, or is no longer the one that was judged.
    """
    try:
        with asked.workbench.recordings.opened(row) as call:
            if row["metric_version"] == METRIC_VERSION:
                digest = asked.workbench.recordings.whole_peaks(call).sound_digest
                if row_id(digest, str(row["settings_digest"])) != row["call_id"]:
                    raise UsageError(asked.words["workbench_sound.changed"])
            return make(call)
    except SoundMissing as exc:
        raise UsageError(asked.words[f"workbench_sound.{exc.reason}"]) from exc
    except AudioFormatError as exc:
        raise UsageError(asked.words["workbench_sound.unreadable"]) from exc


def _why_no_sound(asked: Asked, row: Mapping[str, Any]) -> str | None:
    """Return why a call's sound cannot be shared; None where it can."""
    try:
        with asked.workbench.recordings.opened(row):
            return None
    except SoundMissing as exc:
        return asked.words[f"workbench_sound.{exc.reason}"]


def _megabytes(row: Mapping[str, Any], seconds: float) -> str:
    """Return about how large a page with so much sound is."""
    size = seconds * int(row["sample_rate_hz"] or 8000) * 4 * _FLAC_SHARE * _BASE64 / 1e6
    return f"{size + 0.3:.0f}" if size > 10 else f"{size + 0.3:.1f}"
