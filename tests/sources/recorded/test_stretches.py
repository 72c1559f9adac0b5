"""Any part of a recording has the samples that a reader from the beginning gets."""

from pathlib import Path

import numpy as np
import pytest

from cxaudio.errors import AudioFormatError
from cxaudio.sources.recorded.recording import Recording
from support.written_sound import FORMATS, two_voices, write_sound

SECONDS = 12.0
MP3_ROUNDING = 4e-7  # float32: mpg123 adds the same figures in another order after a jump


def whole(recording: Recording) -> np.ndarray:
    return np.concatenate([piece.copy() for piece in recording.pieces()])


@pytest.mark.parametrize("sample_rate", [8_000, 16_000])
@pytest.mark.parametrize("name", FORMATS)
def test_any_part_of_any_format_is_exact(name: str, sample_rate: int, tmp_path: Path):
    form, codec, channels = FORMATS[name]
    path = write_sound(
        tmp_path / name, two_voices(SECONDS, sample_rate)[:, :channels], sample_rate, form=form, codec=codec
    )
    with Recording(path) as recording, recording.stretches() as stretches:
        expected = whole(recording)
        rng = np.random.default_rng(5)
        starts = [0, 1, len(expected) - 7, 3, *rng.integers(0, len(expected), 12)]
        for start in starts:
            length = int(rng.integers(1, 9_000))
            actual = stretches.read(int(start), length)
            tolerance = MP3_ROUNDING if codec == "MPEG_LAYER_III" else 2.0**-16 if stretches.keeps else 0.0
            assert len(expected[start : start + length]) == len(actual)
            np.testing.assert_allclose(actual, expected[start : start + length], rtol=0, atol=tolerance)


def test_parts_that_follow_one_another_are_the_whole(tmp_path: Path):
    path = write_sound(tmp_path / "a.mp3", two_voices(9.0), form="MP3", codec="MPEG_LAYER_III")
    with Recording(path) as recording, recording.stretches() as stretches:
        parts = [stretches.read(start, 1_000) for start in range(0, recording.n_frames, 1_000)]
        np.testing.assert_array_equal(np.concatenate(parts), whole(recording))


def test_behind_the_end_there_is_nothing(tmp_path: Path):
    path = write_sound(tmp_path / "a.wav", two_voices(1.0), form="WAV", codec="PCM_16")
    with Recording(path) as recording, recording.stretches() as stretches:
        assert (0, 2) == stretches.read(recording.n_frames, 100).shape
        assert (0, 2) == stretches.read(recording.n_frames + 50, 100).shape


def test_only_what_libsndfile_cannot_seek_in_is_kept_in_memory(tmp_path: Path):
    kept = set()
    for name, (form, codec, channels) in FORMATS.items():
        path = write_sound(tmp_path / name, two_voices(1.0)[:, :channels], form=form, codec=codec)
        with Recording(path) as recording, recording.stretches() as stretches:
            if stretches.keeps:
                kept.add(name)
                assert 2 * recording.n_frames * recording.channels == stretches.n_bytes
    assert {"gsm.wav", "g721.wav"} == kept


def test_a_file_that_became_shorter_is_an_error_in_one_sentence(tmp_path: Path):
    path = write_sound(tmp_path / "a.wav", two_voices(60.0), form="WAV", codec="PCM_16")
    with Recording(path) as recording, recording.stretches() as stretches:
        with path.open("r+b") as file:
            file.truncate(1_000_000)
        with pytest.raises(AudioFormatError, match="ends earlier than it did when it was opened"):
            stretches.read(55 * 8_000, 8_000)


def test_a_part_of_gsm_far_behind_is_decoded_at_once_and_the_same_as_from_the_beginning(tmp_path: Path):
    path = write_sound(tmp_path / "a.wav", two_voices(200.0)[:, :1], form="WAV", codec="GSM610")
    with Recording(path) as recording, recording.stretches() as far, recording.stretches() as near:
        for start_s in (150.0, 151.0, 90.0, 0.0, 199.9):
            start = round(start_s * 8_000)
            np.testing.assert_array_equal(near.read(start, 8_000), far.read(start, 8_000))
            near.read(0, recording.n_frames)  # from now on all is kept


def test_a_part_of_g721_far_behind_is_decoded_from_the_beginning(tmp_path: Path):
    path = write_sound(tmp_path / "a.wav", two_voices(70.0)[:, :1], form="WAV", codec="G721_32")
    with Recording(path) as recording, recording.stretches() as stretches:
        np.testing.assert_allclose(
            stretches.read(65 * 8_000, 8_000), whole(recording)[65 * 8_000 : 66 * 8_000], atol=2e-5
        )
