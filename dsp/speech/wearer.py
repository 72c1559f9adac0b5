"""Tell the wearer of a headset from people who talk in the same room, with the whole recording known.

A neighbour is weaker than the wearer, duller, and talks on whatever the wearer does. None of this shows in one tick:
the wearer's own weak sounds are as weak, but close to loud ones. A first network weighs each moment's level, the levels
around it over several spans, its spectrum, and how the levels of all speech are spread. A second one weighs what the
first says around each moment and in the whole recording, which shows whether there are neighbours at all.
``benchmarks/training/train_wearer.py`` trained both.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32
from dsp.speech.network import load_weights
from dsp.speech.wearer_inputs import Pairs, first_inputs, near_level_db, second_inputs

__all__ = ["wearer_probability"]

_WEIGHTS = Path(__file__).with_name("wearer_weights.npz")
_FEWEST_TICKS = 300  # of speech, 3 s; of less there is no telling how loud the wearer is
_OWN_DB = 7.0  # speech that is no farther than this below the wearer's loud speech is the wearer's, however it sounds


@lru_cache
def _weights() -> dict[str, NDArray[np.float32]]:
    return load_weights(_WEIGHTS)


def run_network(inputs: Float32, weights: dict[str, NDArray[np.float32]], name: str) -> Float32:
    """Return the logit of each row: layers ``{name}_weight{i}`` and ``{name}_bias{i}``, ``max(0, x)`` in between."""
    n_layers = sum(key.startswith(f"{name}_weight") for key in weights)
    for number in range(n_layers):
        if number:
            np.maximum(inputs, 0, out=inputs)
        inputs = inputs @ weights[f"{name}_weight{number}"] + weights[f"{name}_bias{number}"]
    return inputs[:, 0]


def wearer_probability(
    power: Float32, noise: Float32, probability: Float32, speaking: NDArray[np.bool_], groups: Float32
) -> Float32:
    """Compute the probability that speech is the wearer's and not that of other people in the room.

    Parameters
    ----------
    power, noise : ndarray of float32, shape (n,)
        Mean square of each tick of the whole recording, and of the noise in it.
    probability : ndarray of float32, shape (n,)
        Of speech, 0 to 1.
    speaking : ndarray of bool, shape (n,)
        Decision of the speech detector.
    groups : ndarray of float32, shape (4, ceil(n / 2))
        `dsp.speech.wearer_inputs.band_groups` of every second tick.

    Returns
    -------
    ndarray of float32, shape (n,)
        0 to 1; 1 where there is no speech, where it is nearly as loud as the wearer's loud speech, and everywhere if
        there are fewer than 3 s of it.

    Examples
    --------
    >>> n = np.zeros(1000, np.float32)
    >>> wearer_probability(n, n, n, n > 0, np.zeros((4, 500), np.float32)).min()
    np.float32(1.0)
    """
    out = np.ones(len(speaking), np.float32)
    if np.count_nonzero(speaking) < _FEWEST_TICKS:
        return out
    weights = _weights()
    pairs = Pairs(speaking)
    first = first_inputs(pairs, power, noise, probability, groups)
    logit = run_network(first, weights, "first")
    logit = run_network(second_inputs(pairs, first, logit), weights, "second")
    every = np.ones(pairs.count, np.float32)
    every[pairs.at] = 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
    every[pairs.at[near_level_db(first) > -_OWN_DB]] = 1
    return np.where(speaking, np.repeat(every, 2)[: len(speaking)], out)
