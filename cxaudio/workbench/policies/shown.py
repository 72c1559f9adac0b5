"""Put what is known of a policy that is tried into the values of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxaudio.archive.whatif.answer import Answer, ChangedCall
from cxaudio.model.events import Severity
from cxaudio.workbench.policies.controls import Control, Group, Value
from cxaudio.workbench.policies.estimated import Estimate
from cxaudio.workbench.policies.tried import value_text

__all__ = ["Field", "Section", "fields_of", "interval_text", "label_of", "rule_label", "section_label", "shown_changes"]

_SEVERITIES = tuple(each.value for each in Severity)

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A setting as the page shows it."""

    control: Control
    label: str
    text: str  # its value, as in a field
    now: str
    default: str  # "" where each language has its own
    unit: str
    is_changed: bool
    slider: float  # the value, inside the slider


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section as the page shows it."""

    name: str
    label: str
    meaning: str
    is_open: bool
    n_changed: int
    fields: tuple[Field, ...]


def rule_label(rule: str, words: Words) -> str:
    """Return the name of a rule, or of a limit of the whole call, in the reader's language; else its key."""
    return words.get(f"rule.{rule}") or words.get(f"measure.{rule}") or rule


def section_label(section: str, words: Words) -> str:
    """Return the name of a section in the reader's language; else its key."""
    return words.get(f"workbench_policy_sections.{section}") or rule_label(section, words)


def label_of(control: Control, words: Words) -> str:
    """Return the name of a setting in the reader's language; else its key."""
    names = (f"{control.section}_{control.name}", control.name)
    found = next((words[key] for name in names if (key := f"workbench_policy_keys.{name}") in words), None)
    if found is None and control.section == "whole_call":
        found = words.get(f"measure.{control.name}")
    return found or control.name


def fields_of(
    groups: Sequence[Group], tried: Mapping[str, Value], words: Words, *, with_flags: frozenset[str]
) -> list[Section]:
    """Return the sections of the page; those of rules with flags, and those with something tried, are open.

    Parameters
    ----------
    groups : sequence of Group
        All that can be tried.
    tried : mapping
        Values by ``section.key``.
    words : mapping
        Texts of the reader's language.
    with_flags : frozenset of str
        Rules that have flags.
    """
    return [
        Section(
            name=group.section,
            label=section_label(group.section, words),
            meaning=words.get(f"workbench_policy_meanings.{group.section}")
            or words.get(f"rule_meaning.{group.section}", ""),
            is_open=group.section in with_flags or any(each.key in tried for each in group.controls),
            n_changed=sum(each.key in tried for each in group.controls),
            fields=tuple(_field(each, tried, words) for each in group.controls),
        )
        for group in groups
    ]


def _field(control: Control, tried: Mapping[str, Value], words: Words) -> Field:
    value = tried.get(control.key, control.now)
    number = float(value) if control.is_number and isinstance(value, int | float) else 0.0
    return Field(
        control=control,
        label=label_of(control, words),
        text=value_text(value),
        now=value_text(control.now),
        default="" if control.default is None else value_text(control.default),
        unit=words.get(f"workbench_policy_units.{control.unit}", control.unit),
        is_changed=control.key in tried,
        slider=min(max(number, control.low), control.high),
    )


def interval_text(estimate: Estimate, *, digits: int = 2) -> str:
    """Return how far a figure may be off, as ``± 0.12``; empty where it is exact.

    Examples
    --------
    >>> interval_text(Estimate(value=2.0, low=1.5, high=2.5)), interval_text(Estimate(value=2.0, low=2.0, high=2.0))
    ('± 0.50', '')
    """
    off = max(estimate.high - estimate.value, estimate.value - estimate.low)
    return f"± {off:,.{digits}f}" if off > 0 else ""


def shown_changes(answer: Answer, calls: Mapping[str, Mapping[str, Any]], words: Words, *, most: int) -> list[Any]:
    """Return the calls that change most, each with what changes and its row of the snapshot; others are left out.

    Parameters
    ----------
    answer : Answer
        With the largest changes first.
    calls : mapping
        Rows of the snapshot by call_id.
    words : mapping
        Texts of the reader's language.
    most : int
        How many at most.
    """
    found = []
    for call in answer.changed[:most]:
        row = calls.get(call.call_id)
        if row is not None:
            found.append({"call_id": call.call_id, "row": row, "changes": _changes(call, words)})
    return found


def _changes(call: ChangedCall, words: Words) -> list[str]:
    said = [
        f"{rule_label(rule, words)}: {_counts(now, words)} → {_counts(then, words)}" for rule, now, then in call.rules
    ]
    for names, key in ((call.gained, "limit_gained"), (call.lost, "limit_lost")):
        said += (words[f"workbench_policy.{key}"].format(limit=rule_label(name, words)) for name in names)
    return said


def _counts(counts: Sequence[int], words: Words) -> str:
    named = zip(reversed(counts), reversed(_SEVERITIES), strict=True)
    return ", ".join(f"{n} {words[f'severity.{severity}']}" for n, severity in named if n) or "0"
