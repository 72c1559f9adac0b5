"""The comparison with peers: its scoring, its bootstrap, its cache, and what it says of a peer that is missing."""

import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile as sf

from benchmarks.peers import measured
from benchmarks.peers.bootstrap import paired, weights_of
from benchmarks.peers.cache import fingerprint, kept_scores
from benchmarks.peers.decision import Decision, DevelopmentCall, tune
from benchmarks.peers.energy import ENERGY
from benchmarks.peers.entries import PEERS, SPEECH_PEERS
from benchmarks.peers.line import judge
from benchmarks.peers.peer import MissingPeerError, frames_to_ticks, needs
from benchmarks.peers.plots import write_dots, write_scatter
from benchmarks.peers.rates import choose, contrast, rate_tables
from benchmarks.peers.recordings import Recording
from benchmarks.peers.speech import score_set, speech_table, to_runs
from benchmarks.peers.ticks import Truth, f1, mask, runs_of, score, spurts

ROOT = Path(__file__).parents[2]
TOOLS = ROOT.parent / "shared" / "tools"
TRUE = {"agent": [[1.0, 3.0], [6.0, 9.0]], "customer": [[2.5, 5.0]]}


def recording(name: str, condition: str = "clean", speech: dict | None = None, **more: object) -> Recording:
    sides = {side: {"speech": own} for side, own in (speech or TRUE).items()}
    return Recording(Path(f"{name}.wav"), condition, {"duration_s": 10.0, "sides": sides, **more})


# Scoring


def test_the_truth_itself_scores_one():
    counts = score(Truth(TRUE, 10.0), to_runs(TRUE))
    assert [1.0, 1.0, 1.0] == [float(f1(counts[key])) for key in ("agent", "customer", "overlap")]


def test_a_made_detector_has_the_counts_that_its_faults_give():
    """The agent's first stretch is lost, and the customer is found for 1 s that nobody spoke."""
    found = to_runs({"agent": [[6.0, 9.0]], "customer": [[2.5, 5.0], [7.0, 8.0]]})
    counts = score(Truth(TRUE, 10.0), found)
    # 0.1 s are forgiven on both sides of each true edge.
    assert [280, 0, 180] == counts["agent"].tolist()
    assert [230, 100, 0] == counts["customer"].tolist()
    assert [0, 100, 50] == counts["overlap"].tolist()


def test_an_edge_that_is_a_little_off_is_forgiven():
    found = to_runs({"agent": [[0.92, 3.08], [6.05, 8.95]], "customer": [[2.5, 5.0]]})
    assert 1.0 == float(f1(score(Truth(TRUE, 10.0), found)["agent"]))


