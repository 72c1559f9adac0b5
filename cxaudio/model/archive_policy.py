"""Settings of an archive: what one recording may cost, and what is kept; checked when made.

Each field's default lives in ``config/defaults.toml`` with its reason.
"""

from dataclasses import dataclass, fields

from cxaudio.errors import SettingError

__all__ = ["ArchiveSettings"]

_RANGES = {
    "call_limit_s": (1.0, 86_400.0),
    "call_limit_s_per_mb": (0.0, 3600.0),
    "call_memory_mb": (256, 1_048_576),
    "max_hours": (0.01, 1000.0),
    "max_attempts": (1, 100),
    "quiet_s": (0.0, 86_400.0),
    "keep_days": (0, 36_500),
    "min_group": (1, 10_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """What one recording may cost, how often it is tried, and how long its results are kept."""

    call_limit_s: float  # time that one recording may take ...
    call_limit_s_per_mb: float  # ... and what each MB of its file adds
    call_memory_mb: int  # memory that the process of a worker may take
    max_hours: float  # of sound in one recording
    max_attempts: int  # tries, before a recording is set aside
    quiet_s: float  # a recording that was changed less than this ago is not judged yet
    keep_days: int  # results of older calls are purged; 0: kept for ever
    min_group: int  # groups of fewer calls have no figures

    def __post_init__(self) -> None:
        for spec in fields(self):
            value = getattr(self, spec.name)
            low, high = _RANGES[spec.name]
            if not low <= value <= high:  # also not a number
                raise SettingError(f"archive.{spec.name}", value, f"is out of range; use {low:g} to {high:g}")
