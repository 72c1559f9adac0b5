"""Takes of a simulated headset, as the laboratory wants them: arrays, or files in a folder."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from cxaudio.laboratory.takes.made_call import made_call_sides
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.signals import marker, signal_of
from cxaudio.laboratory.takes.take import Take
from support.simulated_headset import SimulatedHeadset

RATE = 16_000
ALL = tuple(Role)


def lab_take(
    headset: SimulatedHeadset, role: Role, number: int = 1, *, seed: int = 1, played: bool = True, **told: object
) -> Take:
    """One take of a role by a simulated headset; a wearing is told by its number, chance by the seed."""
    rate = headset.sample_rate
    rng = np.random.default_rng([seed, list(Role).index(role), number])
    if role is Role.CALL:
        return call_take(headset, rng, number)
    sent = signal_of(role, rate)
    x = None if sent is None else sent.astype(np.float64)
    if role is Role.QUIET:
        samples = headset.record(rng, mouth=np.zeros(15 * rate))
    elif role is Role.OPENING:
        moved = replace(headset, delay_samples=headset.delay_samples + (number % 4) * 16)
        samples = moved.record(rng, mouth=marker(rate).astype(np.float64), tail_s=0.8)
    elif role is Role.EARPIECE:
        samples = headset.record(rng, earpiece=x, tail_s=1.0)
    elif role is Role.FAR:
        samples = headset.record(rng, room=x, tail_s=1.0)
    elif role is Role.BABBLE:
        assert x is not None
        babble = 0.05 * np.random.default_rng(seed).normal(size=len(x) + rate)
        samples = headset.record(rng, mouth=x, room=babble, tail_s=1.0)
    else:
        samples = headset.record(rng, mouth=x, tail_s=1.0)
    pure = role in (Role.SWEEP_LOUD, Role.SWEEP_SOFT, Role.TONE, Role.MARKERS, Role.OPENING, Role.LEVELS)
    return Take(
        role=role,
        number=number,
        name=f"{role}-{number}.wav",
        samples=samples.astype(np.float32),
        sample_rate=rate,
        played=sent if played and not pure else None,
        **told,  # type: ignore[arg-type]
    )


def call_take(headset: SimulatedHeadset, rng: np.random.Generator, number: int) -> Take:
    """The made call, its agent's side through the headset."""
    sides = made_call_sides(headset.sample_rate)
    return Take(
        role=Role.CALL,
        number=number,
        name=f"call-{number}.wav",
        samples=headset.record(rng, mouth=sides[0].astype(np.float64), tail_s=1.0).astype(np.float32),
        sample_rate=headset.sample_rate,
        played=sides[0],
        other_side=sides[1],
    )


def lab_takes(
    headsets: Iterable[SimulatedHeadset], *, roles: Iterable[Role] = ALL, n_openings: int = 10, seed: int = 1
) -> list[Take]:
    """Every role once a wearing; each wearing is a headset of its own."""
    takes = []
    for number, headset in enumerate(headsets, 1):
        for role in roles:
            if role is Role.OPENING:
                takes += [lab_take(headset, role, k, seed=seed) for k in range(1, n_openings + 1)] * (number == 1)
            elif role not in (Role.MARKERS, Role.LEVELS, Role.CALL) or number == 1:
                takes.append(lab_take(headset, role, number, seed=seed))
    return takes


def write_takes(folder: Path, takes: Iterable[Take], *, extra: Mapping[str, np.ndarray] | None = None) -> Path:
    """Lay takes into a folder, named by role, with what was played beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for take in takes:
        soundfile.write(folder / take.name, take.samples, take.sample_rate, subtype="PCM_16")
        shared = folder / f"{take.role}.played.wav"
        if take.played is not None and not shared.exists():
            played = take.played if take.other_side is None else np.stack((take.played, take.other_side), axis=1)
            soundfile.write(shared, played, take.sample_rate, subtype="FLOAT")
    for name, samples in (extra or {}).items():
        soundfile.write(folder / name, samples, RATE, subtype="PCM_16")
    return folder
