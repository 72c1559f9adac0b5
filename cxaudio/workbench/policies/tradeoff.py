"""Choose the values of a setting that a chart compares: as far as its slider goes and the other settings let it."""

from collections.abc import Callable, Mapping

from cxaudio.archive.running.kept_settings import KeptSettings
from cxaudio.errors import SettingError
from cxaudio.settings.sections import sections
from cxaudio.workbench.policies.controls import Control, Value

__all__ = ["compared_values"]

_VALUES = 9

_LOOKED_AT = 120
"""Steps of the slider that are checked at most, to find how far the setting may go."""


def compared_values(
    kept: KeptSettings, tried: Mapping[str, Value], control: Control, *, n: int = _VALUES
) -> list[tuple[float, dict[str, Value]]]:
    """Return values of a setting, rising, each with all that is tried then.

    The value that is tried, and the one of now, are among them; those that contradict another setting are left out.

    Parameters
    ----------
    kept : KeptSettings
        That the calls were judged with.
    tried : mapping
        Values by ``section.key``.
    control : Control
        A number.
    n : int, optional
        How many values from end to end.
    """
    own = tried.get(control.key, control.now)
    assert isinstance(own, int | float)
    assert isinstance(control.now, int | float)
    fits = _check(kept, tried, control)
    steps = round((control.high - control.low) / control.step)
    places = sorted({round(place * steps / _LOOKED_AT) for place in range(_LOOKED_AT + 1)})
    possible = [value for place in places if fits(value := _on_step(control, place))]
    chosen = {possible[round(place * (len(possible) - 1) / (n - 1))] for place in range(n)} if possible else set()
    for wanted in (control.now, own):
        # In place of the nearest one, so that the chart has no more points than that.
        inner = sorted(chosen)[1:-1]
        nearest = min(inner, key=lambda value: abs(value - wanted), default=None)
        if fits(wanted) and wanted not in chosen:
            chosen = chosen - ({nearest} if nearest not in (None, control.now) else set()) | {wanted}
    found = []
    for value in sorted(chosen):
        values = {**tried, control.key: value}
        if value == control.now:
            del values[control.key]
        found.append((value, values))
    return found


def _check(kept: KeptSettings, tried: Mapping[str, Value], control: Control) -> Callable[[float], bool]:
    """Return what says whether the section's own check takes a value beside what else is tried."""
    section = sections()[control.section]
    own = {
        name: each for key, each in tried.items() for head, _, name in [key.partition(".")] if head == control.section
    }
    kept_values = kept.by_language.get(kept.language) or next(iter(kept.by_language.values()))
    values = {
        name: tuple(each) if isinstance(each, list) else each
        for name, each in {**kept_values[control.section], **own}.items()
    }

    def fits(value: float) -> bool:
        try:
            section(**{**values, control.name: value})
        except SettingError:
            return False
        return True

    return fits


def _on_step(control: Control, steps: int) -> float:
    found = round(min(control.high, control.low + steps * control.step), 9)
    return int(found) if control.kind == "whole" else found
