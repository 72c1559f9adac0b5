"""Nuclei of synthetic and of recorded voices are where the vowels are."""

import numpy as np
import pytest

from benchmarks.training.pinyin_phones import phones_of
from benchmarks.training.syllable_aligner import Phone, Word, is_vowel, wide
from benchmarks.training.syllable_alignment import Spoken, good_runs, spoken_words, words_of
from benchmarks.training.syllable_festival import nuclei_of
from benchmarks.training.syllable_texts import ESPEAK_VOICES, SENTENCES
from benchmarks.training.syllable_voice_file import Utterances, middle_of_vowel, one_vowel
from benchmarks.training.syllable_voices import is_nucleus


def test_a_nucleus_is_the_middle_of_a_vowel_or_50_ms_into_a_long_one():
    assert middle_of_vowel(1.0, 1.06) == pytest.approx(1.03)
    assert middle_of_vowel(1.0, 1.4) == pytest.approx(1.05)


def test_espeak_schwa_is_a_syllable_in_french_only():
    assert is_nucleus("@-", "fr+f2")
    assert not is_nucleus("@-", "en+f2")
    assert is_nucleus("n-", "de+m1")
    assert not is_nucleus("n", "de+m1")


def test_finnish_diphthong_is_one_nucleus_and_hiatus_two():
    tie = [("t", "-", "tie", 0.1), ("i", "+", "tie", 0.16), ("e", "+", "tie", 0.2)]
    assert nuclei_of(tie, "fi") == [pytest.approx(0.15)]
    assert len(nuclei_of([("e", "+", "ea", 0.1), ("a", "+", "ea", 0.2)], "fi")) == 2
    assert one_vowel("u", "o", "fi")
    assert not one_vowel("u", "o", "it")


def test_vowels_of_two_words_stay_two_nuclei():
    phones = [("a1", "+", "ora", 0.1), ("i", "+", "in", 0.2)]
    assert len(nuclei_of(phones, "it")) == 2
    assert len(nuclei_of([("a1", "+", "mai", 0.1), ("i", "+", "mai", 0.2)], "it")) == 1


def test_catalan_glides_are_no_syllables():
    aigua = [("a1", "+", "aigua", 0.1), ("j", "+", "aigua", 0.15), ("g", "-", "aigua", 0.2), ("w", "+", "aigua", 0.25)]
    assert len(nuclei_of([*aigua, ("ax", "+", "aigua", 0.3)], "ca")) == 2


def test_every_espeak_voice_has_sentences():
    assert set(ESPEAK_VOICES) < set(SENTENCES)


@pytest.mark.parametrize("syllable", "ming2 zhi1 shi4 er4 yuan2 xue2 nv3 hua1r wo3 an1 qiong2 zhuang4 yu3".split())
def test_every_pinyin_syllable_has_one_vowel(syllable):
    assert phones_of(syllable)
    for phones in phones_of(syllable):
        assert sum(map(is_vowel, phones.split())) == 1


def test_a_word_takes_the_pronunciation_that_was_counted():
    known = {"every": ("EH V ER IY", "EH V R IY")}
    row = {"transcript": "every", "word_syllables": [2]}
    assert words_of(row, known) == [Word("every", ("EH V R IY",))]
    assert words_of({**row, "word_syllables": [5]}, known) == [Word("every", known["every"], sure=False)]
    assert words_of({**row, "transcript": "evry"}, known) is None


def test_a_word_whose_two_places_differ_is_left_out():
    phones = [Phone("AY", 0.1, 0.3, -10.0, 0), Phone("SIL", 0.3, 0.5, -5.0, -1), Phone("AY", 0.5, 0.7, -10.0, 1)]
    words = [Word("i", ("AY",)), Word("eye", ("AY",))]
    found = spoken_words(words, phones, np.array([[0.15, 0.55], [0.16, 0.75]]), np.zeros(100))
    assert [each.fault for each in found] == ["", "places differ"]
    assert found[0].nuclei == (pytest.approx(0.155),)


def test_good_words_around_a_bad_one_are_two_spans():
    def word(start, fault=""):
        return Spoken(start, start + 0.2, (start + 0.05,), 0, fault)

    heard = [*(word(0.2 * k) for k in range(5)), word(1.0, "score"), *(word(1.3 + 0.2 * k) for k in range(5))]
    spans, nuclei = good_runs(3.0, heard)
    assert spans == [(0.0, 1.0), (1.25, 3.0)]
    assert len(nuclei) == 10
    assert good_runs(3.0, [*heard[:3], word(1.0, "score")])[0] == []  # too short a run
    assert good_runs(3.0, heard[:2]) == ([(0.0, 3.0)], pytest.approx([0.05, 0.25]))  # a short clip is whole
    assert good_runs(3.0, [word(0.2 * k) for k in range(5)]) == (
        [(0.0, 3.0)],
        pytest.approx([0.05, 0.25, 0.45, 0.65, 0.85]),
    )


def test_telephone_sound_gets_a_weak_image_above_4_khz():
    x = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    spectrum = np.abs(np.fft.rfft(wide(x, 8000)))
    assert len(spectrum) == 8001
    assert spectrum[7000] == pytest.approx(0.1 / 1.0 * spectrum[1000], rel=0.05)


def test_an_utterance_that_nobody_could_speak_is_left_out(tmp_path):
    made = Utterances()
    made.add(np.zeros(16000), 16000, [0.1, 0.15, 0.2, 0.25], "en", "v")
    assert not len(made)
    made.add(np.zeros(16000), 16000, [0.1, 0.3, 0.5], "en", "v")
    made.add(np.zeros(8000), 8000, [0.25], "fi", "w")
    made.save(tmp_path / "a.npz")
    stored = np.load(tmp_path / "a.npz")
    assert stored["bounds"].tolist() == [0, 8000, 16000]
    assert stored["nuclei"].tolist() == [800, 2400, 4000, 10000]
    assert stored["voices"].tolist() == ["v", "w"]
