"""Add up the ticks of both sides from block to block; decides nothing."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.events import Side

__all__ = ["RunningSums", "Sums"]


_N_ROWS = 12  # sums of either side


class Sums(NamedTuple):
    """Sums of both sides from the beginning of the call through one tick."""

    n_ticks: int
    nuclei: tuple[int, int]  # syllable nuclei inside spurts
    speech: tuple[int, int]  # ticks inside spurts
    energy: tuple[float, float]  # mean squares of the ticks inside spurts
    noise: tuple[float, float]  # noise powers of the ticks of which the noise counts
    heard: tuple[int, int]  # number of those ticks
    pause_energy: tuple[float, float] = (0.0, 0.0)  # mean squares of the ticks outside spurts

    def snr_db(self, side: Side) -> float:
        """Return mean power in spurts, less the noise in it, over mean noise; nan before any speech.

        Examples
        --------
        >>> sums = Sums(10, (0, 0), (2, 0), (22.0, 0.0), (10.0, 10.0), (10, 10))
        >>> sums.snr_db(Side.AGENT), sums.snr_db(Side.CUSTOMER)
        (10.0, nan)
        """
        noise = self.noise_power(side)
        if not self.speech[side] or noise <= 0:
            return math.nan
        return 10 * math.log10(max(self.energy[side] / self.speech[side] / noise - 1, 1e-3))

    def noise_power(self, side: Side) -> float:
        """Return the mean noise power over the ticks of which the noise counts; 0 before the first."""
        return self.noise[side] / max(self.heard[side], 1)


class RunningSums:
    """Add up ticks in blocks; any cutting gives the same bits."""

    def __init__(self) -> None:
        self._table = np.zeros((_N_ROWS, 0))
        self._first = 0
        self._carried = np.zeros(_N_ROWS)
        self._n_ticks = 0

    def add(
        self,
        *,
        spurts: NDArray[np.bool_],
        nuclei: NDArray[np.signedinteger[Any]],
        energy: NDArray[np.floating[Any]],
        noise: NDArray[np.floating[Any]],
        heard: NDArray[np.bool_] | None = None,
    ) -> None:
        """Take `n` ticks.

        Parameters
        ----------
        spurts : ndarray of bool, shape (2, n)
            Whether each side is inside a spurt.
        nuclei : ndarray, shape (2, n)
            Syllable nuclei of each side.
        energy, noise : ndarray, shape (2, n)
            Mean square and noise power of each side.
        heard : ndarray of bool, shape (2, n), optional
            Ticks of which the noise counts; all by default.
        """
        inside = spurts.astype(np.float64)
        counts = np.ones(spurts.shape) if heard is None else heard.astype(np.float64)
        rows = np.concatenate(
            (
                nuclei * inside,
                inside,
                energy * inside,
                noise * counts,
                counts,
                energy * (1.0 - inside),
            )
        )
        self._table = np.cumsum(np.concatenate((self._carried[:, None], rows), axis=1), axis=1)[:, 1:]
        self._first = self._n_ticks
        self._n_ticks += spurts.shape[1]
        self._carried = self._table[:, -1].copy()

    def through(self, number: int) -> Sums:
        """Return the sums through tick `number`, which must be one of those added last."""
        return _sums(number + 1, self._table[:, number - self._first])

    @property
    def total(self) -> Sums:
        """Return the sums through the last tick added."""
        return _sums(self._n_ticks, self._carried)


def _sums(n_ticks: int, column: NDArray[np.float64]) -> Sums:
    agent_nuclei, customer_nuclei, agent_speech, customer_speech, *rest = column.tolist()
    agent_energy, customer_energy, agent_noise, customer_noise, agent_heard, customer_heard, *pauses = rest
    return Sums(
        n_ticks=n_ticks,
        nuclei=(int(agent_nuclei), int(customer_nuclei)),
        speech=(int(agent_speech), int(customer_speech)),
        energy=(agent_energy, customer_energy),
        noise=(agent_noise, customer_noise),
        heard=(int(agent_heard), int(customer_heard)),
        pause_energy=(pauses[Side.AGENT], pauses[Side.CUSTOMER]),
    )
