"""Sound that we suppressed says so itself when it is replayed."""

import soundfile

import cxaudio
from cxaudio.model.events import QualityKind, Side
from support.demo_call import demo_call


def test_clean_sound_replayed_is_told_and_its_rates_are_less_sure(tmp_path):
    demo = demo_call()
    soundfile.write(tmp_path / "call.wav", demo.samples.T, 8000)
    call = cxaudio.replay(tmp_path / "call.wav", agent="left", out=tmp_path / "out", clean=True)
    cleaned = tmp_path / "out" / "clean.wav"
    marked = cxaudio.replay(cleaned, agent="left")
    told = [(notice.side, notice.unit) for notice in marked.notices if notice.kind is QualityKind.NOISE_SUPPRESSED]
    assert told == [(None, "comment")], "once, for both sides"
    for side in Side:
        error, other = (
            report.sides[side].articulation_rate_std_error / report.sides[side].articulation_rate
            for report in (marked, call)
        )
        assert error > 1.1 * other

    sound, rate = soundfile.read(cleaned)
    flac = tmp_path / "clean.flac"
    with soundfile.SoundFile(flac, "w", rate, 2) as file:
        file.comment = soundfile.SoundFile(cleaned).comment
        file.write(sound)
    assert any(notice.kind is QualityKind.NOISE_SUPPRESSED for notice in cxaudio.replay(flac, agent="left").notices), (
        "a comment survives a change of the container"
    )
