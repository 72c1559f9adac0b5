"""Detect clipping, offsets, silence, noise, leaks and equal channels: faults of the sound that affect the figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from cxaudio.analysis.pending import Pending
from cxaudio.analysis.settling.echo import EchoStretch
from cxaudio.analysis.settling.level_faults import CLIPPED_SHARE, LEAST_STEP_DB, LevelStep
from cxaudio.analysis.settling.reduced_noise import REDUCED_FALL_DB
from cxaudio.analysis.settling.sides_in_step import LEAST_SHIFT_S, OutOfStep
from cxaudio.analysis.waiting import WaitingTicks
from cxaudio.model.events import QualityKind, QualityNotice, Side
from cxaudio.model.policy import LeakageSettings, QualitySettings
from cxaudio.model.timebase import TICKS_PER_SECOND, Timebase
from dsp.core.levels import TickLevels, dbov
from dsp.core.stage import Float32

__all__ = ["QualityMonitor"]

_CLIP_GAP_S = 2  # clipped seconds this close are one stretch
_SAME_AFTER_S = 10  # seconds of sound before two channels may be reported as the same
_BLEED_LAG = 3  # ticks: a headset's own coupling is no later than this


@dataclass(slots=True)
class _SideSums:
    """Sums of one side."""

    peak: float = 0.0
    clip_start: int | None = None  # second
    clip_last: int = 0
    clip_worst: float = 0.0
    clip_noticed: bool = False


class QualityMonitor:
    """Detect faults of the sound in both sides' ticks.

    Clipped stretches and equal channels are reported when they are known, the rest at the end of the call.

    Parameters
    ----------
    quality, leakage : QualitySettings, LeakageSettings
        Limits.
    timebase : Timebase
        The call's clock.
    present : tuple of bool
        Which sides the recording has.
    known_gate : tuple of bool, optional
        Sides whose headset is known to have a noise gate; it is not reported for them.
    """

    def __init__(
        self,
        quality: QualitySettings,
        leakage: LeakageSettings,
        *,
        timebase: Timebase,
        present: tuple[bool, bool],
        known_gate: tuple[bool, bool] = (False, False),
    ) -> None:
        self._quality = quality
        self._leakage = leakage
        self._timebase = timebase
        self._present = present
        self._known_gate = known_gate
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state."""
        self._sides = (_SideSums(), _SideSums())
        self._clipped = WaitingTicks(np.float64, 2)
        self._second = 0
        self._sums = np.zeros((5, 1))  # of each side's means and mean squares, and of their product
        self._both_sound = np.zeros(0, np.bool_)  # ticks added last in which both sides sound
        self._sounding = 0
        self._same_at: int | None = None
        self._ticks = 0

    @property
    def same_audio(self) -> bool:
        """Return whether both channels were found to hold the same sound."""
        return self._same_at is not None

    def process(self, levels: tuple[Float32, Float32], cross: Float32) -> list[Pending[QualityNotice]]:
        """Take ticks.

        Parameters
        ----------
        levels : pair of ndarray of float32, shape (m, 4)
            Columns of `dsp.core.levels.TickLevels`.
        cross : ndarray of float32, shape (m,)
            Mean of the product of both sides' samples in each tick.

        Returns
        -------
        list of Pending
            Notices with the number of the tick at which each became known.
        """
        found: list[Pending[QualityNotice]] = []
        if len(cross):
            self._sum_up(levels, cross)
            if all(self._present) and self._same_at is None:
                found += self._compare()
        self._ticks += len(cross)
        clipped = self._clipped.add(len(cross))
        for side in Side:
            clipped[side] = levels[side][:, TickLevels.CLIPPED]
        n = len(self._clipped) // TICKS_PER_SECOND
        if n:
            ticks = self._clipped.take(n * TICKS_PER_SECOND)
            share = ticks.reshape(2, n, TICKS_PER_SECOND).sum(axis=-1) / self._timebase.sample_rate
            for k in range(n) if share.any() or any(s.clip_start is not None for s in self._sides) else ():
                for side in Side:
                    found += self._clip(side, self._second + k, float(share[side, k]))
            self._second += n
        return found

    def _sum_up(self, levels: tuple[Float32, Float32], cross: Float32) -> None:
        """Add ticks to the sums in their order, so that any cutting gives the same bits."""
        values = np.empty((5, len(cross)))
        for side in Side:
            values[side] = levels[side][:, TickLevels.MEAN]
            values[2 + side] = levels[side][:, TickLevels.MEAN_SQUARE]
            peak = float(levels[side][:, TickLevels.PEAK].max())
            self._sides[side].peak = max(self._sides[side].peak, peak)
        values[4] = cross
        silent = 10 ** (self._quality.silent_dbov / 10)
        self._both_sound = (values[2] > silent) & (values[3] > silent)
        values[:, 0] += self._sums[:, -1]
        self._sums = np.cumsum(values, axis=1, out=values)

    def _compare(self) -> list[Pending[QualityNotice]]:
        """Compare both channels by the correlation of their samples over the whole call so far."""
        counted = self._sounding + np.cumsum(self._both_sound)
        self._sounding = int(counted[-1])
        enough = _SAME_AFTER_S * TICKS_PER_SECOND
        if self._sounding < enough:
            return []
        _, _, own, other, product = self._sums
        with np.errstate(divide="ignore", invalid="ignore"):
            correlation = np.abs(product) / np.sqrt(own * other)
        same = (counted >= enough) & (correlation >= self._leakage.same_audio_correlation)
        if not same.any():
            return []
        k = int(np.argmax(same))
        self._same_at = self._ticks + k
        limit = self._leakage.same_audio_correlation
        notice = self._notice(
            QualityKind.SAME_AUDIO, None, float(correlation[k]), limit, "correlation", 0, self._same_at + 1
        )
        return [Pending(self._same_at, notice)]

    def _clip(self, side: Side, second: int, share: float) -> list[Pending[QualityNotice]]:
        """Join clipped seconds to stretches and return a stretch when it is over."""
        sums = self._sides[side]
        if share >= self._quality.clipping_share:
            if sums.clip_start is None:
                sums.clip_start, sums.clip_worst = second, 0.0
            sums.clip_last = second
            sums.clip_worst = max(sums.clip_worst, share)
        elif sums.clip_start is not None and second - sums.clip_last > _CLIP_GAP_S:
            return [Pending((second + 1) * TICKS_PER_SECOND - 1, self._clipped_stretch(side))]
        return []

    def _clipped_stretch(self, side: Side) -> partial[QualityNotice]:
        sums = self._sides[side]
        assert sums.clip_start is not None
        notice = self._notice(
            QualityKind.CLIPPING,
            side,
            sums.clip_worst,
            self._quality.clipping_share,
            "share",
            sums.clip_start * TICKS_PER_SECOND,
            (sums.clip_last + 1) * TICKS_PER_SECOND,
        )
        sums.clip_start, sums.clip_noticed = None, True
        return notice

    def _notice(
        self,
        kind: QualityKind,
        side: Side | None,
        measured: float,
        limit: float,
        unit: str,
        first: int = 0,
        last: int | None = None,
    ) -> partial[QualityNotice]:
        """Prepare a notice over ticks ``[first, last)``, by default the whole call; it lacks `decided_at`."""
        length = self._timebase.tick_length
        end = (self._ticks if last is None else last) * length
        return partial(
            QualityNotice,
            start=first * length,
            end=end,
            kind=kind,
            side=side,
            measured=measured,
            limit=limit,
            unit=unit,
        )

    def is_gated(self, share: float | None) -> bool:
        """Return whether a side with this share of its pauses in digital silence had them silenced."""
        return share is not None and share >= self._quality.gated_share

    def close(
        self,
        at: int,
        *,
        speech_level_dbov: tuple[float, float],
        snr_db: tuple[float, float],
        echoes: Sequence[EchoStretch],
        first_speaker: Side | None,
        gated: tuple[float | None, float | None],
        reduced: tuple[float | None, float | None],
        lost: tuple[float, float],
        out_of_step: OutOfStep | None,
        clipped: tuple[float | None, float | None],
        level_steps: tuple[LevelStep | None, LevelStep | None],
    ) -> list[QualityNotice]:
        """Return the notices that are known at the end of the call.

        Parameters
        ----------
        at : int
            Sample at which the call ends.
        speech_level_dbov, snr_db : pair of float
            Active level and speech over noise of each side, nan where unknown.
        echoes : sequence of EchoStretch
            Stretches of the settled account in which a side holds the other's sound.
        first_speaker : Side or None
            Side that held the floor first.
        gated : pair of float or None
            Share of each side's recorded pauses in digital silence, 0..1; None where there is too little pause.
        reduced : pair of float or None
            By how much each side's noise falls behind its speech, where it was reduced before it was recorded, dB.
        lost : pair of float
            Share of each side's sound that was lost in short stretches, 0..1.
        out_of_step : OutOfStep or None
            Where the sides do not belong together in time.
        clipped : pair of float or None
            Share of each side's speech at one highest level, where it was clipped before it was recorded.
        level_steps : pair of LevelStep or None
            The largest sudden step of each side's level.
        """
        limits = self._quality
        found = [self._clipped_stretch(side) for side in Side if self._sides[side].clip_start is not None]
        for side in Side:
            sums = self._sides[side]
            if not self._present[side] or not self._ticks:
                continue
            mean, energy = float(self._sums[side, -1]), float(self._sums[2 + side, -1])
            rms = dbov(energy / self._ticks)
            if rms < limits.silent_dbov and dbov(sums.peak**2) < limits.silent_dbov + 20:
                measured = max(rms, -120.0)
                found.append(self._notice(QualityKind.SILENT_CHANNEL, side, measured, limits.silent_dbov, "dBov"))
                continue
            offset = dbov((mean / self._ticks) ** 2)
            if offset > limits.dc_offset_dbov:
                found.append(self._notice(QualityKind.DC_OFFSET, side, offset, limits.dc_offset_dbov, "dBov"))
            level = speech_level_dbov[side]
            if math.isfinite(level) and level < limits.too_quiet_dbov:
                found.append(self._notice(QualityKind.TOO_QUIET, side, level, limits.too_quiet_dbov, "dBov"))
            if math.isfinite(snr_db[side]) and snr_db[side] < limits.noisy_snr_db:
                found.append(self._notice(QualityKind.NOISY, side, snr_db[side], limits.noisy_snr_db, "dB SNR"))
            share = gated[side]
            if not self._known_gate[side] and share is not None and self.is_gated(share):
                found.append(self._notice(QualityKind.NOISE_GATED, side, share, limits.gated_share, "share"))
            elif not self._known_gate[side] and (fall_db := reduced[side]) is not None:
                found.append(self._notice(QualityKind.NOISE_SUPPRESSED, side, fall_db, REDUCED_FALL_DB, "dB"))
            share = clipped[side]
            if share is not None and not sums.clip_noticed:
                found.append(self._notice(QualityKind.CLIPPING, side, share, CLIPPED_SHARE, "share of speech"))
            step = level_steps[side]
            if step is not None:
                found.append(self._notice(QualityKind.LEVEL_STEP, side, step.db, LEAST_STEP_DB, "dB", step.at))
            if lost[side] >= limits.lost_share:
                found.append(self._notice(QualityKind.DROPOUT, side, lost[side], limits.lost_share, "share"))
        if out_of_step is not None and not self.same_audio:
            stretch = out_of_step.first, out_of_step.last
            shift_s = out_of_step.shift_s
            found.append(self._notice(QualityKind.OUT_OF_STEP, None, shift_s, LEAST_SHIFT_S, "s", *stretch))
        if all(self._present) and not self.same_audio:
            found += self._echoes(echoes)
            found += self._swapped(echoes, first_speaker)
        return [notice(decided_at=at, end=min(notice.keywords["end"], at)) for notice in found]  # a last part of a tick

    def _echoes(self, echoes: Sequence[EchoStretch]) -> list[partial[QualityNotice]]:
        """Return a notice for each stretch in which a side holds the other's sound."""
        limit = self._leakage.notice_above_db
        return [
            self._notice(
                QualityKind.LEAKAGE,
                echo.side,
                echo.gain_db,
                limit,
                "dB re the other side",
                echo.first,
                min(echo.last, self._ticks),
            )
            for echo in echoes
            if echo.gain_db > limit
        ]

    def _swapped(self, echoes: Sequence[EchoStretch], first_speaker: Side | None) -> list[partial[QualityNotice]]:
        """Return a notice that roles may be swapped, if they may."""
        # A headset's microphone picks up its own earpiece at once, and it is the agent who wears it and who greets.
        # Where only the customer's channel has such a leak and the customer's side spoke first, roles may be swapped.
        bleeds = [echo for echo in echoes if echo.side is Side.CUSTOMER and echo.lag <= _BLEED_LAG]
        if not bleeds or len(bleeds) < len(echoes) or first_speaker is not Side.CUSTOMER:
            return []
        gain_db = max(echo.gain_db for echo in bleeds)
        limit = self._leakage.notice_above_db
        return [self._notice(QualityKind.SWAPPED_ROLES, None, gain_db, limit, "dB re the other side")]
