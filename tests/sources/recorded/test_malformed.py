"""Damaged files are read correctly with a notice, or refused in one sentence; never an empty call or a traceback."""

import io
import os
import stat
import struct
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from cxaudio.errors import AudioFormatError, UsageError
from cxaudio.model.events import QualityKind
from cxaudio.sources.recorded.recording import Recording
from cxaudio.sources.recorded.spliced import Span
from cxaudio.sources.recorded.wav import WavSource
from cxaudio.sources.recorded.wave_header import WaveHeader
from support import malformed
from support.malformed import Case

CASES = {case.name: case for case in malformed.cases()}
LONGEST_S = 2.0  # for one file, by the clock of the processor

FILE_NOTICES = (
    QualityKind.UNFINISHED_FILE,
    QualityKind.TRUNCATED_FILE,
    QualityKind.REPAIRED_FILE,
    QualityKind.INVALID_SAMPLES,
)


def file_of(folder: Path, case: Case) -> Path:
    path = folder / f"{case.name}.wav"
    path.write_bytes(case.data)
    return path


def test_the_corpus_is_as_large_as_promised():
    assert len(CASES) >= 100
    assert sum(case.error is None for case in CASES.values()) >= 45


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.error is None])
def test_an_odd_file_is_read_to_its_true_end_and_says_what_was_wrong(name: str, tmp_path: Path):
    """Frames, samples and the one notice are exactly those stated beside the file."""
    case = CASES[name]
    began = time.process_time()
    expected = malformed.SOUND[: case.frames] if case.sound is None else case.sound
    with WavSource(file_of(tmp_path, case), agent="left") as source:
        assert case.frames == source.n_samples
        sound = np.concatenate([block.samples for block in source], axis=1)
        notices = [notice for notice in source.info.notices if notice.kind in FILE_NOTICES]
    assert_array_equal(expected.T, sound[: expected.shape[1]])
    assert ([case.notice] if case.notice else []) == [notice.kind for notice in notices]
    if case.notice:
        assert case.seconds == pytest.approx(notices[0].measured, abs=1e-6)
        assert 0 <= notices[0].start <= notices[0].end <= case.frames
    assert time.process_time() - began < LONGEST_S


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.error is not None])
def test_what_is_no_recording_is_refused_in_one_sentence_that_says_what_it_is(name: str, tmp_path: Path):
    """The sentence names the file, what it is, and what to do."""
    case = CASES[name]
    path = file_of(tmp_path, case)
    began = time.process_time()
    with pytest.raises(AudioFormatError) as refused, WavSource(path, agent="left") as source:
        list(source)
    sentence = str(refused.value)
    assert sentence.startswith(f"{path}: ")
    assert case.error in sentence
    assert "\n" not in sentence
    assert not sentence.endswith(".")
    assert refused.value.exit_code == 3
    assert time.process_time() - began < LONGEST_S


def test_libsndfile_alone_takes_an_unfinished_recording_for_an_empty_call(tmp_path: Path):
    """The reason for all of this; should it ever change, the header walk can be reconsidered."""
    import soundfile

    data = CASES["asterisk-still-open"].data
    assert soundfile.info(io.BytesIO(data)).frames == 0
    with Recording(file_of(tmp_path, CASES["asterisk-still-open"])) as recording:
        assert recording.n_frames == malformed.FRAMES


def test_a_file_that_is_not_there_a_folder_and_a_pipe_are_refused(tmp_path: Path):
    """A pipe would block for ever if it were opened."""
    with pytest.raises(AudioFormatError, match="does not exist"):
        Recording(tmp_path / "nowhere.wav")
    with pytest.raises(AudioFormatError, match="is a folder"):
        Recording(tmp_path)
    with pytest.raises(AudioFormatError, match="cannot be opened"):
        Recording("a\0b.wav")
    with pytest.raises(AudioFormatError, match="cannot be opened"):
        Recording(tmp_path / ("x" * 5_000))
    if not hasattr(os, "mkfifo"):
        return
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(AudioFormatError, match="is a pipe or a device"):
        Recording(tmp_path / "pipe.wav")
    with pytest.raises(AudioFormatError, match="is a pipe or a device"):
        Recording("/dev/zero")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = file_of(tmp_path, CASES["plain"])
    path.chmod(stat.S_IWUSR)

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)  # the superuser may read anything
    with pytest.raises(AudioFormatError, match="may not be read by this user"):
        Recording(path)


