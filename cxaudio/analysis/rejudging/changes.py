"""Say which rules a change of the settings concerns, and which changes stored facts cannot answer."""

from collections.abc import Mapping
from typing import Any

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.pacing_rules.dawdling import DawdlingRule
from cxaudio.analysis.pacing_rules.left_waiting import LeftWaitingRule
from cxaudio.analysis.pacing_rules.rule import Read
from cxaudio.analysis.pacing_rules.rushing import RushingRule
from cxaudio.model.policy import PacingPolicy

__all__ = ["WITHOUT_EFFECT", "changed_rules", "may_be_tried", "refused_keys", "same_owing", "same_tempo"]

_OF_ALL = frozenset({"nudges", "whole_call", "tempo", "norms", "pace"})
"""Sections, besides those of the rules, that judge what was recorded."""

_RECORDED = frozenset({"pace.windows_s", "pace.window_age_s"})
"""Keys in them that say what is recorded: which speech is compared."""

WITHOUT_EFFECT = frozenset({"schema", "live", "words", "archive"})
"""What changes no verdict: how live calls are found, wording, the keeping of archives."""


def changed_rules(recorded: PacingPolicy, pacing: PacingPolicy) -> frozenset[str]:
    """Return the names of the rules whose flags may be others under another policy.

    Besides its own section a rule depends on what it reads: the pace on both rules about it, and a silence on how
    short a turn asks for no reply.
    """
    paced = not same_tempo(recorded, pacing) or any(
        recorded.rule(kind) != pacing.rule(kind) for kind in (RushingRule, DawdlingRule)
    )
    owing = not same_owing(recorded, pacing)
    return frozenset(
        rule.name
        for rule in RULES
        if recorded.rules[rule.name] != pacing.rules[rule.name]
        or (paced and Read.PACE in rule.reads)
        or (owing and Read.SILENCE in rule.reads)
    )


def same_owing(recorded: PacingPolicy, pacing: PacingPolicy) -> bool:
    """Return whether a reply is owed after the same turns as when the call was analysed."""
    return recorded.rule(LeftWaitingRule).min_turn_s == pacing.rule(LeftWaitingRule).min_turn_s


def same_tempo(recorded: PacingPolicy, pacing: PacingPolicy) -> bool:
    """Return whether the customer's tempo is as it was recorded: it depends on the windows, too."""
    return all(getattr(recorded, name) == getattr(pacing, name) for name in ("tempo", "norms", "pace"))


def refused_keys(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Return the keys that differ and that stored facts cannot answer, as ``section.key``.

    Parameters
    ----------
    recorded, wanted : mapping
        Values as `cxaudio.settings.Settings.as_dict` gives them.
    """
    refused: list[str] = []
    for section in sorted({*recorded, *wanted} - WITHOUT_EFFECT):
        old, new = recorded.get(section), wanted.get(section)
        if old == new:
            continue
        if not isinstance(old, Mapping) or not isinstance(new, Mapping):
            refused.append(section)
            continue
        keys = (f"{section}.{key}" for key in sorted({*old, *new}) if old.get(key) != new.get(key))
        refused += (key for key in keys if not may_be_tried(key))
    return refused


def may_be_tried(key: str) -> bool:
    """Return whether another value of a setting, named as ``section.key``, can be tried on stored facts.

    Examples
    --------
    >>> [may_be_tried(key) for key in ("rushing.flag_ratio", "pace.windows_s", "spurts.bridge_s")]
    [True, False, False]
    """
    section = key.partition(".")[0]
    return key not in _RECORDED and section in _OF_ALL | {rule.name for rule in RULES if rule.reads}
