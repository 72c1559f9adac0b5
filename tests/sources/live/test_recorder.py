"""A live recording and its marks: valid after every block, never overwritten, and distinguished from others'."""

import json
from itertools import pairwise

import numpy as np
import pytest
import soundfile

from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.model.blocks import AudioBlock, CallInfo
from cxaudio.model.events import QualityKind, Side
from cxaudio.model.timebase import Timebase
from cxaudio.sources.live.recorder import Recorder
from cxaudio.sources.recorded.marks import marks_path, read_marks
from cxaudio.sources.recorded.wav import WavSource

RATE = 16_000


def call() -> CallInfo:
    return CallInfo(
        call_id="call-7",
        origin="live",
        language="en",
        started_at=None,
        timebase=Timebase(RATE),
        source_rates=(48_000, 44_100),
        channels=(0, 1),
        headset="hion-u800",
    )


def sound(n: int) -> np.ndarray:
    return (0.1 * np.random.default_rng(3).standard_normal((2, n))).astype(np.float32)


@pytest.fixture
def recorder(tmp_path):
    made = Recorder(tmp_path / "call.wav")
    made.open(call())
    yield made
    made.close()


def test_it_is_whole_after_every_block_though_it_was_never_closed(recorder):
    x = sound(4_800)
    for k in range(3):
        recorder.write(AudioBlock(start=1_600 * k, samples=x[:, 1_600 * k : 1_600 * (k + 1)]))
        kept, rate = soundfile.read(recorder.path, dtype="float32")
        assert RATE == rate
        np.testing.assert_array_equal(x[:, : 1_600 * (k + 1)], kept.T)


def test_a_program_that_died_between_sound_and_header_leaves_a_recording_that_opens(recorder):
    x = sound(3_200)
    recorder.write(AudioBlock(start=0, samples=x[:, :1_600]))
    header = recorder.path.read_bytes()[:58]
    recorder.write(AudioBlock(start=1_600, samples=x[:, 1_600:], held=True))
    whole = recorder.path.read_bytes()
    recorder.path.write_bytes(header + whole[58:])
    marks = marks_path(recorder.path)
    marks.write_text(marks.read_text() + '{"type": "hold", "at": 99')  # cut off in the middle of a line
    with WavSource(recorder.path) as source:
        blocks = list(source)
        assert [QualityKind.UNFINISHED_FILE] == [notice.kind for notice in source.info.notices]
    np.testing.assert_array_equal(x, np.concatenate([block.samples for block in blocks], axis=1))
    assert [False, True] == [block.held for block in blocks]


def test_marks_come_back_to_the_sample_however_the_recording_is_cut(recorder):
    x = sound(16_000)
    stretches = [
        (0, 1_000, {}),
        (1_000, 2_500, {"dropout": True}),
        (2_500, 4_000, {"dropout": True, "dropout_side": Side.AGENT}),
        (4_000, 6_001, {"held": True}),
        (6_001, 9_000, {"held": True, "dropout": True, "dropout_side": Side.CUSTOMER}),
        (9_000, 16_000, {}),
    ]
    for start, end, marks in stretches:
        recorder.write(AudioBlock(start=start, samples=x[:, start:end], **marks))
    for block_ms in (7, 100, 5_000):
        with WavSource(recorder.path, block_ms=block_ms) as source:
            blocks = list(source)
        assert all(one.end == two.start for one, two in pairwise(blocks))
        for start, end, marks in stretches:
            inside = [block for block in blocks if start <= block.start < end]
            assert inside[-1].end == end
            expected = {"dropout": False, "dropout_side": None, "held": False} | marks
            found = [{name: getattr(block, name) for name in expected} for block in inside]
            assert [expected] * len(inside) == found


def test_a_pause_is_lost_and_on_hold_and_named_as_a_pause(recorder):
    recorder.write(AudioBlock(start=0, samples=np.zeros((2, 800), np.float32), dropout=True, held=True), paused=True)
    recorder.write(AudioBlock(start=800, samples=sound(800)))
    lines = [json.loads(line) for line in marks_path(recorder.path).read_text().splitlines()[1:]]
    assert [("pause", 0, True), ("pause", 800, False)] == [(line["type"], line["at"], line["on"]) for line in lines]
    with WavSource(recorder.path) as source:
        assert [(True, True), (False, False)] == [(block.dropout, block.held) for block in source]


def test_its_rate_and_roles_need_not_be_told_even_where_it_holds_telephone_sound(recorder):
    t = np.arange(RATE * 3) / RATE
    tone = (0.1 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    recorder.write(AudioBlock(start=0, samples=np.stack((tone, 0.5 * tone))))
    with WavSource(recorder.path, language="en") as source:
        info = source.info
    assert (RATE, (0, 1), "recorded") == (info.timebase.sample_rate, info.channels, info.role_source)
    assert ("call-7", "hion-u800", "wav", ()) == (info.call_id, info.headset, info.origin, info.notices)
    with WavSource(recorder.path, agent="left", role_source="settings") as source:
        assert (0, 1) == source.info.channels
    with WavSource(recorder.path, agent="right") as source:
        assert ((1, 0), "given") == (source.info.channels, source.info.role_source)


def test_marks_of_another_recording_are_refused_with_their_cure(recorder):
    recorder.close()
    soundfile.write(recorder.path, np.zeros((8_000, 2)), 8_000)
    with pytest.raises(AudioFormatError, match=r"move call\.marks\.jsonl away"), WavSource(recorder.path):
        pass
    marks_path(recorder.path).write_text("not json\n")
    with pytest.raises(AudioFormatError, match="line 1"):
        read_marks(recorder.path)


def test_no_recording_is_overwritten(recorder):
    recorder.write(AudioBlock(start=0, samples=sound(800)))
    before = recorder.path.read_bytes()
    with pytest.raises(UsageError, match="there is a recording already"):
        Recorder(recorder.path).open(call())
    assert before == recorder.path.read_bytes()


def test_what_was_no_call_leaves_nothing(recorder, tmp_path):
    recorder.write(AudioBlock(start=0, samples=sound(800)))
    recorder.discard()
    assert [] == list(tmp_path.iterdir())


def test_a_recording_with_the_longest_name_has_no_marks(tmp_path):
    recording = tmp_path / f"{'a' * 251}.wav"
    recording.touch()
    assert read_marks(recording) is None
