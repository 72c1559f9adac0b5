"""Takes of a simulated headset, for examples and tests."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from cxaudio.laboratory.takes.made_call import made_call_sides
from cxaudio.laboratory.takes.protocol import MADE_AGAIN, N_OPENINGS, Role, plan_of
from cxaudio.laboratory.takes.signals import signal_of
from cxaudio.laboratory.takes.take import Take
from cxaudio.made.simulated_headset import SimulatedHeadset
from dsp.core.spectrum import Float64

__all__ = ["simulated_take", "simulated_takes"]

_BABBLE_RMS = 0.05
_OPENING_STEP = 16  # samples by which openings differ in latency, in turns of four


def simulated_take(headset: SimulatedHeadset, role: Role, number: int = 1, *, seed: int = 1) -> Take:
    """Record one take with a simulated headset.

    Parameters
    ----------
    headset : SimulatedHeadset
        The headset as it is worn.
    role : Role
        Which take.
    number : int
        Number of the wearing or of the opening.
    seed : int
        Seed of all noise; the same arguments give the same samples.

    Returns
    -------
    Take
        With the sound that was played beside it where the protocol keeps it.
    """
    rate = headset.sample_rate
    rng = np.random.default_rng([seed, list(Role).index(role), number])
    sides = made_call_sides(rate) if role is Role.CALL else None
    sent = sides[0] if sides is not None else signal_of(role, rate)
    x = np.zeros(round(plan_of(Role.QUIET).seconds * rate)) if sent is None else sent.astype(np.float64)
    return Take(
        role=role,
        number=number,
        name=f"{role}-{number}.wav",
        samples=_recorded(headset, role, number, x, rng, seed).astype(np.float32),
        sample_rate=rate,
        played=None if role in MADE_AGAIN else sent,
        other_side=None if sides is None else sides[1],
    )


def _recorded(
    headset: SimulatedHeadset, role: Role, number: int, x: Float64, rng: np.random.Generator, seed: int
) -> Float64:
    if role is Role.QUIET:
        return headset.record(rng, mouth=x)
    if role is Role.OPENING:
        late = headset.delay_samples + (number % 4) * _OPENING_STEP
        return replace(headset, delay_samples=late).record(rng, mouth=x, tail_s=0.8)
    if role is Role.EARPIECE:
        return headset.record(rng, earpiece=x, tail_s=1.0)
    if role is Role.FAR:
        return headset.record(rng, room=x, tail_s=1.0)
    if role is Role.BABBLE:
        babble = _BABBLE_RMS * np.random.default_rng(seed).normal(size=len(x) + headset.sample_rate)
        return headset.record(rng, mouth=x, room=babble, tail_s=1.0)
    return headset.record(rng, mouth=x, tail_s=1.0)


def simulated_takes(
    wearings: Iterable[SimulatedHeadset],
    *,
    roles: Iterable[Role] = tuple(Role),
    n_openings: int = N_OPENINGS,
    seed: int = 1,
) -> Iterator[Take]:
    """Record every role as often as the protocol asks for, each wearing with a headset of its own.

    Parameters
    ----------
    wearings : iterable of SimulatedHeadset
        One model as it is worn each time.
    roles : iterable of Role
        Which takes.
    n_openings : int
        How often the stream is opened.
    seed : int
        Seed of all noise.
    """
    chosen = tuple(roles)
    for number, headset in enumerate(wearings, 1):
        for role in chosen:
            repeated = plan_of(role).repeated
            if repeated == "wearing":
                yield simulated_take(headset, role, number, seed=seed)
            elif repeated == "once" and number == 1:
                yield simulated_take(headset, role, 1, seed=seed)
            elif repeated == "opening" and number == 1:
                for opening in range(1, n_openings + 1):
                    yield simulated_take(headset, role, opening, seed=seed)
