"""Cut the newest speech of each side into windows of several lengths, each with its rate and error; judges no pace."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from cxaudio.analysis.piece_row import RateWindow
from cxaudio.analysis.rate_error import RateError
from cxaudio.analysis.spoken_pieces import SpokenPieces
from cxaudio.analysis.tick import Tick, in_ticks
from cxaudio.model.events import RateEstimate, Side
from cxaudio.model.policy import PaceSettings
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["PRESENT", "Baseline", "PaceWindows", "SideWindows", "normal_probability"]

PRESENT = in_ticks(13.0)
"""Ticks of a side's newest speech that show its present pace: where these and all shorter windows deny a verdict it
ends, so old speech alone does not hold it and one short sentence does not end it. Chosen on made calls."""

_SENTENCES = 0.20
"""Standard deviation of the logarithm of the true rate of 1 s of speech about a side's pace, less by the root of the
seconds: nobody says every sentence at one pace. Measured on four recorded telephone calls (SpokenWOZ): windows of 8 s
differ by 13 % within a side, of which the count explains 8 %: that would be 0.28. Where each window holds two
utterances of either side, less does: chosen on made calls, with 0.28 verdicts come 7 s later and with 0.15 half as
many again are false."""

_OF_SENTENCES = _SENTENCES**2 * TICKS_PER_SECOND
"""Variance of the logarithm of the true rate of a tick of speech."""


def normal_probability(z: float) -> float:
    """Return the probability that a standard normal value is below `z`.

    Examples
    --------
    >>> round(normal_probability(1.645), 3)
    0.95
    """
    return 0.5 * math.erfc(-z / math.sqrt(2))


class Baseline(NamedTuple):
    """A side's own pace."""

    rate: float  # syllables/s
    variance: float  # of its natural logarithm, the voice's own constant error left out


class SideWindows(NamedTuple):
    """The newest speech of one side in windows of several lengths, the shortest first; at least one.

    They are so few that plain numbers are several times as fast as arrays.
    """

    windows: Sequence[RateWindow]
    log_rates: Sequence[float]  # of each window: natural logarithm of syllables/s
    variances: Sequence[float]  # of log_rates as the side's pace, without the voice's own constant error
    voice_variance: float  # of that error, the same in every window

    def surest_above(self, rate: float, *, variance: float) -> float:
        """Return the greatest probability of any window that the side's rate is at least `rate`, 0 to 1.

        Parameters
        ----------
        rate : float
            In syllables/s.
        variance : float
            Of the natural logarithm of `rate`: `Baseline.variance`, or `voice_variance` where `rate` is no rate of
            this voice.
        """
        log_rate, sqrt = math.log(rate), math.sqrt
        return normal_probability(
            max([(a - log_rate) / sqrt(b + variance) for a, b in zip(self.log_rates, self.variances, strict=True)])
        )

    def present(self, speech: int) -> int:
        """Return the number of the longest window of at most about `speech` ticks, or of the shortest there is."""
        found, limit = 0, speech + TICKS_PER_SECOND
        for number, window in enumerate(self.windows):
            if window.speech >= limit:
                break
            found = number
        return found

    def rate(self, number: int) -> float:
        """Return the rate in a window, in syllables/s."""
        return math.exp(self.log_rates[number])


class PaceWindows:
    """Keep the windows and the baseline of both sides.

    Parameters
    ----------
    settings : PaceSettings
        Lengths of the windows, and how old speech may be.
    pieces : SpokenPieces
        What both sides have spoken.
    error : RateError
        Standard error of a rate.
    max_error : float
        Relative standard error of the longest window from which on nothing is known.
    """

    def __init__(self, settings: PaceSettings, pieces: SpokenPieces, error: RateError, *, max_error: float) -> None:
        self._max_error = max_error
        self._pieces = pieces
        self._error = error
        self._lengths = tuple(in_ticks(seconds) for seconds in settings.windows_s)
        self._age = in_ticks(settings.window_age_s)
        self._least = in_ticks(settings.least_speech_s)
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self._n_changes = [0, 0]
        self._oldest: list[int | None] = [None, None]  # ticks: where the longest window began
        self._sides: list[SideWindows | None] = [None, None]
        self.n_looked = [0, 0]
        """How often the windows of each side were looked for."""
        self.baselines: list[Baseline | None] = [None, None]
        """Each side's own pace; None while unknown."""

    def side(self, side: Side) -> SideWindows | None:
        """Return the windows of a side; None while it has spoken too little in the last minute."""
        return self._sides[side]

    def oldest(self, side: Side) -> int | None:
        """Return the tick at which the longest window of a side begins; None where it has none."""
        return self._oldest[side]

    def learn(self, estimate: RateEstimate) -> None:
        """Take the baseline that an estimate gives."""
        if estimate.baseline:
            relative = (estimate.baseline_std_error or 0.0) / estimate.baseline
            voice = self._error.voice(side=estimate.side, snr_db=self._pieces.snr_db(estimate.side))
            self.baselines[estimate.side] = Baseline(estimate.baseline, max(0.0, relative**2 - voice**2))

    def renew(self, side: Side, tick: Tick) -> bool:
        """Take what a side has spoken up to a tick; return whether its windows have changed."""
        n_changes, oldest = self._pieces.n_changes(side), self._oldest[side]
        since = tick.number + 1 - self._age
        if n_changes == self._n_changes[side] and (oldest is None or oldest >= since):
            return False
        self._n_changes[side] = n_changes
        self.n_looked[side] += 1
        windows = self._pieces.windows(side, speeches=self._lengths, since=since)
        self._oldest[side] = windows[-1].start if windows else None
        before, self._sides[side] = self._sides[side], self._judge(side, windows)
        return before is not None or self._sides[side] is not None

    def _judge(self, side: Side, windows: Sequence[RateWindow]) -> SideWindows | None:
        if not windows or windows[-1].speech < self._least:
            return None
        known = [window for window in windows if window.nuclei > 0]
        if not known:
            return None
        voice = self._error.voice(side=side, snr_db=self._pieces.snr_db(side)) ** 2
        count, log = self._error.count, math.log
        if count(known[-1].nuclei) ** 2 + voice > self._max_error**2:
            return None
        return SideWindows(
            windows=known,
            log_rates=[log(n * TICKS_PER_SECOND / speech) for _, _, n, speech, _ in known],
            variances=[count(n) ** 2 + _OF_SENTENCES / speech for _, _, n, speech, _ in known],
            voice_variance=voice,
        )
