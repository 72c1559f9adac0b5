"""What is played in each take, made once for each sample rate."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.takes.made_call import made_call_sides
from cxaudio.laboratory.takes.protocol import BABBLE_LEAD_S, Role, plan_of
from cxaudio.laboratory.takes.signals import made_speech, signal_of

__all__ = ["PLAYED_FILES", "babble_of", "customer_of", "played_of"]

PLAYED_FILES = (Role.SPEECH, Role.BABBLE, Role.FAR, Role.LEVELS, Role.EARPIECE, Role.CALL)
"""Roles whose played sound is kept beside their takes; the laboratory makes that of the others again."""

_BABBLE_SEEDS = (601, 602, 603)


@lru_cache(maxsize=32)
def played_of(role: Role, sample_rate: int) -> NDArray[np.float32]:
    """Return what is played in a take.

    Parameters
    ----------
    role : Role
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of float32, shape (n,)
        Read-only; empty for the quiet take.
    """
    if role is Role.CALL:
        sound = made_call_sides(sample_rate)[0]
    else:
        found = signal_of(role, sample_rate)
        sound = np.zeros(0, np.float32) if found is None else found
    sound = np.array(sound, np.float32)
    sound.flags.writeable = False
    return sound


def customer_of(sample_rate: int) -> NDArray[np.float32]:
    """Return the customer's side of the made call, shape ``(n,)``."""
    customer: NDArray[np.float32] = made_call_sides(sample_rate)[1]
    return customer


@lru_cache(maxsize=2)
def babble_of(sample_rate: int) -> NDArray[np.float64]:
    """Return babble of six voices as long as its take, RMS 1 both in the seconds before speech and in the rest.

    Three of the voices are the others, backwards and displaced: the same spectrum, other pauses.

    Parameters
    ----------
    sample_rate : int
        Hz.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    n = round(plan_of(Role.BABBLE).seconds * sample_rate)
    babble = np.zeros(n)
    for k, seed in enumerate(_BABBLE_SEEDS):
        voice = made_speech(n / sample_rate, sample_rate, seed=seed).astype(np.float64)
        babble += np.roll(voice, k * n // 7) + np.roll(voice[::-1], (2 * k + 1) * n // 9)
    lead = round(BABBLE_LEAD_S * sample_rate)
    # Babble varies from second to second; the figure is defined by the level of the first seconds, so both are equal.
    for part in (slice(0, lead), slice(lead, n)):
        babble[part] /= np.sqrt(np.mean(babble[part] ** 2))
    babble.flags.writeable = False
    return babble
