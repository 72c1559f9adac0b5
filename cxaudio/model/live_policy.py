"""Settings of a live session: how calls are detected and how often sound is analysed; checked when made.

Each field's default lives in ``config/defaults.toml`` with its source.
"""

import math
from dataclasses import dataclass, fields

from cxaudio.errors import SettingError

__all__ = ["LiveSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """How an endless stream of sound is split into calls, and how often it is analysed."""

    start_level_dbov: float  # the far end sounds at or above
    start_sound_s: float  # a call begins once it sounded so long ...
    start_window_s: float  # ... within this time
    preroll_s: float  # of sound before the beginning that belongs to the call
    end_silence_s: float  # a call ends when both sides have been silent so long
    line_gone_s: float  # after digital zeros this long, from a line that had none, nothing counts
    line_gone_end_s: float  # ... and the call ends, even if the agent speaks
    lost_end_s: float  # a call ends when a side has been lost so long
    shortest_talk_s: float  # a detected call with less speech of the customer is discarded
    lost_uncounted_s: float  # after this, nothing counts while a side is lost
    feed_s: float  # sound is analysed at this interval ...
    feed_onset_s: float  # ... this soon after a side began to sound ...
    feed_again_s: float  # ... and at this interval while it is not decided whether that is speech
    status_s: float  # the status is shown at least this often

    def __post_init__(self) -> None:
        for spec in fields(self):
            value = getattr(self, spec.name)
            low, high = (-120.0, 0.0) if spec.name == "start_level_dbov" else (0.0, 3600.0)
            if not math.isfinite(value) or not low <= value <= high:
                raise SettingError(f"live.{spec.name}", value, f"is out of range; use {low:g} to {high:g}")
        if not 0.02 <= self.feed_s <= 2.0:
            raise SettingError("live.feed_s", self.feed_s, "is out of range; use 0.02 to 2")
        if self.start_sound_s > self.start_window_s:
            raise SettingError(
                "live.start_sound_s",
                self.start_sound_s,
                f"is longer than live.start_window_s = {self.start_window_s}; use at most that",
            )
