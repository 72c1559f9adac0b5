"""Add up the ticks of both sides from block to block; decides nothing."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.model.events import Side

__all__ = ["RunningSums", "Sums"]

_WAITING = 50
"""Ticks that are added up at once, if nobody asks before: live blocks hold a few, and few of them are asked about."""


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
        self._n_ticks = 0
        # Through each of the latest ticks: nuclei and speech, and energy of speech and of pauses, of both sides.
        self._counts = np.zeros((4, 1), np.int64)
        self._energies = np.zeros((4, 1))
        self._first = -1  # tick of the first column: before the call everything is 0
        self._noise = np.zeros(2)
        self._heard = np.zeros(2, np.int64)
        self._waiting: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]] = []

    def add(
        self,
        *,
        spurts: NDArray[np.bool_],
        nuclei: NDArray[np.signedinteger[Any]],
        energy: NDArray[np.floating[Any]],
        noise: NDArray[np.floating[Any]],
        heard: NDArray[np.bool_] | None = None,
    ) -> None:
        """Take `n` ticks, at least one.

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
        n = spurts.shape[1]
        self._n_ticks += n
        if heard is None:
            self._heard += n
        else:
            noise = noise * heard
            self._heard += np.count_nonzero(heard, axis=1)
        self._waiting.append((spurts, nuclei, energy, noise))
        if self._n_ticks - self._first - self._counts.shape[1] >= _WAITING:
            self._sum()
        else:
            self._waiting[-1] = (spurts.copy(), nuclei.copy(), energy.copy(), noise.copy())

    def _sum(self) -> None:
        """Add up the ticks that wait."""
        spurts, nuclei, energy, noise = (
            parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1) for parts in zip(*self._waiting, strict=True)
        )
        self._waiting.clear()
        n = spurts.shape[1]
        counts = np.empty((4, n), np.int64)
        np.multiply(nuclei, spurts, out=counts[:2])
        counts[2:] = spurts
        energies = np.empty((6, n))
        np.multiply(energy, spurts, out=energies[:2])
        np.multiply(energy, ~spurts, out=energies[2:4])
        energies[4:] = noise
        counts[:, 0] += self._counts[:, -1]
        energies[:4, 0] += self._energies[:, -1]
        energies[4:, 0] += self._noise
        self._first += self._counts.shape[1]
        self._counts = counts.cumsum(axis=1)
        energies = energies.cumsum(axis=1)
        self._energies, self._noise = energies[:4], energies[4:, -1].copy()

    def through(self, number: int) -> tuple[tuple[int, int], tuple[int, int], tuple[float, float], tuple[float, float]]:
        """Return `nuclei`, `speech`, `energy` and `pause_energy` through tick `number`, one of those added last."""
        if self._waiting:
            self._sum()
        k = number - self._first
        agent_nuclei, customer_nuclei, agent_speech, customer_speech = self._counts[:, k].tolist()
        agent, customer, agent_pauses, customer_pauses = self._energies[:, k].tolist()
        return (
            (agent_nuclei, customer_nuclei),
            (agent_speech, customer_speech),
            (agent, customer),
            (agent_pauses, customer_pauses),
        )

    @property
    def total(self) -> Sums:
        """Return the sums through the last tick added."""
        nuclei, speech, energy, pause_energy = self.through(self._n_ticks - 1)
        noise, heard = self._noise.tolist(), self._heard.tolist()
        return Sums(
            n_ticks=self._n_ticks,
            nuclei=nuclei,
            speech=speech,
            energy=energy,
            noise=(noise[Side.AGENT], noise[Side.CUSTOMER]),
            heard=(heard[Side.AGENT], heard[Side.CUSTOMER]),
            pause_energy=pause_energy,
        )