@pytest.mark.skipif(not TOOLS.is_dir(), reason="needs the shared tools beside the checkout")
def test_the_scores_are_those_of_the_shared_tool(tmp_path):
    """Random truth and random reports of three calls give the same F1 as score_calls.py."""
    rng = np.random.default_rng(3)

    def segments() -> list[list[float]]:
        edges = np.sort(rng.choice(np.arange(1, 5990), 60, replace=False)) / 100
        return edges.reshape(-1, 2).tolist()

    rows, truths, found = [], [], []
    for k, condition in enumerate(("clean", "10dB", "clean")):
        true, heard = ({side: segments() for side in TRUE} for _ in range(2))
        rows.append(
            {
                "file": f"call{k}.wav",
                "duration_s": 60.0,
                "condition": condition,
                "sides": {side: {"speech": own} for side, own in true.items()},
            }
        )
        report = {"sides": {side: {"speech": own} for side, own in heard.items()}, "flags": []}
        (tmp_path / f"call{k}").mkdir()
        (tmp_path / f"call{k}" / "report.json").write_text(json.dumps(report))
        truths.append(Recording(Path(f"call{k}.wav"), condition, rows[-1]))
        found.append(to_runs(heard))
    (tmp_path / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [sys.executable, str(TOOLS / "score_calls.py"), str(tmp_path), str(tmp_path), "--json"]
    tool = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ours = score_set("made", truths, found)
    assert tool["speech"]["all"]["f1"] == pytest.approx(float(f1(ours.speech.sum(axis=0))), abs=1e-4)
    assert tool["speech"]["clean"]["f1"] == pytest.approx(float(f1(ours.agent[[0, 2]].sum(axis=0))), abs=1e-4)
    assert tool["speech"]["customer"]["f1"] == pytest.approx(float(f1(ours.customer.sum(axis=0))), abs=1e-4)
    assert tool["overlap"]["all"]["f1"] == pytest.approx(float(f1(ours.overlap.sum(axis=0))), abs=1e-4)


def test_gaps_are_filled_and_short_runs_dropped_at_their_limits():
    assert [[0, 40]] == spurts(np.array([[0, 20], [39, 40]])).tolist()
    assert [[0, 20]] == spurts(np.array([[0, 20], [40, 41]])).tolist()
    assert [[0, 12]] == spurts(np.array([[0, 12], [40, 51]])).tolist()
    assert 0 == len(spurts(runs_of(np.zeros(50, bool))))


def test_a_frame_s_score_counts_for_the_ticks_whose_middle_it_covers():
    ticks = frames_to_ticks(np.array([0.2, 0.8], np.float32), 512, sample_rate=16_000, n_samples=1024)
    assert [0.2, 0.2, 0.2, 0.8, 0.8, 0.8] == pytest.approx(ticks.tolist())


# Deciding and tuning


def test_speech_begins_at_the_threshold_and_ends_under_the_lower_one():
    scores = np.repeat(np.array([0.1, 0.45, 0.6, 0.45, 0.1, 0.45], np.float32), 30)
    assert [[60, 90]] == Decision(0.5).runs(scores).tolist()
    assert [[60, 120]] == Decision(0.5, 0.1).runs(scores).tolist()


def test_shifted_edges_stay_inside_and_join_what_touches():
    scores = np.zeros(100, np.float32)
    scores[2:30] = scores[56:98] = 1
    assert [[0, 30], [50, 98]] == Decision(0.5, 0.0, -6, 0).runs(scores).tolist()
    assert [[8, 36], [62, 100]] == Decision(0.5, 0.0, 6, 6).runs(scores).tolist()
    assert [[0, 100]] == Decision(0.5, 0.0, -6, 6).runs(scores).tolist()


def test_tuning_finds_the_threshold_and_the_shift_that_a_made_detector_needs():
    """It reports speech 0.06 s late, with scores of 0.35 where somebody speaks."""
    scores = {}
    for side, own in TRUE.items():
        late = np.roll(mask(own, 1000), 6)
        scores[side] = np.where(late, 0.35, 0.05).astype(np.float32)
    peer = replace(ENERGY, threshold=0.5, thresholds=(0.2, 0.5), drops=(0.0,))
    decision, reached = tune(peer, [DevelopmentCall(Truth(TRUE, 10.0), scores)])
    assert 0.2 == decision.threshold
    assert (-6, -6) == (decision.start_shift, decision.end_shift)
    assert reached == pytest.approx(2.0)


# Bootstrap


def test_the_interval_of_a_mean_is_the_known_one():
    """For n draws of a normal value the interval is its mean +- 1.96 sd / sqrt(n)."""
    values = np.random.default_rng(5).normal(0.3, 1.0, 400)
    difference = paired(
        lambda w: w @ values / 400, lambda w: np.zeros(len(w)), weights_of([str(k) for k in range(400)])
    )
    half = 1.96 * values.std() / 20
    assert difference.value == pytest.approx(values.mean())
    assert difference.low == pytest.approx(values.mean() - half, abs=0.01)
    assert difference.high == pytest.approx(values.mean() + half, abs=0.01)
    assert difference.real


def test_a_program_does_not_differ_from_itself():
    x = np.arange(20.0)
    same = paired(lambda w: w @ x, lambda w: w @ x, weights_of([str(k) for k in range(20)]))
    assert (0, 0, 0) == (same.value, same.low, same.high)
    assert not same.real
    assert "**" not in str(same)


def test_variants_of_a_call_are_drawn_together():
    weights = weights_of(["a", "a", "b", "b", "c"], n_draws=500)
    assert np.array_equal(weights[:, 0], weights[:, 1])
    assert np.array_equal(weights[:, 2], weights[:, 3])
    assert np.all(weights[:, [0, 2, 4]].sum(axis=1) == 3)


def test_few_calls_give_no_real_difference():
    """Twenty recordings of four calls are four calls, however much they agree."""
    for n_calls, real in ((4, False), (10, True)):
        weights = weights_of([str(k % n_calls) for k in range(20)])
        better = paired(lambda w: w @ np.full(20, 0.05), lambda w: np.zeros(len(w)), weights)
        assert n_calls == better.n_calls
        assert real == better.real


def test_the_same_seed_gives_the_same_draws():
    assert np.array_equal(weights_of(["a", "b", "c"]), weights_of(["a", "b", "c"]))


# Line cases


def test_a_line_case_is_wrong_when_a_second_of_nobody_is_found_or_a_turn_is_lost():
    case = recording("ring")
    assert judge(case, to_runs(TRUE)).right
    rings = {**TRUE, "agent": [*TRUE["agent"], [9.5, 10.0]]}
    assert judge(case, to_runs(rings)).right  # the half second behind the edge is forgiven
    found = judge(case, to_runs({**TRUE, "customer": [[2.5, 7.0]]}))
    assert not found.right
    assert found.false_s == pytest.approx(1.5)
    lost = judge(case, to_runs({**TRUE, "agent": [[1.0, 3.0]]}))
    assert not lost.right
    assert lost.lost_s == pytest.approx(3.0)


# Rates


def test_contrast_and_error_have_known_values():
    true, seconds = np.array([30.0, 40, 50, 60, 70, 80]), np.full(6, 10.0)
    counts = {"cxaudio": true.astype(int).tolist(), "halved contrast": (20 * np.sqrt(true / 10)).tolist()}
    table = rate_tables(
        [recording(f"r{k}", syllables=t, speech_s=10.0, set="made") for k, t in enumerate(true)], counts
    )
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")]
    assert "0.0%" == rows[1][2].strip()
    assert "1.00" == rows[1][4].strip()
    assert "0.50" == rows[2][4].strip()
    assert contrast(true / seconds, true / seconds, np.ones((1, 6)))[0] == pytest.approx(1)


def test_the_setting_with_the_smallest_error_is_chosen():
    assert 1 == choose(np.array([100.0, 50.0]), [[120, 60], [101, 49], [80, 40]])


# Peers, versions, cache


def test_a_peer_that_is_missing_gives_one_sentence_and_the_others_run(monkeypatch):
    def gone() -> None:
        needs(["a-package-that-nobody-made"])

    missing = replace(ENERGY, name="Missing", key="missing", load=gone)
    monkeypatch.setattr(measured, "PEERS", (missing, ENERGY))
    measured._by_key.cache_clear()
    keys, sentences = measured.available(["missing", "energy"])
    assert ["energy"] == keys
    assert [
        "Missing is not measured: needs the package a-package-that-nobody-made: pip install 'cxaudio[peers]'."
    ] == sentences


def test_a_missing_package_is_named_with_its_cure():
    with pytest.raises(MissingPeerError, match="read the licence"):
        needs(["a-package-that-nobody-made"], hint="read the licence")


def test_keys_and_names_are_unique_and_every_tuned_detector_can_stay_as_it_is():
    assert len({peer.key for peer in PEERS}) == len({peer.name for peer in PEERS}) == len(PEERS)
    assert all(peer.threshold in peer.thresholds for peer in SPEECH_PEERS)


def test_no_extra_names_a_peer_whose_licence_limits_its_use():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = {extra: " ".join(packages) for extra, packages in extras.items()}
    assert not any("ten-vad" in packages or "ten_vad" in packages for packages in named.values())
    assert ["peers-gpl"] == [extra for extra, packages in named.items() if "parselmouth" in packages]
    assert "peers" not in named["all"]


def test_results_are_kept_until_the_sound_changes(tmp_path):
    sound, made = tmp_path / "a.wav", []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"agent": np.array([0.25, 0.5], np.float32)}

    for level in (0.1, 0.1, 0.2):
        sf.write(sound, np.full(800, level), 8000)
        kept = kept_scores(tmp_path / "kept", "energy", "1", sound, make)
        assert [0.25, 0.5] == kept["agent"].tolist()
    assert 2 == len(made)


