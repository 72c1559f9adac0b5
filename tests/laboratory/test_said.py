"""Sentences with values: text to everybody, translated with the values inside them."""

import copy
import pickle

import pytest

from cxaudio.laboratory import said as module
from cxaudio.laboratory.said import listed, said, translate

TABLE = {
    "{n} pauses of {take}": "{take} 的 {n} 处停顿",
    "{share:.1f} % of {what}": "{what} 的 {share:.1f} %",
    "the whole": "全部",
    "a sentence without blanks": "没有空位的句子",
}


@pytest.fixture(autouse=True)
def table(monkeypatch):
    monkeypatch.setattr(module, "headset_sentences", lambda language: TABLE if language == "zh-Hans" else {})


def test_a_sentence_is_its_english_text():
    sentence = said("{n} pauses of {take}", n=3, take="speech.wav")
    assert sentence == "3 pauses of speech.wav"
    assert {"3 pauses of speech.wav": 1} == {sentence: 1}
    assert (sentence.template, sentence.values) == ("{n} pauses of {take}", {"n": 3, "take": "speech.wav"})
    assert isinstance(sentence.upper(), str)


def test_it_is_translated_with_its_values_in_the_order_of_the_other_language():
    assert translate(said("{n} pauses of {take}", n=3, take="speech.wav"), "zh-Hans") == "speech.wav 的 3 处停顿"


def test_a_sentence_inside_a_sentence_is_translated_too():
    sentence = said("{share:.1f} % of {what}", share=12.345, what=said("the whole"))
    assert sentence == "12.3 % of the whole"
    assert translate(sentence, "zh-Hans") == "全部 的 12.3 %"


def test_what_has_no_translation_stays_english():
    assert translate(said("{n} apples of {tree}", n=2, tree=said("the whole")), "zh-Hans") == "2 apples of the whole"
    assert translate("3 pauses of speech.wav", "zh-Hans") == "3 pauses of speech.wav"
    assert translate(said("{n} pauses of {take}", n=3, take="x.wav"), "en") == "3 pauses of x.wav"


def test_a_plain_text_that_is_a_whole_template_is_translated():
    assert translate("a sentence without blanks", "zh-Hans") == "没有空位的句子"


def test_braces_in_a_value_are_left_alone():
    assert translate(said("{n} pauses of {take}", n=1, take="{n}.wav"), "zh-Hans") == "{n}.wav 的 1 处停顿"
    assert said("{n} pauses of {take}", n=1, take="{n}.wav") == "1 pauses of {n}.wav"


def test_a_list_is_translated_part_by_part_without_empty_parts():
    several = listed([said("the whole"), "", "kept"], "; ")
    assert several == "the whole; kept"
    assert translate(several, "zh-Hans") == "全部；kept"
    assert translate(several, "en") == "the whole; kept"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copies_and_what_another_process_is_sent_remember_the_template(again):
    whole = listed([said("{n} pauses of {take}", n=3, take="speech.wav"), said("the whole")])
    found = again(whole)
    assert found == whole
    assert translate(found, "zh-Hans") == "speech.wav 的 3 处停顿，全部"


def test_the_message_of_an_error_remembers_the_template():
    error = ValueError(said("{n} pauses of {take}", n=3, take="x.wav"))
    assert translate(str(error), "zh-Hans") == "x.wav 的 3 处停顿"
    assert translate(str(listed([str(error), "kept"])), "zh-Hans") == "x.wav 的 3 处停顿，kept"


def test_it_is_written_as_json_like_any_text():
    import json

    assert json.dumps({"a": said("{n} pauses of {take}", n=3, take="x.wav")}) == '{"a": "3 pauses of x.wav"}'


def test_a_missing_value_is_found_at_once():
    with pytest.raises(KeyError):
        said("{n} pauses of {take}", n=3)
