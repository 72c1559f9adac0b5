"""Estimate both sides' articulation rate from their syllable nuclei, with error and confidence; judges no pace.

The window is the trailing 15 s of a side's own speech (DEFINITIONS §2), so a listener's silence does not age an
estimate, but nothing older than 90 s counts. An estimate holds until the next one: none is said while a side is silent
and its last one still stands, and "unknown" is said once.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxaudio.analysis.baseline import Baseline
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tick import Tick, in_ticks
from cxaudio.model.events import Event, RateEstimate, Side
from cxaudio.model.policy import RateSettings
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase

__all__ = ["RateTracker"]


@dataclass(slots=True)
class _Voice:
    """State of one side."""

    baseline: Baseline
    n_changes: int = 0  # of the pieces, as the last estimate saw them
    oldest: int = 0  # ticks: where the last window began
    known: bool = False  # the last estimate said a rate


class RateTracker:
    """Estimate each side's articulation rate once a second while it changes.

    Parameters
    ----------
    settings : RateSettings
        Window, least count and largest error.
    pieces : SpokenPieces
        What both sides have spoken; stepped by this tracker.
    error : RateError
        Standard error of a rate.
    timebase : Timebase
        The call's clock.
    agent_baseline : float, optional
        The agent's stored baseline in syllables/s, in place of the first 30 s of speech.

    Notes
    -----
    Emits `RateEstimate`; ``syllables_per_s`` is None where a rate that was known no longer is: too few nuclei, or too
    large an error. Confidence is 1 / (1 + (e / `max_error`)²) of the relative error e: 1 without any, and 0.5 at
    the largest that is of use. It does not say whether there are enough nuclei.

    The baseline is provisional from `min_nuclei` on.
    """

    def __init__(
        self,
        settings: RateSettings,
        pieces: SpokenPieces,
        error: RateError,
        *,
        timebase: Timebase,
        agent_baseline: float | None = None,
    ) -> None:
        self._settings = settings
        self._pieces = pieces
        self._error = error
        self._tick_length = timebase.tick_length
        self._agent_baseline = agent_baseline
        self._renew = max(1, in_ticks(settings.renew_s))
        self._window = in_ticks(settings.window_speech_s)
        self._age = in_ticks(settings.window_age_s)
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self._pieces.reset()
        stored = Baseline()
        if self._agent_baseline is not None:
            fixed = self._error.voice(side=Side.AGENT, snr_db=math.nan)
            stored = Baseline(self._agent_baseline, self._agent_baseline * fixed)
        self._voices = (_Voice(stored), _Voice(Baseline()))
        self.due = self._renew
        """Tick of the next renewal, on a grid of `renew_s` from the call's beginning."""

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Follow one tick; return estimates at renewals."""
        renewal = tick.number >= self.due
        self._pieces.step(tick, fresh, cut=renewal)
        if not renewal:
            return ()
        self.due = (tick.number // self._renew + 1) * self._renew
        if tick.held and tick.settled:  # where nothing counts the account says no rate
            return ()
        estimates = self._estimate(Side.AGENT, tick), self._estimate(Side.CUSTOMER, tick)
        return [estimate for estimate in estimates if estimate is not None]

    def close(self, at: int) -> Iterable[Event]:
        """Return nothing: the last estimates stay in force."""
        return ()

    def _learn(self, baseline: Baseline, side: Side, fixed: float) -> None:
        """Update the baseline from the first speech so far."""
        first, complete = self._pieces.first_speech(side)
        if sum(piece.nuclei for piece in first) >= self._settings.min_nuclei:
            baseline.learn(first, fixed=fixed, variation=self._error.count(1))
            baseline.done = complete

    def _estimate(self, side: Side, tick: Tick) -> RateEstimate | None:
        """Return the side's rate now, or None where its last estimate stays in force."""
        voice, baseline, settings = self._voices[side], self._voices[side].baseline, self._settings
        now = tick.number + 1
        horizon = now - self._age
        n_changes = self._pieces.n_changes(side)
        if voice.n_changes == n_changes and voice.oldest >= horizon:
            return None
        snr_db = self._pieces.snr_db(side)
        if voice.n_changes != n_changes and not baseline.done:
            self._learn(baseline, side, self._error.voice(side=side, snr_db=snr_db))
        voice.n_changes = n_changes
        window = self._pieces.window(side, speech=self._window, since=horizon)
        nuclei, speech = window.nuclei, window.speech
        voice.oldest = window.start
        error = self._error.relative(nuclei, side=side, snr_db=snr_db)
        known = nuclei >= settings.min_nuclei and speech > 0 and error <= settings.max_error
        if not known and not voice.known:
            return None
        voice.known = known
        rate = nuclei * TICKS_PER_SECOND / speech if known else None
        return RateEstimate(
            start=min(voice.oldest, now) * self._tick_length,
            end=now * self._tick_length,
            decided_at=tick.at,
            side=side,
            syllables_per_s=rate,
            std_error=None if rate is None else rate * error,
            confidence=1 / (1 + (error / settings.max_error) ** 2),
            n_nuclei=nuclei,
            speech=speech * self._tick_length,
            baseline=baseline.rate,
            baseline_std_error=baseline.std_error,
        )