def test_the_fingerprint_follows_the_packages_and_the_sample_rate():
    assert fingerprint(ENERGY) == fingerprint(ENERGY)
    assert fingerprint(ENERGY) != fingerprint(replace(ENERGY, sample_rate=16_000))
    assert fingerprint(ENERGY) != fingerprint(replace(ENERGY, packages=("numpy",)))


def test_the_energy_rule_finds_a_tone_over_quiet_noise():
    x = np.random.default_rng(4).normal(0, 1e-3, 16_000)
    x[4000:8000] += 0.1 * np.sin(np.arange(4000))
    runs = Decision(ENERGY.threshold).runs(ENERGY.load()(x.astype(np.float32)))
    assert 1 == len(runs)
    assert np.abs(runs[0] - [50, 100]).max() <= 2


# What is written


def test_a_table_of_speech_has_a_row_for_each_and_marks_real_differences():
    recordings = [recording(f"call{k:02d}") for k in range(8)]
    good = score_set("cxaudio", recordings, [to_runs(TRUE)] * 8)
    poor = score_set("deaf", recordings, [to_runs({"agent": [], "customer": [[2.5, 5.0]]})] * 8)
    head, _, ours, theirs = speech_table(recordings, good, [poor]).splitlines()
    assert head.startswith("| speech F1 | agent, clean | customer | all | overlap F1 |")
    assert ["cxaudio", "1.000", "1.000", "1.000", "1.000"] == [cell.strip() for cell in ours.split("|")[1:6]]
    assert "**+1.000 [+1.000, +1.000]**" in theirs


def test_plots_are_small_well_formed_and_the_same_each_time(tmp_path):
    dots = {"speech F1": {"calls": {"cxaudio": (0.97, 0.96, 0.98), "a & b": (0.9, 0.7, 0.95)}}}
    texts = []
    for k in range(2):
        write_dots(tmp_path / f"dots{k}.svg", dots, least={"speech F1": 0.8})
        write_scatter(tmp_path / f"scatter{k}.svg", np.array([3.0, 5.0]), {"cxaudio": np.array([3.1, 4.9])})
        texts.append([(tmp_path / f"{name}{k}.svg").read_text() for name in ("dots", "scatter")])
    assert texts[0] == texts[1]
    for text in texts[0]:
        ElementTree.fromstring(text)
        assert len(text) < 20_000


def test_the_command_says_what_it_needs():
    command = [sys.executable, "-m", "benchmarks.peers", "--shared", "nowhere"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert 2 == done.returncode
    assert "nowhere has no folder data" in done.stderr
    assert "Traceback" not in done.stderr
