"""The texts and voices that languages are measured with are not those of the training; their syllables are right."""

import doctest

import numpy as np
import pytest
import soundfile

from benchmarks import languages
from benchmarks.language_texts import COUNTED, SPOKEN
from benchmarks.languages import PACES, VARIANTS, Counted, contrast, table, text_of, written
from benchmarks.training.syllable_texts import SENTENCES
from benchmarks.training.syllable_voices import VARIANTS as TAUGHT


def test_no_text_and_no_voice_was_taught():
    texts = {text for spoken in SPOKEN.values() for text in spoken}
    texts |= {text for counted in COUNTED.values() for text, _ in counted}
    assert texts & {text for spoken in SENTENCES.values() for text in spoken} == set()
    assert set(VARIANTS) & set(TAUGHT) == set()


@pytest.mark.parametrize("voice", ["vi", "cmn-latn-pinyin"])
def test_each_word_of_vietnamese_and_of_pinyin_is_one_syllable(voice):
    for text, n in COUNTED[voice]:
        assert len(text.split()) == n, text


def test_japanese_has_no_more_syllables_than_kana():
    """A doubled consonant, *n* and a long vowel are no syllable of their own, nor is the *i* of "kudasai"."""
    for text, n in COUNTED["ja"]:
        assert n == len([letter for letter in text.replace("さい", "さ") if letter not in "。、っッんンー"]), text


def test_all_sentences_make_one_text():
    text, n = text_of("it")
    assert text.startswith("Buonasera")
    assert n == sum(count for _, count in COUNTED["it"])
    assert text_of("de")[1] is None


def test_contrast_is_that_of_the_counts():
    """By hand: rates of 3 and 6 counted as 3 and 6 / sqrt(2) are a slope of one half."""
    rows = [Counted("slow", 100.0, 300, 300), Counted("fast", 100.0, 600, round(300 * 2**0.5))]
    assert contrast(rows) == pytest.approx(0.5, abs=0.002)


def test_the_table_has_the_bias_at_each_pace():
    rows = [Counted(pace, 10.0, 50 + 10 * k, 55 + 10 * k) for k, pace in enumerate(PACES)]
    (line,) = table({"vi": rows}).splitlines()[2:]
    assert line.startswith("| vi | 3 | 5.0 to 7.0 | +8.5 % | 8.5 % |")
    assert line.endswith("| +10.0 % | +8.3 % | +7.1 % |")


def test_a_voice_is_written_as_one_side_of_a_telephone_call(tmp_path):
    chance = np.random.default_rng(1)
    x = np.sin(np.arange(16_000) * 2 * np.pi * 1000 / 16_000)
    assert written(tmp_path / "x.wav", x, 16_000, chance) == pytest.approx(1.0, abs=0.01)
    sides, rate = soundfile.read(tmp_path / "x.wav")
    assert (rate, sides.shape[1]) == (8000, 2)
    assert np.sqrt(np.square(sides[4000:12_000, 0]).mean()) == pytest.approx(0.05, rel=0.05)
    assert np.abs(sides[:, 1]).max() < 0.002


def test_the_examples_of_the_module_are_right():
    assert doctest.testmod(languages) == doctest.TestResults(failed=0, attempted=1)
