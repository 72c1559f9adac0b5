"""List the settings that can be tried on stored calls, with what a page needs to move each; none is named by hand."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.analysis.rejudging.changes import may_be_tried
from cxaudio.archive.running.kept_settings import KeptSettings
from cxaudio.errors import SettingError
from cxaudio.model.policy import PacingPolicy
from cxaudio.settings import config_root, read_toml, settings_from_values
from cxaudio.settings.reasons import shipped_reasons
from cxaudio.workbench.policies.slider_range import slider_range

__all__ = ["Control", "Group", "Value", "controls_of", "groups_of"]

Value = bool | int | float | tuple[float, ...] | tuple[str, ...]
Kind = Literal["number", "whole", "switch", "numbers", "names"]

_BESIDES_RULES = ("whole_call", "nudges", "pace", "tempo", "norms")
"""Sections that can be tried besides those of the rules, in the order of the page."""

_UNITS = {"share": "share", "probability": "share", "ratio": "ratio", "factor": "ratio", "baseline": "ratio"}
_UNITS |= {"norm": "ratio", "per": "per_min", "s": "s"}
"""Unit by a word of a key, the first that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One setting that can be tried."""

    section: str
    name: str
    kind: Kind
    now: Value  # as the calls were judged
    default: Value | None  # as shipped; None where each language has its own
    unit: str  # "s", "share", "ratio", "per_min" and so on; "" for a number without one
    low: float  # ends of the slider; 0 for what is no number
    high: float
    step: float
    least: float | None  # that the setting allows; None: without a limit
    most: float | None
    reason: str  # why the default is what it is, in English

    @property
    def key(self) -> str:
        """Return ``section.name``, as settings are named."""
        return f"{self.section}.{self.name}"

    @property
    def is_number(self) -> bool:
        """Return whether a slider moves it."""
        return self.kind in ("number", "whole")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The settings of one section that can be tried."""

    section: str
    controls: tuple[Control, ...]


def groups_of(kept: KeptSettings) -> tuple[Group, ...]:
    """Return all settings that can be tried, by section: the rules first, in their order.

    A setting that is another in each language has no one value, and is left out.

    Parameters
    ----------
    kept : KeptSettings
        That the calls were judged with.
    """
    policies = [settings_from_values(values).pacing for values in kept.by_language.values()]
    own = settings_from_values(kept.by_language[kept.language]).pacing if kept.language in kept.by_language else None
    first = own or policies[0]
    shipped = read_toml(config_root() / "defaults.toml")
    rules = [rule.name for rule in RULES]
    found = []
    for section in (*rules, *_BESIDES_RULES):
        values = _section(first, section)
        alike = [
            spec.name
            for spec in fields(values)
            if may_be_tried(f"{section}.{spec.name}")
            and all(getattr(_section(each, section), spec.name) == getattr(values, spec.name) for each in policies)
        ]
        controls = tuple(_control(section, name, values, shipped.get(section, {})) for name in alike)
        if controls:
            found.append(Group(section=section, controls=controls))
    return tuple(found)


def controls_of(groups: tuple[Group, ...]) -> dict[str, Control]:
    """Return all controls by their key."""
    return {control.key: control for group in groups for control in group.controls}


def _section(policy: PacingPolicy, section: str) -> Any:
    return policy.rules[section] if section in policy.rules else getattr(policy, section)


def _control(section: str, name: str, values: Any, shipped: Mapping[str, Any]) -> Control:
    now = getattr(values, name)
    default = shipped.get(name)
    kind = _kind(now, next(spec.type for spec in fields(values) if spec.name == name))
    if isinstance(default, list):
        default = tuple(default)
    low, high, step = 0.0, 0.0, 0.0
    least = most = None
    if kind in ("number", "whole"):
        lowest, highest = _limits(values, name)
        known = default if isinstance(default, int | float) else None
        low, high, step = slider_range(now, default=known, limits=(lowest, highest), whole=kind == "whole")
        least, most = (None if math.isinf(each) else float(each) for each in (lowest, highest))
    return Control(
        section=section,
        name=name,
        kind=kind,
        now=now,
        default=default,
        unit=_unit(name) if kind in ("number", "numbers") else "",
        low=low,
        high=high,
        step=step,
        least=least,
        most=most,
        reason=shipped_reasons().get((section, name), ""),
    )


def _unit(name: str) -> str:
    words = name.split("_")
    return next((unit for word, unit in _UNITS.items() if word in words), "")


def _kind(now: Any, declared: Any) -> Kind:
    if isinstance(now, bool):
        return "switch"
    if isinstance(now, tuple):
        return "names" if str in get_args(declared) else "numbers"
    return "whole" if isinstance(now, int) else "number"


def _limits(values: Any, name: str) -> tuple[float, float]:
    """Return the limits that a section's own check names: it refuses what is no number with them."""
    try:
        replace(values, **{name: math.nan})
    except SettingError as error:
        if error.limits is not None:
            return error.limits
    return (-math.inf, math.inf)