def test_a_file_that_shrinks_while_it_is_read_is_refused_not_filled_up(tmp_path: Path):
    path = tmp_path / "shrinking.wav"
    path.write_bytes(malformed.riff(malformed.fmt(), malformed.chunk(b"data", malformed.PCM * 100)))
    with Recording(path) as recording:
        os.truncate(path, 100_000)
        with pytest.raises(AudioFormatError, match="while being read"):
            for _ in recording.pieces():
                pass


def test_a_disk_that_fails_is_an_error_not_the_end_of_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An exception inside libsndfile's callbacks would only be printed; it must come out as ours."""
    path = tmp_path / "call.wav"
    path.write_bytes(malformed.riff(malformed.fmt(), malformed.chunk(b"data", malformed.PCM * 100)))
    with Recording(path) as recording:

        class Failing:
            def __init__(self, file: io.FileIO) -> None:
                self.file = file

            def seek(self, offset: int) -> int:
                return self.file.seek(offset)

            def read(self, size: int) -> bytes:
                if self.file.tell() > 500_000:
                    raise OSError(5, "Input/output error")
                return self.file.read(size)

            def close(self) -> None:
                self.file.close()

        monkeypatch.setattr(recording, "_file", Failing(recording._file))
        with pytest.raises(AudioFormatError, match="cannot be read: Input/output error"):
            for _ in recording.pieces():
                pass


