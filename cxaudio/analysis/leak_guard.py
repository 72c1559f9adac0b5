"""Remove detected speech that is only the other side's leak; knows ticks, no samples."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.tick import in_ticks
from cxaudio.model.events import Side
from cxaudio.model.headset_facts import HeadsetFacts
from cxaudio.model.policy import LeakageSettings
from dsp.core.stage import Float32
from dsp.speech.leakage import LeakagePredictor, LeakageState

__all__ = ["LeakGuard"]


_LIVE_MAX_LAG_S = 0.25  # envelopes alone agree by chance where more lags are searched


class LeakGuard:
    """Predict the leak of each side into the other's channel, and remove what it explains (DEFINITIONS §1).

    Parameters
    ----------
    settings : LeakageSettings
        Section ``leakage``.
    facts : HeadsetFacts
        The agent's headset; a known coupling loss is where the agent's prediction starts.
    """

    def __init__(self, settings: LeakageSettings, facts: HeadsetFacts) -> None:
        start_gain_db = None if facts.coupling_loss_db is None else -facts.coupling_loss_db
        self._predictors = tuple(
            LeakagePredictor(
                max_lag=in_ticks(min(settings.max_lag_s, _LIVE_MAX_LAG_S)),
                min_correlation=settings.min_correlation,
                start_gain_db=start_gain_db if side is Side.AGENT else None,
            )
            for side in Side
        )
        self._margin = np.float32(10 ** (settings.margin_db / 10))

    def reset(self) -> None:
        """Reset to the initial state."""
        for predictor in self._predictors:
            predictor.reset()

    @property
    def states(self) -> tuple[LeakageState, LeakageState]:
        """Return the leak measured so far in each side's channel."""
        return self._predictors[0].state, self._predictors[1].state

    def remove_leaks(
        self, power: tuple[Float32, Float32], noise: tuple[Float32, Float32], speaking: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Take ticks of both sides; return the speech that is louder than a leak could be.

        Parameters
        ----------
        power, noise : pair of ndarray of float32, shape (m,)
            Mean square of each tick, and of the noise in it.
        speaking : ndarray of bool, shape (2, m)
            The detectors' decisions.
        """
        guarded = speaking.copy()
        for side in Side:
            far = side.other
            ticks = np.stack((power[side], noise[side], power[far], speaking[far].astype(np.float32)), axis=1)
            leak = self._predictors[side].process(ticks)
            explained = (leak > noise[side] * np.float32(0.25)) & (power[side] <= self._margin * (leak + noise[side]))
            guarded[side] &= ~explained
        return guarded
