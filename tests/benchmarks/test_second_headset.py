"""The second simulated headset does what it says: levels, gains, losses, clocks and distortion are those stated."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.second_headset import (
    Fit,
    Gain,
    GainChange,
    GainControl,
    Gate,
    Hum,
    LostSound,
    Noise,
    SecondHeadset,
    Section,
    Suppressor,
    record,
    truth,
    write,
)
from benchmarks.second_headset.clocks import recorded_by_other_clock
from benchmarks.second_headset.level_processing import processed
from benchmarks.second_headset.recording import clean_sound, order_of, record_take, wearing_of
from benchmarks.second_headset.self_noise import density_of, made_noise
from benchmarks.second_headset.standard_weightings import a_weight, coupling_loss, third_octaves
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.takes_folder import read_takes

RATE = 16_000
SAME_FIT = Fit(mouth_db=0.0)


def level_db(x):
    return 10 * np.log10(np.mean(np.square(x, dtype=np.float64)))


def tone(hertz, seconds, amplitude):
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize("slope", [0.0, -4.0])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_noise_has_its_level_and_its_slope(slope, rate):
    noise = Noise(level_dbov=-60.0, slope_db_per_octave=slope)
    made = made_noise(noise, 120 * rate, rate, np.random.default_rng(1))
    density = np.abs(np.fft.rfft(made)) ** 2
    hertz = np.fft.rfftfreq(len(made), 1 / rate)
    assert 10 * np.log10(2 * np.sum(density[hertz >= 20]) / len(made) ** 2) == pytest.approx(-60.0, abs=0.05)
    octaves = [10 * np.log10(np.mean(density[(hertz > f * 0.9) & (hertz < f * 1.1)])) for f in (1_000, 4_000)]
    assert (octaves[1] - octaves[0]) / 2 == pytest.approx(slope, abs=0.15)
    middle = density_of(noise, np.array([1_000.0]), rate)[0]
    assert octaves[0] + 10 * np.log10(2 / len(made) / rate) == pytest.approx(10 * np.log10(middle), abs=0.2)


@pytest.mark.slow
def test_quiet_take_has_noise_hum_and_offset_at_the_gain():
    headset = SecondHeadset(
        noise=Noise(level_dbov=-60.0, slope_db_per_octave=0.0),
        hum=Hum(level_dbov=-55.0, mains_hz=60.0),
        offset=0.01,
        gain=Gain(db=6.0),
    )
    quiet = record_take(headset, 1, Role.QUIET).samples.astype(np.float64)
    assert np.mean(quiet) == pytest.approx(0.01, abs=2e-5)
    both = 10 * np.log10(10**-6.0 + 10**-5.5) + 6.0
    assert level_db(quiet - np.mean(quiet)) == pytest.approx(both, abs=0.05)
    found = truth(headset)
    assert found["noise.total_dbov"] == pytest.approx(both, abs=0.01)
    assert found["hum.level_dbov"] == pytest.approx(-49.0, abs=0.01)


def test_a_weighting_is_that_of_the_table():
    hertz = 1_000 * 10 ** (np.array([-10, -7, 0, 4, 9]) / 10)
    assert 10 * np.log10(a_weight(hertz)) == pytest.approx([-19.1, -10.9, 0.0, 1.3, -1.1], abs=0.06)


def test_an_even_loss_is_weighted_to_itself():
    hertz = np.geomspace(300, 3_400, 100)
    assert coupling_loss(hertz, np.full(100, 1e-4)) == pytest.approx(40.0, abs=1e-6)
    assert third_octaves(100, 6_300)[0][[0, -1]] == pytest.approx([100, 6309.57], abs=0.01)


@pytest.mark.parametrize("skew_ppm", [0.0, 23.0, -140.0])
def test_a_tone_by_another_clock_is_the_tone_at_its_instants(skew_ppm):
    n = 5 * RATE
    for hertz in (100.0, 6_900.0):
        found = recorded_by_other_clock(tone(hertz, 5.0, 0.5), n, sample_rate=RATE, skew_ppm=skew_ppm, delay_s=0.0731)
        played_s = (np.arange(n) / RATE - 0.0731) / (1 + 1e-6 * skew_ppm)
        inside = (played_s > 0.1) & (played_s < 4.9)
        exact = 0.5 * np.sin(2 * np.pi * hertz * played_s)
        assert level_db((found - exact)[inside]) < -90


@pytest.mark.slow
@pytest.mark.parametrize("third_order", [0.0, -0.05])
def test_harmonics_of_a_tone_are_those_of_the_truth(third_order):
    headset = SecondHeadset(second_order=0.03, third_order=third_order, gain=Gain(db=-3.0))
    sound = clean_sound(headset, Role.TONE, played=tone(1_000.0, 3.0, 0.447))[RATE : 2 * RATE]
    amplitudes = np.abs(np.fft.rfft(sound))[[1_000, 2_000, 3_000]]
    thd = 100 * np.hypot(amplitudes[1], amplitudes[2]) / amplitudes[0]
    assert thd == pytest.approx(truth(headset)["thd.at_1khz_percent"], rel=1e-3)


def test_products_above_half_the_rate_do_not_fold_back():
    headset = SecondHeadset(response=(), second_order=0.05, third_order=0.05)
    sound = clean_sound(headset, Role.TONE, played=tone(5_000.0, 3.0, 0.4))[RATE : 2 * RATE]
    amplitudes = np.abs(np.fft.rfft(sound)) / (RATE / 2)
    amplitudes[[0, 5_000]] = 0  # 10 kHz would come back at 6 kHz, 15 kHz at 1 kHz
    assert np.max(amplitudes) < 1e-4


def test_gain_changes_from_its_take_on_and_at_its_second():
    plain = SecondHeadset(noise=Noise(level_dbov=-50.0), fit=SAME_FIT)
    roles = [Role.QUIET, Role.SPEECH, Role.FAR]
    order = order_of(roles, wearings=1)

    def changed(change):
        headset = replace(plain, gain=Gain(change=change))
        return [record_take(headset, 3, *each, order=order).samples for each in order]

    before = [record_take(plain, 3, *each, order=order).samples for each in order]
    after = changed(GainChange(db=6.0, role=Role.SPEECH, second=10.0))
    steps = [level_db(b[160_000:]) - level_db(a[160_000:]) for a, b in zip(before, after, strict=True)]
    assert steps == pytest.approx([0.0, 6.0, 6.0], abs=0.02)
    assert np.array_equal(before[1][:160_000], after[1][:160_000])
    alone = changed(GainChange(db=-3.0, role=Role.QUIET, stays=False))
    assert level_db(alone[0]) - level_db(before[0]) == pytest.approx(-3.0, abs=0.02)
    assert np.array_equal(alone[2], before[2])


def test_sound_that_is_cut_out_makes_the_take_shorter_by_exactly_as_much():
    headset = SecondHeadset()
    whole = record_take(headset, 1, Role.SPEECH).samples
    cut = LostSound(kind="cut", milliseconds=10.0, at_s=(5.0,))
    shorter = record_take(replace(headset, lost=(cut,)), 1, Role.SPEECH).samples
    at = round((5.0 + headset.delay_s) * RATE)
    assert np.array_equal(shorter, np.delete(whole, slice(at, at + 160)))
    assert np.array_equal(record_take(replace(headset, lost=(cut,)), 1, Role.QUIET).samples,
                          record_take(headset, 1, Role.QUIET).samples)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zeros", "held"])
def test_lost_sound_is_as_often_and_as_long_as_stated(kind):
    headset = SecondHeadset(lost=(LostSound(kind=kind, milliseconds=20.0, per_minute=30.0, roles=(Role.SPEECH,)),))
    found = record_take(headset, 1, Role.SPEECH).samples
    still = np.concatenate(([0], (np.diff(found) == 0).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(still))
    lengths = (edges[1::2] - edges[::2]) + 1
    assert np.sum(lengths >= 310) == 11  # 22 s of speech at 30 a minute
    known = truth(headset, wearings=2)
    assert known["dropouts.total_ms"] == pytest.approx(2 * 11 * 20.0)
    assert known["dropouts.per_5min"] == pytest.approx(300 * 22 / (2 * (24 + 24 + 7 + 4) + 40))


def test_gain_control_halves_a_step_and_gate_turns_pauses_down():
    headset = SecondHeadset()
    steady = tone(1_000.0, 6.0, 0.05)
    louder = np.concatenate((steady, 10 * steady))
    controlled = processed(louder, replace(headset, gain_control=GainControl(slope=0.5)))
    assert level_db(controlled[-RATE:]) - level_db(controlled[4 * RATE : 5 * RATE]) == pytest.approx(10.0, abs=0.1)
    pause = np.concatenate((steady, steady / 1_000, steady))
    gated = processed(pause, replace(headset, gate=Gate(depth_db=20.0, hold_s=0.3)))
    gains = [level_db(gated[k : k + 1600]) - level_db(pause[k : k + 1600]) for k in range(0, len(pause), 1600)]
    assert gains[1:60] == pytest.approx([0.0] * 59, abs=0.01)  # open, and the gate's level falls to its threshold
    assert gains[62] == pytest.approx(0.0, abs=0.1)  # held
    assert gains[64:120] == pytest.approx([-20.0] * 56, abs=0.5)
    assert gains[121:] == pytest.approx([0.0] * 59, abs=0.01)


def test_suppressor_turns_a_tone_down_and_leaves_speech():
    headset = SecondHeadset(suppressor=Suppressor(depth_db=15.0), fit=SAME_FIT)
    sound = processed(tone(997.0, 4.0, 0.4), headset)
    assert level_db(sound[: RATE // 2]) == pytest.approx(level_db(tone(997.0, 1.0, 0.4)), abs=0.01)
    assert level_db(sound[-RATE:]) - level_db(tone(997.0, 1.0, 0.4)) == pytest.approx(-15.0, abs=0.1)
    speech = clean_sound(headset, Role.SPEECH)
    assert level_db(processed(speech, headset)) - level_db(speech) == pytest.approx(0.0, abs=0.3)


@pytest.mark.slow
def test_clipping_keeps_its_level_and_takes_are_16_bit():
    headset = SecondHeadset(gain=Gain(db=12.0), clip_at=0.25)
    speech = record_take(headset, 1, Role.SPEECH).samples
    assert np.max(np.abs(speech)) == 0.25
    assert np.array_equal(speech * 32768, np.rint(speech * 32768))
    assert truth(headset)["clipping.per_s"] > 1


def test_takes_are_the_same_again_by_seed_and_others_by_another():
    headset = SecondHeadset()
    takes = [record(headset, seed, 1, [Role.QUIET, Role.SWEEP_LOUD]) for seed in (4, 4, 5)]
    for one, again, other in zip(*takes, strict=True):
        assert np.array_equal(one.samples, again.samples)
        assert not np.array_equal(one.samples, other.samples)
    alone = record_take(headset, 4, Role.SWEEP_LOUD)
    assert np.array_equal(alone.samples, takes[0][1].samples)


def test_fits_have_their_spread():
    headset = SecondHeadset(fit=Fit(mouth_db=1.5, coupling_db=3.0))
    drawn = [wearing_of(headset, 1, k) for k in range(1, 401)]
    assert np.std([each.mouth_db for each in drawn]) == pytest.approx(1.5, rel=0.1)
    assert np.std([each.coupling_db for each in drawn]) == pytest.approx(3.0, rel=0.1)
    assert {each.far_db for each in drawn} == {0.0}


def test_truth_of_a_flat_headset_is_known_without_it():
    headset = SecondHeadset(response=(Section("high_pass", 20.0),), gain=Gain(db=-2.0), third_order=-0.1)
    found = truth(headset)
    assert found["response.deviation_db"] == pytest.approx(0.0, abs=0.01)
    assert found["near_far.mean_db"] == pytest.approx(22.0, abs=0.01)
    # 0.75 * -0.1 * (0.447 ** 2 - 0.1414 ** 2) of the soft sweep's gain
    assert found["compression.db"] == pytest.approx(-0.1181, abs=2e-3)
    assert found["snr.quiet_db"] == pytest.approx(-26.0 + 72.0, abs=0.05)
    assert found["dnsmos.overall"] is None


@pytest.mark.slow
def test_every_figure_of_the_laboratory_has_a_truth_or_none():
    from cxaudio.laboratory.measures import figure_specs

    assert set(figure_specs()) <= set(truth(SecondHeadset()))


@pytest.mark.slow
def test_written_takes_are_read_again(tmp_path):
    takes = record(SecondHeadset(), 1, 2, [Role.QUIET, Role.SPEECH])
    files = write(takes, tmp_path)
    assert sorted(file.name for file in files) == [
        "quiet-2.wav", "quiet.wav", "speech-2.wav", "speech.played.wav", "speech.wav",
    ]  # fmt: skip
    read = {take.name: take for take in read_takes(tmp_path).takes}
    assert all(np.array_equal(read[take.name].samples, take.samples) for take in takes)
    assert read["speech-2.wav"].played == pytest.approx(takes[1].played, abs=2e-5)
