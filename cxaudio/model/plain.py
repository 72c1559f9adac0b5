"""The parts of a report as plain values, as `report.json` holds them: seconds, rounded numbers, None where unknown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cxaudio.model.accommodation import Accommodation
from cxaudio.model.blocks import CallInfo
from cxaudio.model.event_io import event_to_dict, rounded
from cxaudio.model.events import Event, Severity, Side
from cxaudio.model.folds import FlagSummary, NudgeSummary
from cxaudio.model.side_summary import ResponseTimes, SideSummary
from cxaudio.model.timebase import Timebase
from cxaudio.model.whole_call import WholeCall, WholeCallFlag

__all__ = [
    "call_from_dict",
    "call_to_dict",
    "event_values",
    "flag_to_dict",
    "nudge_to_dict",
    "side_to_dict",
    "whole_call_to_dict",
]


def call_to_dict(call: CallInfo) -> dict[str, Any]:
    """Identity of a call as plain values."""
    return {
        "id": call.call_id,
        "language": call.language,
        "started_at": None if call.started_at is None else call.started_at.isoformat().replace("+00:00", "Z"),
        "sample_rate_hz": call.timebase.sample_rate,
        "two_sided": call.two_sided,
        "source": {
            "kind": call.origin,
            "channels": {side.label: call.channels[side] for side in Side},
            "rates_hz": {side.label: call.source_rates[side] for side in Side},
            "role_source": call.role_source,
        },
        "headset": call.headset,
    }


def call_from_dict(values: Mapping[str, Any]) -> CallInfo:
    """Read back what `call_to_dict` gave; notices are events and come by themselves.

    Raises
    ------
    KeyError
        If a part is missing.
    """
    source = values["source"]
    started_at = values["started_at"]
    return CallInfo(
        call_id=values["id"],
        origin=source["kind"],
        language=values["language"],
        started_at=None if started_at is None else datetime.fromisoformat(started_at),
        timebase=Timebase(values["sample_rate_hz"]),
        source_rates=(source["rates_hz"]["agent"], source["rates_hz"]["customer"]),
        channels=(source["channels"]["agent"], source["channels"]["customer"]),
        headset=values["headset"],
        role_source=source["role_source"],
        two_sided=values["two_sided"],
    )


def event_values(event: Event, clock: Timebase) -> dict[str, Any]:
    """An event without its type, as it stands in a list of its kind."""
    values = event_to_dict(event, clock)
    del values["type"]
    return values


def side_to_dict(summary: SideSummary, clock: Timebase, *, two_sided: bool, spurt_min_nuclei: int) -> dict[str, Any]:
    """One side; what needs the other is left out where `two_sided` is False.

    Parameters
    ----------
    summary : SideSummary
        The side.
    clock : Timebase
        The call's clock.
    two_sided : bool
        Whether there is another side.
    spurt_min_nuclei : int
        A turn with fewer syllables has no rate.
    """
    out: dict[str, Any] = {
        "speech": [
            [clock.seconds(s.start), clock.seconds(s.start if s.end is None else s.end)] for s in summary.spurts
        ],
        "speech_s": summary.speech_s,
    }
    if two_sided:
        out["talk_share"] = rounded("share", summary.talk_share)
    out["syllables"] = summary.syllables
    for key in ("articulation_rate", "speaking_rate", "baseline_rate"):
        out[key] = rounded(key, getattr(summary, key))
    out["turns"] = []
    for turn in summary.turns:
        values = event_values(turn, clock)
        del values["side"]
        known = turn.n_nuclei >= spurt_min_nuclei and values["speech_s"] > 0
        values["articulation_rate"] = rounded("rate", turn.n_nuclei / values["speech_s"]) if known else None
        out["turns"].append(values)
    if two_sided:
        out["response_times"] = _responses_to_dict(summary.response_times)
        out["interruptions"] = summary.interruptions
        out["backchannels"] = summary.backchannels
    for key in ("level_dbov", "noise_dbov", "snr_db"):
        out[key] = rounded(key, getattr(summary, key))
    return out


def _responses_to_dict(times: ResponseTimes | None) -> dict[str, Any]:
    assert times is not None  # a two-sided call has them
    return {"n": times.n, "median_s": _seconds(times.median_s), "p90_s": _seconds(times.p90_s)}


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3) + 0.0


def flag_to_dict(flag: FlagSummary, clock: Timebase) -> dict[str, Any]:
    """A flag from raise to end, with its steps."""
    return {
        "id": flag.flag_id,
        "rule": flag.rule,
        "start": clock.seconds(flag.start),
        "end": None if flag.end is None else clock.seconds(flag.end),
        "decided_at": clock.seconds(flag.decided_at),
        "severity": flag.severity.value,
        "side": flag.side.label,
        "measured": rounded("measured", flag.measured),
        "limit": rounded("limit", flag.limit),
        "unit": flag.unit,
        "evidence": _evidence(flag.evidence),
        "steps": [
            {
                "severity": step.severity.value,
                "at": clock.seconds(step.at),
                "measured": rounded("measured", step.measured),
                "limit": rounded("limit", step.limit),
                "unit": step.unit,
            }
            for step in flag.steps
        ],
    }


def nudge_to_dict(nudge: NudgeSummary, clock: Timebase) -> dict[str, Any]:
    """A nudge from shown to gone."""
    return {
        "id": nudge.nudge_id,
        "rule": nudge.rule,
        "shown_at": clock.seconds(nudge.shown_at),
        "gone_at": None if nudge.gone_at is None else clock.seconds(nudge.gone_at),
        "message_key": nudge.message_key,
        "flag_id": nudge.flag_id,
        "decided_at": clock.seconds(nudge.decided_at),
        "evidence": _evidence(nudge.evidence),
    }


def _evidence(values: Mapping[str, float | str | None]) -> dict[str, float | str | None]:
    return {key: rounded(key, v) if isinstance(v, float) else v for key, v in values.items()}


def whole_call_to_dict(whole: WholeCall) -> dict[str, Any]:
    """Shares, accommodation and the flags of the whole call."""
    return {
        "talk_share_agent": rounded("share", whole.talk_share_agent),
        "overlap_share": rounded("share", whole.overlap_share),
        "silence_share": rounded("share", whole.silence_share),
        "response_median_s": _seconds(whole.response_median_s),
        "interruptions": whole.interruptions,
        "interruptions_per_min": rounded("per_min", whole.interruptions_per_min),
        "accommodation": _accommodation_to_dict(whole.accommodation),
        "flags": [_whole_flag_to_dict(flag) for flag in whole.flags],
    }


def _accommodation_to_dict(found: Accommodation) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int) else rounded(name, value)
        for name in Accommodation.__dataclass_fields__
        for value in [getattr(found, name)]
    }


def _whole_flag_to_dict(flag: WholeCallFlag) -> dict[str, Any]:
    return {
        "rule": flag.rule,
        "severity": Severity.FLAG.value,
        "side": None if flag.side is None else flag.side.label,
        "measured": rounded("measured", flag.measured),
        "limit": rounded("limit", flag.limit),
        "unit": flag.unit,
    }