def test_a_flac_cut_off_in_its_sound_is_read_to_there_and_says_how_much_is_missing(tmp_path: Path):
    import soundfile

    file = io.BytesIO()
    long = np.tile(malformed.SOUND, (8, 1))
    soundfile.write(file, long, malformed.RATE, format="FLAC", subtype="PCM_16")
    path = tmp_path / "cut.flac"
    path.write_bytes(file.getvalue()[: len(file.getvalue()) // 2])
    with WavSource(path, agent="left") as source:
        sound = np.concatenate([block.samples for block in source], axis=1)
        (notice,) = source.info.notices
    assert 0.3 * len(long) < sound.shape[1] == source.n_samples < 0.55 * len(long)
    assert_array_equal(long[: sound.shape[1]].T, sound)
    assert notice.kind is QualityKind.TRUNCATED_FILE
    assert notice.measured == pytest.approx((len(long) - sound.shape[1]) / malformed.RATE, abs=1e-6)


@pytest.mark.parametrize("codec", ["IMA_ADPCM", "MS_ADPCM", "GSM610"])
def test_a_block_codec_is_read_to_its_true_end_too(codec: str, tmp_path: Path):
    """Unfinished and cut off inside a block: the whole blocks are the recording."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, malformed.SOUND[:, 0], malformed.RATE, format="WAV", subtype=codec)
    data = bytearray(file.getvalue())
    start = data.index(b"data") + 8
    data[4:8] = data[start - 4 : start] = bytes(4)
    whole = soundfile.read(io.BytesIO(file.getvalue()), frames=malformed.FRAMES, dtype="float32")[0]
    path = tmp_path / "open.wav"
    path.write_bytes(data[:-100])
    with WavSource(path) as source:
        sound = np.concatenate([block.samples for block in source], axis=1)[0]
        kinds = [notice.kind for notice in source.info.notices]
    assert malformed.FRAMES - 1_300 < len(sound) <= malformed.FRAMES
    assert_array_equal(whole[: len(sound)], sound)
    assert kinds == [QualityKind.UNFINISHED_FILE, QualityKind.ONE_SIDED]


def test_mp3_in_a_wav_is_read_where_it_can_be_decoded(tmp_path: Path):
    """The header as ffmpeg writes it: MPEGLAYER3WAVEFORMAT of mmreg.h."""
    coded = malformed.written("MP3", "MPEG_LAYER_III", rate=16_000)
    extra = struct.pack("<HHIHHH", 12, 1, 2, 576, 1, 1_393)
    head = malformed.fmt(0x55, rate=16_000, bits=0, block=1, extra=extra)
    path = tmp_path / "call.wav"
    path.write_bytes(malformed.riff(head, malformed.chunk(b"data", coded)))
    with Recording(path) as recording:
        assert 0.45 < recording.duration_s < 0.65
        assert not recording.faults


def test_sound_beyond_four_gigabytes_gets_a_header_that_can_say_so(tmp_path: Path):
    """Six hours of 96 kHz; the file is made of holes and takes no room where the file system has such."""
    if sys.platform == "win32":
        pytest.skip("holes in files cost their room here")
    n_bytes = 5 << 30
    path = tmp_path / "long.wav"
    ds64 = malformed.chunk(b"ds64", struct.pack("<QQQI", 0, n_bytes, 0, 0))
    head = b"RF64\xff\xff\xff\xffWAVE" + ds64 + malformed.fmt(rate=8_000) + b"data\xff\xff\xff\xff"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + n_bytes)
        file.seek(-4, os.SEEK_END)
        file.write(struct.pack("<hh", 8_192, -8_192))
    with Recording(path) as recording:
        assert recording.n_frames == n_bytes // 4
        *_, last = recording.looks(3, 100)
        assert_array_equal([0.25, -0.25], last[-1])


def test_a_repaired_header_tells_the_truth():
    """Fields of a canonical header, by the RIFF specification (Microsoft, 1991)."""
    header = WaveHeader(
        tag=7,
        channels=2,
        sample_rate=8_000,
        bits=8,
        block_align=2,
        frames_per_block=1,
        format_body=b"",
        big_endian=False,
        spans=(Span(44, 100), Span(200, 60)),
        fact_frames=None,
        faults=(),
        comment="",
    )
    preamble = header.preamble()
    assert preamble[:4] + preamble[8:16] == b"RIFFWAVEfmt "
    assert struct.unpack("<I", preamble[4:8])[0] == len(preamble) - 8 + 160
    assert struct.unpack("<HHIIHH", preamble[20:36]) == (7, 2, 8_000, 16_000, 2, 8)
    assert preamble[-8:] == b"data" + struct.pack("<I", 160)


SEEDS = [
    CASES[name].data[:12_000]
    for name in ("plain", "ffmpeg-pipe", "rf64", "w64", "rifx", "extensible-mulaw", "float", "flac", "two-data-chunks")
] + [malformed.written("WAV", codec)[:9_000] for codec in ("IMA_ADPCM", "MS_ADPCM", "ALAW")]


@given(
    number=st.integers(0, len(SEEDS) - 1),
    changes=st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=6),
    dropped=st.tuples(st.integers(0, 150), st.integers(0, 9)),
    length=st.one_of(st.none(), st.integers(0, 12_000)),
)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_damage_to_a_header_leads_to_anything_but_a_reading_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory,
    number: int,
    changes: list[tuple[int, int]],
    dropped: tuple[int, int],
    length: int | None,
):
    """Bytes changed, taken out and cut off: contiguous blocks of the promised length, or one of our errors."""
    data = bytearray(SEEDS[number])
    for position, value in changes:
        data[position % len(data)] = value
    del data[dropped[0] : dropped[0] + dropped[1]]
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    path.write_bytes(data[:length])
    refusal = ""
    try:
        with WavSource(path, agent=0) as source:
            position = 0
            for block in source:
                assert block.start == position
                assert np.isfinite(block.samples).all()
                position = block.end
            assert position == source.n_samples
    except (AudioFormatError, UsageError) as refused:
        refusal = str(refused)
    assert "\n" not in refusal
