"""A recording that holds more sound than is allowed is refused at once, whatever its header says."""

import numpy as np
import pytest
import soundfile

from cxaudio.errors import TooLongError
from cxaudio.sources.recorded.recording import Recording
from cxaudio.sources.recorded.sound_digest import SideDigest, call_id_of, sound_digest_of
from cxaudio.sources.recorded.wav import WavPairSource, WavSource

RATE = 8_000


def written(path, seconds, channels=2):
    soundfile.write(path, np.zeros((round(seconds * RATE), channels), np.int16), RATE)
    return path


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
def test_a_recording_of_the_limits_length_is_read_and_a_longer_one_refused(tmp_path, kind):
    path = written(tmp_path / f"call.{kind}", 3)
    with Recording(path, longest_s=4.0) as recording:
        assert 2.9 < recording.duration_s < 3.2
    with pytest.raises(TooLongError, match=r"call.*holds more than 0\.0005 h of sound.*archive\.max_hours"):
        Recording(path, longest_s=1.8)


def test_a_flac_that_does_not_say_its_length_is_decoded_to_the_limit_only(tmp_path):
    path = written(tmp_path / "call.flac", 60)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # STREAMINFO: the number of samples, 36 bits, 0 means unknown
    data[22:26] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(TooLongError):
        Recording(path, longest_s=1.0)
    with Recording(path, longest_s=61.0) as recording:
        assert 59.9 < recording.duration_s <= 60.0


def test_a_header_that_promises_more_than_the_limit_is_refused_before_anything_is_decoded(tmp_path, monkeypatch):
    path = written(tmp_path / "call.flac", 1)
    data = bytearray(path.read_bytes())
    data[22:26] = (2_000_000_000).to_bytes(4, "big")
    path.write_bytes(data)
    from cxaudio.sources.recorded import decoder

    monkeypatch.setattr(decoder.Decoder, "read", lambda *_: pytest.fail("was decoded"))
    with pytest.raises(TooLongError):
        Recording(path, longest_s=3600.0)


def test_both_kinds_of_calls_pass_the_limit_on(tmp_path):
    both = written(tmp_path / "both.wav", 3)
    sides = [written(tmp_path / f"{name}.wav", 3, channels=1) for name in "ac"]
    for source in (WavSource(both, agent="left", longest_s=1.0), WavPairSource(*sides, longest_s=1.0)):
        with pytest.raises(TooLongError), source:
            pass


def test_the_whole_digest_of_the_sound_begins_with_the_name_of_the_call(tmp_path):
    path = tmp_path / "call.wav"
    sound = np.random.default_rng(5).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    sides = []
    for channel in sound.T:
        sides.append(SideDigest(RATE))
        sides[-1].add(channel)
    with WavSource(path, agent="left", language="en") as source:
        for _ in source:
            pass
        assert sound_digest_of(sides) == source.sound_digest
        assert call_id_of(sides) == source.info.call_id == f"call-{source.sound_digest.hex()[:12]}"
