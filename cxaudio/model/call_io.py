"""Write the identity of a call as plain values and read it back; it is nested in files and flat in `CallInfo`."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from cxaudio.model.blocks import CallInfo
from cxaudio.model.events import Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.timebase import Timebase

__all__ = ["CALL_SCHEMA", "call_from_dict", "call_to_dict"]


def call_to_dict(call: CallInfo) -> dict[str, Any]:
    """Return the identity of a call as plain values; notices are events and stand elsewhere.

    `headset_facts` is included only where something was measured.
    """
    values: dict[str, Any] = {
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
    if call.headset_facts is not None:
        values["headset_facts"] = asdict(call.headset_facts)
    return values


def call_from_dict(values: Mapping[str, Any]) -> CallInfo:
    """Read what `call_to_dict` wrote.

    Raises
    ------
    KeyError
        If a part is missing.
    """
    source = values["source"]
    facts = values.get("headset_facts")
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
        headset_facts=None if facts is None else HeadsetFacts(**facts),
        role_source=source["role_source"],
        two_sided=values["two_sided"],
    )


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


_CHANNEL = {"type": ["integer", "null"], "minimum": 0, "description": "Channel of the source, counted from 0."}
_RATE = {"type": "integer", "minimum": 0}
CALL_SCHEMA = _object(
    id={"type": "string"},
    language={"type": "string", "description": "BCP 47"},
    started_at={"type": ["string", "null"], "description": "UTC, ISO 8601"},
    sample_rate_hz={"enum": [8000, 16000]},
    two_sided={"type": "boolean"},
    source=_object(
        kind={"enum": ["wav", "wav-pair", "live", "synthetic"]},
        channels=_object(**{side.label: _CHANNEL for side in Side}),
        rates_hz=_object(**{side.label: _RATE for side in Side}),
        role_source={"type": "string", "description": "How it was decided whose channel is whose."},
    ),
    headset={"type": ["string", "null"]},
    duration_s={"type": "number", "minimum": 0},
)
"""JSON Schema of ``call`` in `report.json`; there ``duration_s`` is added to the values of `call_to_dict`."""
CALL_SCHEMA["properties"]["headset_facts"] = _object(
    wideband={"type": ["boolean", "null"]},
    microphone_noise_dbov={"type": ["number", "null"]},
    coupling_loss_db={"type": ["number", "null"]},
    round_trip_s={"type": ["number", "null"]},
    noise_gate={"type": ["boolean", "null"]},
)
