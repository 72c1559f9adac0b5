"""Record the takes of a simulated headset."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from benchmarks.second_headset.capsule_distortion import distorted
from benchmarks.second_headset.clocks import recorded_by_other_clock
from benchmarks.second_headset.headset import LostSound, SecondHeadset
from benchmarks.second_headset.level_processing import processed
from benchmarks.second_headset.played_sounds import PLAYED_FILES, babble_of, customer_of, played_of
from benchmarks.second_headset.response_sections import sections_of
from benchmarks.second_headset.self_noise import made_hum, made_noise
from benchmarks.second_headset.sound_paths import MEAN_FIT, Wearing, far_sound, path_of, path_sound
from cxaudio.laboratory.takes.protocol import N_OPENINGS, PROTOCOL, Role, plan_of
from cxaudio.laboratory.takes.take import Take

__all__ = ["clean_sound", "delay_of", "order_of", "record", "record_take", "wearing_of"]

Float64 = NDArray[np.float64]


def _chance(seed: int, what: str, number: int) -> np.random.Generator:
    """Return a generator of its own for each thing that is random, so that one does not move another."""
    return np.random.default_rng((seed, zlib.crc32(what.encode()), number))


def order_of(
    roles: Sequence[Role] = tuple(Role), *, wearings: int = 3, openings: int = N_OPENINGS
) -> list[tuple[Role, int]]:
    """Return role and number of each take as they are recorded: wearing by wearing, those made once, openings.

    Parameters
    ----------
    roles : sequence of Role
    wearings, openings : int

    Returns
    -------
    list of (Role, int)
    """
    plans = [plan for plan in PROTOCOL if plan.role in roles]
    order = [(plan.role, k) for k in range(1, wearings + 1) for plan in plans if plan.repeated == "wearing"]
    order += [(plan.role, 1) for plan in plans if plan.repeated == "once"]
    return order + [(plan.role, k) for plan in plans if plan.repeated == "opening" for k in range(1, openings + 1)]


def wearing_of(headset: SecondHeadset, seed: int, number: int) -> Wearing:
    """Return the fit of a wearing, drawn by seed and number."""
    drawn = _chance(seed, "fit", number).standard_normal(4)
    fit = headset.fit
    return Wearing(
        mouth_db=fit.mouth_db * drawn[0],
        low_db=fit.low_db * drawn[1],
        coupling_db=fit.coupling_db * drawn[2],
        far_db=fit.far_db * drawn[3],
    )


def delay_of(headset: SecondHeadset, seed: int, role: Role, number: int) -> float:
    """Return the delay of a take's stream, s, drawn by seed."""
    return headset.delay_s + headset.jitter_s * float(_chance(seed, f"delay {role}", number).uniform())


def clean_sound(
    headset: SecondHeadset,
    role: Role,
    *,
    wearing: Wearing = MEAN_FIT,
    delay_s: float | None = None,
    played: Float64 | None = None,
) -> Float64:
    """Return the sound of a take behind the response and at the first gain, without noise and without processing.

    Parameters
    ----------
    headset : SecondHeadset
    role : Role
    wearing : Wearing
    delay_s : float or None
        None: the shortest.
    played : ndarray of float64 or None
        Instead of the role's own sound.

    Returns
    -------
    ndarray of float64, shape (n,)
        As long as the take of the protocol.
    """
    rate = headset.sample_rate
    n = round(plan_of(role).seconds * rate)
    sound = recorded_by_other_clock(
        played_of(role, rate).astype(np.float64) if played is None else played,
        n,
        sample_rate=rate,
        skew_ppm=headset.skew_ppm,
        delay_s=headset.delay_s if delay_s is None else delay_s,
    )
    sound = path_sound(sound, headset, path_of(role), wearing)
    if role is Role.BABBLE:
        level = 10 ** ((headset.babble_dbov + wearing.far_db) / 20)
        sound = sound + level * far_sound(babble_of(rate), headset.far, rate)
    sound = distorted(sound, second_order=headset.second_order, third_order=headset.third_order)
    if sound.any():
        sound = signal.sosfilt(sections_of(headset.response, rate), sound)
    return np.asarray(sound * 10 ** (headset.gain.db / 20))


