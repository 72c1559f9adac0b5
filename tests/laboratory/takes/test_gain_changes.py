"""A gain that was changed between takes or inside one is heard by the noise, and what it touches is withheld."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from cxaudio.laboratory.takes.gain_changes import gain_faults
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Fault, Take, covers
from cxaudio.made.simulated_headset import SimulatedHeadset
from support.lab_takes import RATE, lab_takes

HEADSET = SimulatedHeadset(
    sample_rate=RATE, response=((100, -6.0), (300, 0), (8_000, -2)), far_db=-20, coupling_db=-38, noise_dbov=-72,
    delay_samples=900, skew_ppm=23,
)  # fmt: skip
ROLES = tuple(role for role in Role if role is not Role.CALL)
WORN = [replace(HEADSET, noise_dbov=-72 + 0.4 * k) for k in (0, 1)]


@pytest.fixture(scope="module")
def takes() -> list[Take]:
    return lab_takes(WORN, roles=ROLES, n_openings=3)


def louder(take: Take, db: float, *, from_share: float = 0.0) -> Take:
    samples = take.samples.copy()
    samples[round(from_share * len(samples)) :] *= np.float32(10 ** (db / 20))
    return replace(take, samples=samples)


def changed(takes: Sequence[Take], role: Role, db: float, *, number: int = 1) -> list[Take]:
    """Change the gain from one take on, in the order of the protocol."""
    place = {each: k for k, each in enumerate(ROLES)}
    return [louder(take, db) if (take.number, place[take.role]) >= (number, place[role]) else take for take in takes]


def touches(fault: Fault, key: str) -> bool:
    return any(covers(name, key) for name in fault.withheld)


def test_takes_of_one_gain_are_not_faulted(takes):
    assert list(gain_faults(takes)) == []


@pytest.mark.parametrize(
    ("role", "db", "keys"),
    [
        (Role.SPEECH, 3.0, {"snr.quiet_db", "noise.a_weighted_dbov"}),
        (Role.FAR, 6.0, {"near_far.mean_db", "coupling.weighted_db"}),
        (Role.SWEEP_LOUD, -3.0, {"coupling.weighted_db", "response.sweep_vs_speech_db"}),
        (Role.SWEEP_SOFT, 3.0, {"compression.db", "coupling.weighted_db"}),
        (Role.EARPIECE, 3.0, {"coupling.weighted_db"}),
    ],
)
def test_a_gain_changed_from_one_take_on(takes, role, db, keys):
    found = changed(takes, role, db)
    (fault,) = gain_faults(found)
    assert fault.kind == "gain_changed"
    assert "the gain was changed between them" in fault.sentence
    for key in keys:
        assert touches(fault, key), key
    assert not touches(fault, "clock.skew_ppm")


def test_a_gain_changed_between_wearings(takes):
    (fault,) = gain_faults(changed(takes, Role.QUIET, 3.0, number=2))
    assert "quiet-2.wav" in fault.sentence


@pytest.mark.parametrize("role", [Role.SPEECH, Role.FAR, Role.QUIET, Role.LEVELS, Role.EARPIECE, Role.MARKERS])
def test_a_gain_changed_half_way_in_a_take(takes, role):
    at = next(k for k, take in enumerate(takes) if take.role is role)
    found = [louder(take, 3.0, from_share=0.5) if k == at else take for k, take in enumerate(takes)]
    (fault,) = gain_faults(found)
    assert fault.take == takes[at].name
    assert "changes by +" in fault.sentence
    step, second = (float(fault.sentence.split(word)[1].split()[0]) for word in ("changes by ", " at "))
    assert step == pytest.approx(3.0, abs=0.6)
    assert second == pytest.approx(takes[at].seconds / 2, abs=3)


def test_a_gain_that_is_told_is_believed(takes):
    told = [
        replace(take, conditions=replace(take.conditions, gain="80 %" if take.role is Role.FAR else "100 %"))
        for take in takes
    ]
    (fault,) = gain_faults(told)
    assert "80 % in far-1.wav, far-2.wav" in fault.sentence
    assert touches(fault, "near_far.mean_db")
    assert not touches(fault, "snr.quiet_db")


@pytest.mark.parametrize("db", [-15.0, 18.0])
def test_the_pauses_of_a_person_tell_a_large_change(takes, db):
    """What was said is not known, so only the pauses tell; breath may fill them."""
    spoken = [replace(take, played=None) for take in takes if take.role in (Role.QUIET, Role.SPEECH)]
    assert list(gain_faults(spoken)) == []
    moved = [louder(take, db) if take.role is Role.QUIET else take for take in spoken]
    (fault,) = gain_faults(moved)
    assert "the noise in the pauses of speech-1.wav lies" in fault.sentence


def test_a_gated_headset_tells_nothing(takes):
    gated = lab_takes([replace(HEADSET, gate_dbov=-50)], roles=(Role.QUIET, Role.SPEECH, Role.FAR))
    assert list(gain_faults(gated)) == []


def test_gain_control_is_no_gain_that_was_changed(takes):
    """The take of two levels tells it; the noise then follows the sound."""
    controlled = lab_takes([replace(HEADSET, control_slope=0.4)], roles=(Role.QUIET, Role.SPEECH, Role.LEVELS))
    moved = [louder(take, 9.0) if take.role is Role.QUIET else take for take in controlled]
    assert list(gain_faults(moved)) == []


def test_noise_that_changes_within_many_takes_is_processing(takes):
    roles = (Role.QUIET, Role.SPEECH, Role.FAR, Role.MARKERS)
    found = [louder(take, -6.0, from_share=0.4) if take.role in roles else take for take in takes if take.number == 1]
    (fault,) = gain_faults(found)
    assert fault.sentence.startswith("the noise changes within quiet-1.wav, speech-1.wav, far-1.wav and others")
    assert touches(fault, "snr.quiet_db")
    assert not touches(fault, "response.sweep_vs_speech_db")


def test_a_noise_that_changes_its_colour_is_the_room(takes):
    """A fan: twice the power below a kilohertz."""
    rng = np.random.default_rng(3)
    at = next(k for k, take in enumerate(takes) if take.role is Role.QUIET)
    n = len(takes[at].samples)
    spectrum = np.fft.rfft(rng.normal(0, 10 ** (-66 / 20), n))
    spectrum[np.fft.rfftfreq(n, 1 / RATE) > 1_000] = 0
    fan = replace(takes[at], samples=takes[at].samples + np.fft.irfft(spectrum, n).astype(np.float32))
    assert list(gain_faults([fan if k == at else take for k, take in enumerate(takes)])) == []
