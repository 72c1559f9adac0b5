"""Tell the wearer of a headset from people who talk in the same room, with the whole recording known.

A neighbour is weaker than the wearer, duller, and talks on whatever the wearer does. None of this shows in one tick:
the wearer's own weak sounds are as weak, but close to loud ones. A first network weighs each moment's level, the levels
around it over several spans, its spectrum, and how the levels of all speech are spread. A second one weighs what the
first says around each moment and in the whole recording, which shows whether there are neighbours at all.
``benchmarks/training/train_wearer.py`` trained both.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.core.stage import Float32
from dsp.speech.network import load_weights
from dsp.speech.wearer_inputs import FirstInputs, Pairs, SecondInputs

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
    speaking: NDArray[np.bool_],
    *,
    power: Callable[[int, int], Float32],
    noise: Callable[[int, int], Float32],
    probability: Callable[[int, int], Float32],
    groups: Callable[[int, int], Float32],
) -> Float32:
    """Compute the probability that speech is the wearer's and not that of other people in the room.

    What it is judged by is read in pieces of some minutes, several times, so that a recording of hours needs little
    memory.

    Parameters
    ----------
    speaking : ndarray of bool, shape (n,)
        Decision of the speech detector for each tick of the whole recording.
    power, noise, probability : callable
        Give the mean over each pair of ticks ``[first, last)`` of the mean square, of that of the noise, and of the
        probability of speech, 0 to 1; float32, shape ``(last - first,)``.
    groups : callable
        Gives `dsp.speech.wearer_inputs.band_groups` of the first ticks of these pairs, shape ``(4, last - first)``.

    Returns
    -------
    ndarray of float32, shape (n,)
        0 to 1; 1 where there is no speech, where it is nearly as loud as the wearer's loud speech, and everywhere if
        there are fewer than 3 s of it.

    Examples
    --------
    >>> def nothing(first, last):
    ...     return np.zeros(last - first, np.float32)
    >>> wearer_probability(
    ...     np.zeros(1000, bool), power=nothing, noise=nothing, probability=nothing, groups=nothing
    ... ).min()
    np.float32(1.0)
    """
    if np.count_nonzero(speaking) < _FEWEST_TICKS:
        return np.ones(len(speaking), np.float32)
    weights = _weights()
    pairs = Pairs(speaking)
    first = FirstInputs(pairs, power=power, noise=noise, probability=probability, groups=groups)
    logit = np.empty(len(pairs.at), np.float32)
    for piece in pairs.pieces():
        logit[piece[2]] = run_network(first.rows(*piece), weights, "first")
    near, widely, shapes = first.near, first.widely, first.shapes
    del first  # before more memory is needed
    second = SecondInputs(pairs, near, widely, shapes, logit)
    del logit
    wearer = np.empty_like(near)
    for piece in pairs.pieces():
        own = run_network(second.rows(*piece), weights, "second")
        wearer[piece[2]] = 1 / (1 + np.exp(-np.clip(own, -30, 30)))
    wearer[near > -_OWN_DB] = 1
    del near, widely, shapes, second  # they hold more than the result
    out = np.ones(len(speaking), np.float32)
    out[::2][pairs.at] = wearer
    both = pairs.at < len(out) // 2  # an odd last tick is alone
    out[1::2][pairs.at[both]] = wearer[both]
    out[~speaking] = 1
    return out
