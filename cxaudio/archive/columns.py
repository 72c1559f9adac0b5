"""The columns of the store's tables: name, type and meaning; one place for writer, reader, documentation and tests.

Names are stable and flat and hold their unit. A column that is added gets a new minor schema and is null in older rows.
"""

from typing import Literal, NamedTuple

__all__ = ["CALLS", "EVENTS", "STORE_SCHEMA", "Column"]

STORE_SCHEMA = 1
"""Version of the columns; `store.json` and each file name it."""


class Column(NamedTuple):
    """One column."""

    name: str
    type: Literal["text", "integer", "number", "boolean", "time"]
    meaning: str


def _side(side: str) -> tuple[Column, ...]:
    return (
        Column(f"{side}_speech_s", "number", f"speech of the {side}, holds left out"),
        Column(f"{side}_articulation_rate", "number", "syllables/s without pauses; null: unknown"),
        Column(f"{side}_articulation_rate_std_error", "number", "its standard error"),
        Column(f"{side}_speaking_rate", "number", "syllables/s of turn time"),
        Column(f"{side}_response_n", "integer", "replies that were timed"),
        Column(f"{side}_response_median_s", "number", "median response time"),
        Column(f"{side}_response_p90_s", "number", "90th percentile of it"),
        Column(f"{side}_interruptions", "integer", "interruptions and butt-ins of the other"),
        Column(f"{side}_backchannels", "integer", "signs of listening"),
        Column(f"{side}_level_dbov", "number", "active speech level"),
        Column(f"{side}_noise_dbov", "number", "noise level"),
        Column(f"{side}_snr_db", "number", "speech over noise"),
    )


CALLS: tuple[Column, ...] = (
    Column("call_id", "text", "SHA-256 of sound, settings and metric version, 64 hex digits"),
    Column("sound_id", "text", "name of the call by its sound, as in its report: call-..."),
    Column("settings_digest", "text", "of the settings that it was judged with"),
    Column("metric_version", "integer", "version of what is measured"),
    Column("file", "text", "name of its recording: hashed, or plain with --file-names plain"),
    Column("agent", "text", "label: who the agent is"),
    Column("team", "text", "label"),
    Column("queue", "text", "label"),
    Column("direction", "text", "label: inbound or outbound"),
    Column("started_at", "time", "UTC; null: unknown"),
    Column("language", "text", "BCP 47"),
    Column("role_source", "text", "how it was decided whose channel is whose"),
    Column("headset", "text", "profile of the agent's headset"),
    Column("sample_rate_hz", "integer", "rate at which it was analysed"),
    Column("duration_s", "number", "length of the recording"),
    Column("hold_s", "number", "of it in holds, paused, or not recorded"),
    Column("two_sided", "boolean", "false: figures of both sides are null"),
    Column("talk_share_agent", "number", "agent's part of the speech, 0..1"),
    Column("overlap_share", "number", "part of the call without holds in which both speak, 0..1"),
    Column("silence_share", "number", "share of long silences from the first word to the last, holds left out, 0..1"),
    Column("in_step_share", "number", "part of the time with known paces in which they fit; null: never known"),
    Column("pace_known_s", "number", "time in which both paces are known; its part in step is `in_step_share`"),
    *_side("agent"),
    *_side("customer"),
    Column("n_note", "integer", "flags that are notes"),
    Column("n_flag", "integer", "flags"),
    Column("n_severe", "integer", "severe flags"),
    Column("n_whole_call", "integer", "limits of the whole call that were broken"),
    Column("n_nudges", "integer", "nudges that a live agent would have been shown"),
    Column("rules", "text", "rules with a flag or a severe flag, with blanks between"),
    Column("whole_call_rules", "text", "limits of the whole call that were broken, with blanks between"),
    Column("notices", "text", "kinds of faults of the sound, with blanks between"),
    Column("sentence", "text", "how the call went, in English"),
    Column("timeline", "text", "60 letters for equal parts of the call: a, c, b (both), h (hold), - (silence)"),
)

EVENTS: tuple[Column, ...] = (
    Column("call_id", "text", "row of calls"),
    Column("n", "integer", "number of the event in its call, from 0"),
    Column(
        "type",
        "text",
        "turn, overlap, backchannel, response, silence, hold, line_sound, dropout, tempo, flag, whole_call, nudge or "
        "notice",
    ),
    Column("start_s", "number", "from the start of the call"),
    Column("end_s", "number", "null: until the end of the call"),
    Column("decided_at_s", "number", "when it could first be known"),
    Column("side", "text", "agent or customer: who did it; null: both, or neither"),
    Column("kind", "text", "of an overlap, hold, line sound or notice; state of the tempo; message key of a nudge"),
    Column("rule", "text", "of a flag, a nudge, or a limit of the whole call"),
    Column("severity", "text", "note, flag or severe"),
    Column("measured", "number", "figure of a flag or notice; seconds of a response"),
    Column("limit_value", "number", "the limit that it passed"),
    Column("unit", "text", "of measured and limit_value"),
    Column("detail", "text", "JSON of all other fields, as in report.json"),
)
