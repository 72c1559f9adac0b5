"""Settings of the analysis and of pacing, as frozen values with units, checked on construction; reads no file.

The default of each field is in ``config/defaults.toml`` with its source; here are only names, units and limits.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

from cxaudio.errors import SettingError
from cxaudio.model.headset_facts import HeadsetFacts

__all__ = [
    "AccommodationSettings",
    "AnalysisSettings",
    "DetectionSettings",
    "HeadsetProfile",
    "HoldSettings",
    "LeakageSettings",
    "NudgeSettings",
    "OverlapSettings",
    "PaceSettings",
    "PacingPolicy",
    "QualitySettings",
    "RateNorms",
    "RateSettings",
    "RuleSettings",
    "SpurtSettings",
    "TempoSettings",
    "TurnSettings",
    "WholeCallRules",
    "check_numbers",
]


def check_numbers(section: str, values: object, **limits: tuple[float, float]) -> None:
    """Raise a `SettingError` for a number that is not finite, or out of its limits.

    Parameters
    ----------
    section : str
        Name of the section in a settings file.
    values : dataclass instance
        Its fields are checked, except texts, lists and booleans.
    **limits : tuple of float
        Lowest and highest value by field; 0 to infinity where left out, for decibels any finite number.
    """
    for spec in fields(values):  # type: ignore[arg-type]  # called with our own dataclasses only
        value = getattr(values, spec.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        low, high = limits.get(spec.name, (-math.inf if "db" in spec.name.split("_")[-1] else 0.0, math.inf))
        if not math.isfinite(value) or not low <= value <= high:
            reason = f"is out of range; use {low:g} to {high:g}"
            raise SettingError(f"{section}.{spec.name}", value, reason, limits=(low, high))


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSettings:
    """Speech detection: hysteresis on the speech probability."""

    on_probability: float  # speech begins at or above
    off_probability: float  # speech ends below

    def __post_init__(self) -> None:
        check_numbers("detection", self, on_probability=(0, 1), off_probability=(0, 1))
        if self.off_probability > self.on_probability:
            raise SettingError(
                "detection.off_probability",
                self.off_probability,
                f"exceeds on_probability = {self.on_probability}; lower it",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpurtSettings:
    """Speech to spurts (DEFINITIONS §1)."""

    bridge_s: float  # gaps shorter than this are filled
    shortest_s: float  # runs shorter than this are dropped

    def __post_init__(self) -> None:
        check_numbers("spurts", self, bridge_s=(0, 2), shortest_s=(0.01, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """Spurts to turns, floor and backchannels (DEFINITIONS §1)."""

    floor_alone_s: float  # alone this long takes the floor
    long_pause_s: float  # an own pause this long ends the turn
    backchannel_max_s: float  # longest backchannel
    backchannel_silence_s: float  # own silence before and after it, or before and after several in a row
    backchannel_row_s: float  # several in a row, from the first to the end of the last
    backchannel_after_s: float  # it may start this long after the other's turn
    backchannel_resume_s: float  # the other goes on or resumes within

    def __post_init__(self) -> None:
        check_numbers("turns", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapSettings:
    """Kinds of overlap (DEFINITIONS §3)."""

    early_reply_max_s: float
    simultaneous_within_s: float
    simultaneous_silence_s: float
    interruption_min_s: float
    floor_kept_s: float
    pause_min_s: float
    pause_max_s: float
    pause_resume_s: float
    episode_gap_s: float  # overlaps of one entrant with less between them are one episode
    competitive_s: float
    competitive_rise_db: float
    round_trip_s: float  # known delay of the line, 0 where unknown

    def __post_init__(self) -> None:
        check_numbers("overlaps", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSettings:
    """Articulation rate (DEFINITIONS §2)."""

    window_speech_s: float  # trailing own speech in the window
    window_age_s: float  # nothing older
    renew_s: float  # a new estimate every
    spurt_min_nuclei: int  # shorter stretches are left out
    spurt_edge_s: float  # by how much a word begins before its spurt and ends after it; counts as speech in a rate
    utterance_pause_s: float  # spurts with shorter own pauses between them are one stretch in this respect
    min_nuclei: int  # below: unknown
    baseline_speech_s: float  # the side's first own speech gives its baseline
    max_error: float  # relative standard error above which a rate is unknown

    def __post_init__(self) -> None:
        check_numbers(
            "rates", self, window_speech_s=(1, 600), renew_s=(0.1, 60), max_error=(0.01, 1), spurt_edge_s=(0, 0.1)
        )
        if self.window_age_s < self.window_speech_s:
            raise SettingError(
                "rates.window_age_s",
                self.window_age_s,
                f"is shorter than rates.window_speech_s = {self.window_speech_s}; use at least that",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakageSettings:
    """Leak of one side into the other's channel (DEFINITIONS §1)."""

    min_correlation: float
    max_lag_s: float
    margin_db: float  # a tick this far above the predicted leak is still speech
    same_audio_correlation: float  # at or above: the same sound on both channels
    notice_above_db: float  # leakage louder than this (dB re the other side, negative) gives a notice

    def __post_init__(self) -> None:
        check_numbers("leakage", self, min_correlation=(0, 1), same_audio_correlation=(0, 1), notice_above_db=(-120, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSettings:
    """Hold music, ringing and tones (DEFINITIONS §1)."""

    min_s: float  # shorter stretches are no hold
    announcement_alone_s: float  # speech with no agent taking part, from
    pause_s: float  # digital silence or a filler beep on both sides that shows a paused recorder, from

    def __post_init__(self) -> None:
        check_numbers("hold", self, min_s=(1, 600), pause_s=(1, 600))


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySettings:
    """Limits of the quality notices."""

    clipping_share: float  # share of a second's samples at full scale
    dc_offset_dbov: float
    too_quiet_dbov: float  # active level below
    noisy_snr_db: float  # speech over noise below
    silent_dbov: float  # a channel whose peak stays below is silent
    gated_share: float  # share of non-speech ticks in digital silence that shows a noise gate
    lost_share: float  # share of a side's sound that was lost in short stretches
    narrowband_hz: float  # content ends below this in a wideband file

    def __post_init__(self) -> None:
        check_numbers("quality", self, clipping_share=(0, 1), gated_share=(0, 1), lost_share=(0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSettings:
    """Everything the analyser needs besides the pacing policy."""

    detection: DetectionSettings
    spurts: SpurtSettings
    turns: TurnSettings
    overlaps: OverlapSettings
    rates: RateSettings
    leakage: LeakageSettings
    hold: HoldSettings
    quality: QualitySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RateNorms:
    """A language's usual articulation rate."""

    articulation_rate: float  # syllables/s, also for Japanese: morae are not counted
    fast_factor: float
    syllables_per_word: float

    def __post_init__(self) -> None:
        check_numbers(
            "norms",
            self,
            articulation_rate=(1, 15),
            fast_factor=(1, 3),
            syllables_per_word=(0.5, 5),
        )

    @property
    def fast(self) -> float:
        """Return the rate at and above which speech is fast, syllables/s."""
        return self.articulation_rate * self.fast_factor


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceSettings:
    """How the rates of both sides are compared (DEFINITIONS §2, "window that fits")."""

    probability: float = 0.95  # of a verdict when it begins
    least_speech_s: float = 8.0  # of each side within the last minute; with less nothing is known
    windows_s: tuple[float, ...] = (5.0, 6.5, 8.0, 10.0, 13.0, 16.0, 20.0, 25.0)  # newest own speech of a side, rising
    window_age_s: float = 60.0  # nothing older
    apart_s: float = 15.0  # a verdict begins while the newest speech of both sides ends at most this far apart

    def __post_init__(self) -> None:
        check_numbers("pace", self, probability=(0.5, 0.9999), least_speech_s=(1, 60), window_age_s=(10, 600))
        if not self.windows_s or list(self.windows_s) != sorted(set(self.windows_s)) or self.windows_s[0] < 1:
            raise SettingError("pace.windows_s", list(self.windows_s), "must be rising lengths of at least 1 s")
        if not self.least_speech_s <= self.windows_s[-1] <= self.window_age_s:
            raise SettingError(
                "pace.windows_s",
                list(self.windows_s),
                f"must end between pace.least_speech_s = {self.least_speech_s} and "
                f"pace.window_age_s = {self.window_age_s}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoSettings:
    """The customer's tempo (DEFINITIONS §4)."""

    dwell_s: float
    hurried_over_baseline: float
    hurried_response_s: float  # median of the last responses at or below
    hurried_responses: int
    hurried_cut_ins: int
    cut_in_window_s: float
    relaxed_under_norm: float
    relaxed_pause_share: float

    def __post_init__(self) -> None:
        check_numbers("tempo", self, hurried_response_s=(-10, 10), relaxed_pause_share=(0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """Base of the settings of a pacing rule, which are kept with the rule in `cxaudio.analysis.pacing_rules`.

    Unlike the other sections, a rule's has a default for every field in the class, so that one module makes a rule; a
    test checks that ``config/defaults.toml`` equals them.
    """

    enabled: bool = True


Rule = TypeVar("Rule", bound=RuleSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeCallRules:
    """Judged once, at the end of the call."""

    talk_share_agent: float
    overlap_share: float
    silence_share: float
    response_median_s: float
    min_responses: int
    interruptions: int
    interruptions_per_min: float
    silence_min_s: float = 2.0  # reports of earlier versions lack it

    def __post_init__(self) -> None:
        check_numbers("whole_call", self, talk_share_agent=(0, 1), overlap_share=(0, 1), silence_share=(0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccommodationSettings:
    """Windows of the accommodation measures."""

    window_s: float
    step_s: float
    min_windows: int

    def __post_init__(self) -> None:
        check_numbers("accommodation", self, window_s=(5, 300), step_s=(1, 300))


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeSettings:
    """How often, and in what order, the agent is shown something (DEFINITIONS §6)."""

    enabled: bool
    visible_s: float
    pause_s: float  # a nudge is shown in a pause this long
    same_kind_s: float
    any_kind_s: float
    max_count: int
    count_window_s: float
    start_after_s: float
    ignored_before_backoff: int
    backoff_factor: float
    positive: bool  # a nudge may praise when a mismatch has ended
    order: tuple[str, ...]
    disabled: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_numbers("nudges", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingPolicy:
    """Rules of pacing for one language."""

    language: str  # BCP 47
    norms: RateNorms
    tempo: TempoSettings
    rules: Mapping[str, RuleSettings]  # by the rule's name
    whole_call: WholeCallRules
    accommodation: AccommodationSettings
    nudges: NudgeSettings
    pace: PaceSettings = field(default_factory=PaceSettings)
    words: Mapping[str, str] = field(default_factory=dict)  # nudge key to text, over those of the interface language

    def rule(self, kind: type[Rule]) -> Rule:
        """Return the settings of one rule by their class, for example ``policy.rule(RushingRule).flag_ratio``.

        Raises
        ------
        KeyError
            If no rule has settings of that class.
        """
        for settings in self.rules.values():
            if isinstance(settings, kind):
                return settings
        raise KeyError(kind.__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsetProfile(HeadsetFacts):
    """Facts of a headset model; a fact that was not measured is None."""

    model: str
    maker: str
    name_patterns: tuple[str, ...] = ()  # regular expressions on the device's name
    usb_ids: tuple[str, ...] = ()  # "vvvv:pppp"

    @property
    def facts(self) -> HeadsetFacts | None:
        """Return the measured facts that change how a call is analysed; None where nothing was measured."""
        facts = HeadsetFacts(**{spec.name: getattr(self, spec.name) for spec in fields(HeadsetFacts)})
        return None if facts == HeadsetFacts() else facts
