"""Leave out of a call's facts what says who spoke, when, and which recording it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

__all__ = ["FlagKey", "SharedVerdict", "anonymous_facts", "verdicts_by_flag"]

_KEPT = (
    "duration",
    "two_sided",
    "present",
    "sides",
    "speech",
    "speech_syllables",
    "turns",
    "rates",
    "levels",
    "limits",
    "whole_call",
    "overlaps",
    "silences",
    "holds",
    "dropouts",
    "flags",
    "nudges",
    "notices",
    "responses",
    "tempo",
    "line_sounds",
    "versions",
    "head",
)
"""What is timing, rate and level only. Whatever else a page holds, also one of a later version, is left out."""


class FlagKey(NamedTuple):
    """What finds a flag of a page among the rows of a call."""

    type: str  # flag or whole_call
    rule: str
    side: str | None
    start_s: float | None  # None: of the whole call


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedVerdict:
    """What one reviewer decided, without the name."""

    decision: str
    note: str = ""


def anonymous_facts(
    facts: Mapping[str, Any],
    *,
    name: str,
    day: date | None = None,
    verdicts: Mapping[FlagKey, Iterable[SharedVerdict]] | None = None,
    from_rows: bool = False,
) -> dict[str, Any]:
    """Return the facts of a call's page without anything that leads to a person or to the recording.

    Parameters
    ----------
    facts : mapping
        As `cxaudio.workbench.reading.call_facts.call_facts` gives them.
    name : str
        What the call is named in place of its number, which is a digest of its sound.
    day : date, optional
        When the call was; the time of the day is always left out.
    verdicts : mapping, optional
        Verdicts to be shown, by flag.
    from_rows : bool
        The call has no page in the store, and what is shared says so.

    Returns
    -------
    dict
        Neither names of agents and files, nor numbers of the call, nor the profile of the headset, nor texts of the
        user's own settings.

    Examples
    --------
    >>> facts = {"call": {"id": "call-0", "language": "en", "headset": "own"}, "flags": [], "path": "/x"}
    >>> found = anonymous_facts(facts, name="6RND")
    >>> found["call"]["id"], found["call"]["headset"], "path" in found
    ('6RND', None, False)
    """
    call = facts["call"]
    settings = facts.get("settings", {})
    kept: dict[str, Any] = {key: facts[key] for key in _KEPT if key in facts}
    kept["call"] = {
        "id": name,
        "language": call["language"],
        "started_at": None if day is None else day.isoformat(),
        "sample_rate_hz": call.get("sample_rate_hz"),
        "two_sided": call.get("two_sided"),
        "source": {"role_source": (call.get("source") or {}).get("role_source")},
        "headset": None,
    }
    # Without the digest: that of a company's own settings would be its name.
    kept["settings"] = {
        "policy": settings.get("policy", call["language"]),
        "values": _numbers(settings.get("values", {})),
    }
    kept["from_rows"] = from_rows
    kept["flags"] = [_with_verdicts(flag, "flag", verdicts) for flag in facts["flags"]]
    whole = facts.get("whole_call") or {}
    if whole:
        flags = [_with_verdicts(flag, "whole_call", verdicts) for flag in whole.get("flags", ())]
        kept["whole_call"] = {**whole, "flags": flags}
    return kept


def verdicts_by_flag(
    flags: Iterable[Mapping[str, Any]], judged: Iterable[Mapping[str, Any]], *, notes: bool = False
) -> dict[FlagKey, list[SharedVerdict]]:
    """Return the newest verdict of each reviewer about each flag of a call, without the names of the reviewers.

    Parameters
    ----------
    flags : iterable of mapping
        Rows of flags: ``n``, ``type``, ``rule``, ``side``, ``start_s``.
    judged : iterable of mapping
        Rows of verdicts in their order: ``n``, ``reviewer``, ``verdict``, ``note``.
    notes : bool
        Also what reviewers wrote, which may hold names.
    """
    newest = {(each["n"], each["reviewer"]): each for each in judged}
    found: dict[FlagKey, list[SharedVerdict]] = {}
    for flag in flags:
        start_s = None if flag["type"] == "whole_call" else flag["start_s"]
        key = FlagKey(flag["type"], flag["rule"], flag["side"], start_s)
        for (n, _), each in sorted(newest.items(), key=lambda item: str(item[1]["verdict"])):
            if n == flag["n"]:
                note = (each["note"] or "") if notes else ""
                found.setdefault(key, []).append(SharedVerdict(decision=each["verdict"], note=note))
    return found


def _numbers(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are no texts: wordings can be a company's own."""
    kept: dict[str, Any] = {}
    for key, value in section.items():
        if isinstance(value, Mapping):
            kept[key] = _numbers(value)
        elif isinstance(value, int | float) or (
            isinstance(value, list) and all(isinstance(each, int | float) for each in value)
        ):
            kept[key] = value
    return kept


def _with_verdicts(
    flag: Mapping[str, Any], kind: str, verdicts: Mapping[FlagKey, Iterable[SharedVerdict]] | None
) -> dict[str, Any]:
    if verdicts is None:
        return dict(flag)
    start_s = None if kind == "whole_call" else flag["start"]
    given = verdicts.get(FlagKey(kind, flag["rule"], flag.get("side"), start_s), ())
    decisions = [each.decision for each in given]
    return {
        **flag,
        "verdicts": [[decision, decisions.count(decision)] for decision in dict.fromkeys(sorted(decisions))],
        "notes": [each.note for each in given if each.note],
    }