def _gain_after_change(
    headset: SecondHeadset, n: int, role: Role, number: int, before: Sequence[tuple[Role, int]]
) -> Float64 | float:
    """Return by which factor the gain of each sample of a take differs from the first gain.

    Parameters
    ----------
    headset : SecondHeadset
    n : int
        Samples of the take.
    role : Role
    number : int
    before : sequence of (Role, int)
        Takes that were recorded before.
    """
    change = headset.gain.change
    if change is None:
        return 1.0
    factor = float(10 ** (change.db / 20))
    if (role, number) == (change.role, change.number):
        return np.where(np.arange(n) < change.second * headset.sample_rate, 1.0, factor)
    return factor if change.stays and (change.role, change.number) in before else 1.0


def _with_losses(sound: NDArray[np.int16], lost: LostSound, headset: SecondHeadset, role: Role,
                 rng: np.random.Generator) -> NDArray[np.int16]:  # fmt: skip
    """Return a take after sound was lost, from the end to the beginning, so that places stay right."""
    rate = headset.sample_rate
    length = len(played_of(role, rate)) / rate
    n_lost = round(lost.milliseconds * rate / 1000)
    if lost.at_s:
        at_s = np.array(lost.at_s[: lost.count(role, length)])
    else:
        # One in each equal part of the played sound: places are random, pieces never touch.
        count = lost.count(role, length)
        at_s = (np.arange(count) + rng.uniform(0.1, 0.9, count)) * length / max(1, count)
    sound = sound.copy()
    for second in sorted(at_s, reverse=True):
        at = round((headset.delay_s + float(second)) * rate)
        if lost.kind == "cut":
            sound = np.delete(sound, slice(at, at + n_lost))
        else:
            sound[at : at + n_lost] = 0 if lost.kind == "zeros" else sound[at - 1]
    return sound


def record_take(
    headset: SecondHeadset, seed: int, role: Role, number: int = 1, *, order: Sequence[tuple[Role, int]] = ()
) -> Take:
    """Record one take.

    Parameters
    ----------
    headset : SecondHeadset
    seed : int
        Of noise, fits and delays. A take depends on nothing else, so that takes of one seed fit together.
    role : Role
    number : int
        Of the wearing or opening.
    order : sequence of (Role, int)
        All takes in their order, for a gain that changes; none given: the order of ten wearings of all roles.

    Returns
    -------
    Take
    """
    rate = headset.sample_rate
    once = plan_of(role).repeated != "wearing"
    sound = clean_sound(
        headset,
        role,
        wearing=wearing_of(headset, seed, 1 if once else number),
        delay_s=delay_of(headset, seed, role, number),
    )
    rng = _chance(seed, f"take {role}", number)
    n = len(sound)
    floor = made_noise(headset.noise, n, rate, rng)
    if headset.hum is not None:
        floor += made_hum(headset.hum, n, rate, rng)
    takes = list(order) or order_of(wearings=10)
    before = takes[: takes.index((role, number))] if (role, number) in takes else []
    sound = sound + floor * 10 ** (headset.gain.db / 20)
    sound = processed(sound * _gain_after_change(headset, n, role, number, before), headset) + headset.offset
    steps = np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)
    for lost in headset.lost:
        steps = _with_losses(steps, lost, headset, role, rng)
    return Take(
        role=role,
        number=number,
        name=f"{role}.wav" if number == 1 else f"{role}-{number}.wav",
        samples=steps.astype(np.float32) / np.float32(32768),
        sample_rate=rate,
        played=played_of(role, rate) if role in PLAYED_FILES else None,
        other_side=customer_of(rate) if role is Role.CALL else None,
    )


def record(
    headset: SecondHeadset,
    seed: int,
    wearings: int = 3,
    roles: Sequence[Role] = tuple(Role),
    *,
    openings: int = N_OPENINGS,
) -> list[Take]:
    """Record all takes of a headset.

    Parameters
    ----------
    headset : SecondHeadset
    seed : int
        Of noise, fits, delays and lost sound.
    wearings : int
    roles : sequence of Role
    openings : int

    Returns
    -------
    list of Take
        In the order of recording.

    Examples
    --------
    >>> takes = record(SecondHeadset(), 1, 2, [Role.QUIET])
    >>> [take.name for take in takes], takes[0].samples.shape
    (['quiet.wav', 'quiet-2.wav'], (240000,))
    """
    order = order_of(roles, wearings=wearings, openings=openings)
    return [record_take(headset, seed, role, number, order=order) for role, number in order]
