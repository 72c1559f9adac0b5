"""Which sounds are speech for the rules about silence; a letter is 100 ms, with a nucleus in every second one."""

from cxaudio.analysis.pacing_rules.speech_watch import LOOK_EVERY, SpeechWatch
from cxaudio.analysis.tick import NEVER
from cxaudio.model.events import Side
from support.drawings import ticks


def found(agent: str) -> tuple[SpeechWatch, list[int]]:
    """The watch after a drawing, and the ticks at which it found speech."""
    watch = SpeechWatch(Side.AGENT)
    return watch, [tick.number for tick in ticks(agent, "") if watch.step(tick)]


def test_a_long_spurt_is_speech_after_half_a_second_and_again_at_its_end_no_more() -> None:
    watch, at = found("..AAAAAAAA..")
    assert [20 + LOOK_EVERY] == at
    assert (20, 100) == (watch.start, watch.end)


def test_a_short_spurt_with_a_syllable_is_speech_at_its_end() -> None:
    watch, at = found("..AA..")
    assert [40] == at
    assert (20, 40, False) == (watch.start, watch.end, watch.speaks)


def test_a_click_without_a_syllable_is_no_speech() -> None:
    watch, at = found("..A..")
    assert [] == at
    assert 0 == watch.end
    assert not watch.spoke(0, 50)


def test_far_softer_sound_than_the_usual_is_no_speech() -> None:
    row = ticks("A" * 20 + "." * 10 + "A" * 8 + "..", "")
    loud = row[199].energy[0]
    faint = [t._replace(energy=(loud + (t.speech[0] - 200) * 10**-4.6, 0.0)) if t.number > 200 else t for t in row]
    watch = SpeechWatch(Side.AGENT)
    assert [LOOK_EVERY] == [tick.number for tick in faint if watch.step(tick)]
    assert 200 == watch.end
    watch = SpeechWatch(Side.AGENT)
    settled = [tick._replace(settled=True) for tick in faint]
    assert [LOOK_EVERY, 300 + LOOK_EVERY] == [tick.number for tick in settled if watch.step(tick)]
    assert 380 == watch.end, "the room was taken out before"


def test_a_spurt_is_looked_at_again_until_it_is_known_to_be_speech() -> None:
    watch = SpeechWatch(Side.AGENT)
    due, settled = [], []
    for tick in ticks("..AAAAAA..", ""):
        watch.step(tick)
        if not tick.number % 10:
            due.append(watch.due)
            settled.append(watch.settled)
    assert [NEVER] * 2 + [70] * 5 + [NEVER] * 3 == due
    assert [True] * 2 + [False] * 5 + [True] * 3 == settled


def test_speech_between_two_ticks_is_remembered() -> None:
    watch, _ = found("..AA..AAAA...")
    assert [False, True, True, False, True, False] == [
        watch.spoke(*span) for span in ((0, 20), (0, 21), (39, 60), (40, 60), (40, 61), (100, 130))
    ]
    assert 0.6 == watch.sound_s


def test_speech_that_goes_on_counts_too() -> None:
    watch, _ = found("..AAAAAA")
    assert watch.speaks
    assert watch.spoke(70, 80)
    assert not watch.spoke(0, 20)
    assert 0.59 == watch.sound_s  # through the tick before the latest


def test_a_hold_ends_speech() -> None:
    watch, _ = found("..AAAAAAHH")
    assert (False, 80) == (watch.speaks, watch.end)
