"""The self-test passes as installed, and fails where a rule, the weights or a file are not what they should be."""

import json
import re

import numpy as np
import pytest

from cxaudio.cli.app import run_cli
from cxaudio.cli.selftest import selftest
from cxaudio.errors import SelfTestError, UsageError
from cxaudio.made.planted_calls import NEAR, planted_script
from cxaudio.made.synthetic import make_call
from cxaudio.model.events import Side
from cxaudio.selftest import run
from cxaudio.selftest.levels import LEVELS, below
from cxaudio.selftest.run import CALLS, SEED, run_selftest
from cxaudio.selftest.scores import RULES, Scores
from dsp.speech import syllables, vad


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


def test_the_help_states_the_levels_that_decide():
    help_text = selftest.__doc__ or ""
    limits = [round(100 * level.limit) for level in LEVELS]
    assert [int(number) for number in re.findall(r"(\d+) %", help_text)] == limits


def test_every_rule_is_planted_and_nearly_broken():
    planted = [phase.rule for number in range(CALLS) for phase in planted_script(number, seed=SEED).phases]
    for rule in RULES:
        assert planted.count(rule) >= 6, rule
        assert planted.count(NEAR + rule) >= 6, rule


def test_the_same_seed_plants_the_same_and_another_does_not():
    assert planted_script(1, seed=1) == planted_script(1, seed=1)
    assert planted_script(1, seed=1) != planted_script(1, seed=2)


def test_unusable_numbers_are_one_sentence(capsys):
    for words in (["--calls", "0"], ["--seed", "-1"]):
        assert run_cli(["selftest", *words]) == UsageError.exit_code
        assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def few_scores(monkeypatch):
    """Replace the run by its outcome, which a test may change."""
    scores = Scores(calls=2, seconds=600.0)
    scores.rows["rushing"].planted = scores.rows["rushing"].found = 4
    scores.rows["rushing"].seconds = [20.0, 22.0, 24.0, 40.0]
    monkeypatch.setattr("cxaudio.cli.selftest.run_selftest", lambda **options: scores)
    return scores


@pytest.mark.parametrize(("language", "rule"), [("en", "Rushing"), ("zh-CN", "语速过快"), ("zh-Hant", "語速過快")])
def test_the_table_speaks_the_language_of_the_reader(few_scores, language, rule, capsys):
    assert run_cli(["selftest", "--page-language", language]) == 0
    shown = capsys.readouterr()
    assert re.search(rf"{rule} +4 +4 +0 +23\.0", shown.out)
    assert shown.err == ""


def test_what_is_below_its_level_is_the_exit_code_and_the_error(few_scores, capsys):
    few_scores.rows["rushing"].found = 1
    assert run_cli(["selftest", "--json"]) == SelfTestError.exit_code == 5
    shown = capsys.readouterr()
    assert json.loads(shown.out)["passed"] is False
    assert "rule_recall 0.25 (at least" in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(("module", "stored"), [(vad, vad._weights), (syllables, syllables.shipped_weights)])
def test_missing_weights_are_one_sentence_and_no_traceback(module, stored, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(module, "_WEIGHTS", tmp_path / "gone.npz")
    stored.cache_clear()
    try:
        assert run_cli(["selftest", "--calls", "1"]) == SelfTestError.exit_code
    finally:
        stored.cache_clear()
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert "gone.npz" in text


@pytest.mark.slow
def test_what_the_script_plants_is_spoken():
    """What was reached keeps clear of the limits of DEFINITIONS §5, so each part is what it is named."""
    for number in range(4):
        truth = make_call(planted_script(number, seed=SEED), seed=1000 * SEED + number).truth
        usual = truth.phases[0].rates[Side.CUSTOMER]
        for phase in truth.phases:
            seconds = (phase.end - phase.start) / truth.sample_rate
            agent, customer = phase.rates
            match phase.rule:
                case "rushing":
                    assert agent / customer > 1.45
                    assert customer < 1.05 * usual
                case "near_rushing":
                    assert 1.0 < agent / customer < 1.2
                case "dawdling":
                    assert agent / customer < 0.7
                    assert customer > 1.2 * usual
                case "near_dawdling":
                    assert 0.88 < agent / customer < 1.15
                case "monologue":
                    assert seconds > 68
                case "near_monologue":
                    assert seconds < 50
                case "left_waiting" | "near_left_waiting" | "dead_air" | "near_dead_air":
                    first = min(line.start for line in truth.lines if line.start > phase.start)
                    silence = (first - phase.start) / truth.sample_rate
                    low, high = {
                        "left_waiting": (6.4, 9.1), "near_left_waiting": (1.9, 3.6),
                        "dead_air": (11.9, 15.1), "near_dead_air": (3.9, 7.1),
                    }[phase.rule]  # fmt: skip
                    assert low < silence < high
                case "talking_over" | "near_talking_over":
                    overlaps = [each for each in truth.overlaps if phase.start <= each.start < phase.end]
                    longest = max((each.end - each.start) / truth.sample_rate for each in overlaps)
                    assert longest > 1.4 if phase.rule == "talking_over" else longest < 1.0


@pytest.mark.slow
def test_a_sound_installation_passes(capsys):
    assert run_cli(["selftest", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is True
    assert found["calls"] == CALLS
    assert found["near_misses"]["planted"] == 3 * CALLS
    assert all(found["found"][rule]["planted"] >= 6 for rule in RULES)


@pytest.mark.slow
def test_calls_truth_and_reports_are_kept_where_asked_for(tmp_path, capsys):
    assert run_cli(["selftest", "--calls", "2", "--keep", str(tmp_path)]) == 0
    assert str(tmp_path) in capsys.readouterr().out
    rows = [json.loads(line) for line in (tmp_path / "calls" / "index.jsonl").read_text().splitlines()]
    assert {row["kind"] for row in rows} == {"call", "pacing"}
    for row in rows:
        assert (tmp_path / "calls" / row["file"]).exists()
        assert (tmp_path / "reports" / row["file"].removesuffix(".wav") / "report.json").exists()


@pytest.mark.slow
def test_a_rule_that_is_switched_off_fails_the_test():
    scores = run_selftest(calls=2, overrides={"left_waiting.enabled": False})
    assert {"rule_recall", "recall"} <= {level.name for level in below(scores)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "function", "level"), [(vad, "_weights", "speech_f1"), (syllables, "shipped_weights", "count_error")]
)
def test_wrong_weights_fail_the_test(module, function, level, monkeypatch):
    right = getattr(module, function)()
    chance = np.random.default_rng(1)
    wrong = {
        name: chance.permutation(array.ravel()).reshape(array.shape) if name.startswith("weight") else array
        for name, array in right.items()
    }
    monkeypatch.setattr(module, function, lambda: wrong)
    assert level in {each.name for each in below(run_selftest(calls=1))}


def test_nothing_is_kept_unless_asked_for(monkeypatch, tmp_path):
    """The folder for the calls is gone afterwards, also when the run fails."""
    seen = []

    def fails(folder, *arguments, **options):
        seen.append(folder)
        assert (folder / "calls").is_dir()
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(run, "_run", fails)
    with pytest.raises(SelfTestError, match="ZeroDivisionError"):
        run_selftest()
    assert not seen[0].exists()
