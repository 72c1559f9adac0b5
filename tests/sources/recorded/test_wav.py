"""Recorded calls as sources: every codec and rate, two sides, one, or two files, the same at any block length."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from cxaudio.errors import UsageError
from cxaudio.model.blocks import CallInfo
from cxaudio.model.events import QualityKind, Side
from cxaudio.sources.recorded.layouts import Layout
from cxaudio.sources.recorded.wav import WavPairSource, WavSource
from dsp.core.resample import Resampler, resampled_length
from dsp.core.stage import run
from support import malformed

FROM_THE_RIGHT = Layout(name="elsewhere", title="Elsewhere", files=1, agent=1, customer=0, source="a manual")

SNR_DB = {
    "PCM_U8": 30.0,
    "ULAW": 35.0,
    "ALAW": 35.0,
    "IMA_ADPCM": 14.0,
    "MS_ADPCM": 14.0,
    "GSM610": 5.0,
    "VORBIS": 10.0,
    "MPEG_LAYER_III": 10.0,
    "OPUS": 5.0,
}
"""Least signal-to-noise ratio of a lossy codec on the two tones, dB; shifted, swapped or scaled samples lie
far below. All others must be exact to 16 bit."""


def tones(rate: int, seconds: float = 1.5, *, top: float | None = None) -> NDArray[np.float32]:
    """Make two sides that differ, with sound up to `top` Hz; shape (n, 2)."""
    t = np.arange(round(seconds * rate)) / rate
    sides = [0.3 * np.sin(2 * np.pi * hz * t) + 0.1 * np.sin(2 * np.pi * 3.7 * hz * t) for hz in (310, 470)]
    if top is not None:
        sides = [side + 0.1 * np.sin(2 * np.pi * top * t) for side in sides]
    return np.stack(sides, axis=1).astype(np.float32)


def written(path: Path, x: NDArray[np.float32], rate: int, container: str = "WAV", subtype: str = "PCM_16") -> Path:
    file = io.BytesIO()  # a file name would have a say in the format
    soundfile.write(file, x, rate, format=container, subtype=subtype)
    path.write_bytes(file.getvalue())
    return path


def read(source: WavSource | WavPairSource) -> tuple[CallInfo, NDArray[np.float32]]:
    """Return the info and all sound of a call, and check each block."""
    with source:
        position, pieces = 0, []
        for block in source:
            assert block.start == position
            assert block.samples.dtype == np.float32
            assert not block.samples.flags.writeable
            position = block.end
            pieces.append(block.samples)
        assert position == source.n_samples
        return source.info, np.concatenate(pieces, axis=1)


def snr_db(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.sum(x**2) / max(np.sum((x - y) ** 2), 1e-20)))


KINDS = [
    ("WAV", subtype)
    for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM")
] + [
    ("WAVEX", "PCM_16"),
    ("WAVEX", "ULAW"),
    ("WAVEX", "FLOAT"),
    ("RF64", "PCM_16"),
    ("RF64", "ULAW"),
    ("W64", "PCM_24"),
    ("W64", "ULAW"),
    ("W64", "IMA_ADPCM"),
    ("FLAC", "PCM_16"),
    ("FLAC", "PCM_24"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
    ("AU", "ULAW"),
    ("AIFF", "PCM_16"),
    ("CAF", "ALAW"),
    ("NIST", "ULAW"),
]


@pytest.mark.parametrize(("container", "subtype"), KINDS)
def test_every_kind_of_file_gives_the_sound_that_was_written(container: str, subtype: str, tmp_path: Path):
    """Both sides, each on its own row, at the codec's own quality, and nothing worth a notice."""
    x = tones(8_000)
    info, y = read(WavSource(written(tmp_path / "call.dat", x, 8_000, container, subtype), agent="left"))
    assert 8_000 == info.timebase.sample_rate
    assert (8_000, 8_000) == info.source_rates
    assert () == info.notices
    assert len(x) <= y.shape[1] <= len(x) + 1_020  # libsndfile fills up the last block of ADPCM without a fact chunk
    n = len(x) - 200  # lossy codecs fade at the end
    for side in Side:
        assert snr_db(x[:n, side], y[side, :n]) > SNR_DB.get(subtype, 80.0)


def test_gsm_is_read_though_it_cannot_be_wound(tmp_path: Path):
    x = tones(8_000)[:, :1]
    info, y = read(WavSource(written(tmp_path / "call.wav49", x, 8_000, "WAV", "GSM610")))
    assert snr_db(x[:11_000, 0], y[0, :11_000]) > SNR_DB["GSM610"]
    assert not y[1].any()
    assert not info.two_sided


def test_mu_law_is_decoded_after_the_standard(tmp_path: Path):
    """Published: ITU-T G.711 table 2a, all 256 code words, scaled from 14 to 16 bit."""
    words = bytes(range(256)) * 2
    path = tmp_path / "call.wav"
    path.write_bytes(malformed.riff(malformed.fmt(7, bits=8), malformed.chunk(b"data", words)))
    _, y = read(WavSource(path, agent="left"))
    assert_array_equal(malformed.expanded(words).T, y)
    assert -32_124 / 32_768 == y[0, 0]  # word 0x00 is -8031 of 8159
    assert 0.0 == y[1, 127]  # word 0xFF


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("wide", [False, True])
def test_a_call_is_analysed_at_8_khz_unless_a_side_holds_more(rate: int, wide: bool, tmp_path: Path):
    """The rate of the file says little: what counts is sound above the telephone band."""
    top = 5_000.0 if wide and rate > 10_000 else None
    x = tones(rate, top=top)
    info, y = read(WavSource(written(tmp_path / "call.wav", x, rate), agent="left"))
    call_rate = 16_000 if top else 8_000
    assert call_rate == info.timebase.sample_rate
    assert resampled_length(len(x), rate, call_rate) == y.shape[1]
    assert (rate, rate) == info.source_rates
    expected = tones(call_rate, top=top)[: y.shape[1]].T
    middle = slice(call_rate // 10, -call_rate // 10)
    assert np.abs(expected - y[:, : expected.shape[1]])[:, middle].max() < 1e-3
    narrow = [notice for notice in info.notices if notice.kind is QualityKind.NARROWBAND]
    assert ([] if top or rate < 16_000 else [Side.AGENT, Side.CUSTOMER]) == [notice.side for notice in narrow]
    for notice, top_tone in zip(narrow, (310 * 3.7, 470 * 3.7), strict=False):
        assert top_tone <= notice.measured <= top_tone + 500  # bands of 250 Hz
        assert "Hz" == notice.unit


def test_one_wide_side_is_enough_for_16_khz_and_the_other_is_called_narrowband(tmp_path: Path):
    x = tones(16_000)
    x[:, 1] += 0.05 * np.random.default_rng(1).normal(size=len(x))
    info, _ = read(WavSource(written(tmp_path / "call.wav", x, 16_000), agent="left"))
    assert 16_000 == info.timebase.sample_rate
    assert [(QualityKind.NARROWBAND, Side.AGENT)] == [(notice.kind, notice.side) for notice in info.notices]


def test_a_silent_wideband_file_is_read_at_8_khz_without_a_word_about_its_band(tmp_path: Path):
    info, y = read(WavSource(written(tmp_path / "call.wav", np.zeros((9_600, 2), np.float32), 48_000), agent="left"))
    assert 8_000 == info.timebase.sample_rate
    assert () == info.notices
    assert not y.any()


def test_the_agent_is_always_row_0_however_the_roles_were_told(tmp_path: Path):
    x = tones(8_000)
    path = written(tmp_path / "call.wav", x, 8_000, "WAV", "FLOAT")
    cases = [
        (WavSource(path, agent="left"), (0, 1), "given"),
        (WavSource(path, agent="right"), (1, 0), "given"),
        (WavSource(path, agent=0), (0, 1), "given"),
        (WavSource(path, agent=1), (1, 0), "given"),
        (WavSource(path, layout=FROM_THE_RIGHT), (1, 0), "layout:elsewhere"),
        (WavSource(path, agent="left", layout=FROM_THE_RIGHT), (0, 1), "given"),
        (WavSource(path, agent="left", role_source="settings"), (0, 1), "settings"),
    ]
    for source, channels, role_source in cases:
        info, y = read(source)
        assert channels == info.channels
        assert role_source == info.role_source
        assert_array_equal(x[:, channels[0]], y[Side.AGENT])
        assert_array_equal(x[:, channels[1]], y[Side.CUSTOMER])


def test_two_channels_without_roles_stop_with_the_two_ways_out(tmp_path: Path):
    path = written(tmp_path / "call.wav", tones(8_000), 8_000)
    with pytest.raises(UsageError, match=r"--agent left or --agent right, or name its recorder with --layout NAME"):
        read(WavSource(path))
    with pytest.raises(UsageError, match="no channel 2; say --agent left or right"):
        read(WavSource(path, agent=2))
    with pytest.raises(UsageError, match="left, right, or a number"):
        WavSource(path, agent="middle")
    beyond = Layout(name="six", title="Six", files=1, agent=4, customer=5, source="a manual")
    with pytest.raises(UsageError, match="has 2 channels and no channel 5"):
        read(WavSource(path, layout=beyond))
    two_files = Layout(name="pair", title="Pair", files=2, agent=0, customer=1, source="a manual")
    with pytest.raises(UsageError, match="means two files"):
        read(WavSource(path, layout=two_files))


def test_more_than_two_channels_need_a_layout_that_numbers_both_sides(tmp_path: Path):
    x = np.concatenate([tones(8_000), 0.5 * tones(8_000), 0.25 * tones(8_000)], axis=1)
    path = written(tmp_path / "call.wav", x, 8_000, "WAV", "FLOAT")
    with pytest.raises(UsageError, match=r"has 6 channels .* remix 1 2"):
        read(WavSource(path, agent="left"))
    numbered = Layout(name="six", title="Six", files=1, agent=4, customer=1, source="a manual")
    info, y = read(WavSource(path, layout=numbered))
    assert (4, 1) == info.channels
    assert_array_equal(x[:, [4, 1]].T, y)


def test_a_mono_file_is_a_mix_of_both_and_says_that_it_knows_of_one_side_only(tmp_path: Path):
    x = tones(8_000)[:, :1]
    path = written(tmp_path / "call.wav", x, 8_000, "WAV", "FLOAT")
    info, y = read(WavSource(path, agent="right", role_source="settings"))  # in a batch, a role is given for all files
    assert_array_equal(x[:, 0], y[0])
    assert not y[1].any()
    assert (0, None) == info.channels
    assert not info.two_sided
    assert "mono" == info.role_source
    (notice,) = info.notices
    assert (QualityKind.ONE_SIDED, None, 1.0, "channels") == (notice.kind, notice.side, notice.measured, notice.unit)


@pytest.mark.parametrize("side", list(Side))
def test_a_mono_file_can_be_said_to_hold_one_side_alone(side: Side, tmp_path: Path):
    x = tones(8_000)
    mono = written(tmp_path / "one.wav", x[:, :1], 8_000, "WAV", "FLOAT")
    info, y = read(WavSource(mono, mono=side))
    assert_array_equal(x[:, 0], y[side])
    assert not y[side.other].any()
    assert (side, 0) == (info.channels.index(0), info.channels[side])
    assert not info.two_sided
    with pytest.raises(UsageError, match="has 2 channels and was called"):
        read(WavSource(written(tmp_path / "two.wav", x, 8_000), mono=side))


@given(block_ms=st.floats(0.1, 5_000.0), number=st.integers(0, 3))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_any_length_of_blocks_gives_the_same_samples(
    block_ms: float, number: int, tmp_path_factory: pytest.TempPathFactory
):
    """Native rate, changed rate, mono, and two files: bit for bit."""
    folder = tmp_path_factory.getbasetemp()
    stereo = written(folder / "stereo.wav", tones(8_000, 0.9), 8_000, "WAV", "ULAW")
    wide = written(folder / "wide.wav", tones(44_100, 0.9, top=6_000), 44_100)
    mono = written(folder / "mono.wav", tones(22_050, 0.7)[:, :1], 22_050)

    def source(block_ms: float) -> WavSource | WavPairSource:
        if number == 0:
            return WavSource(stereo, agent="right", block_ms=block_ms)
        if number == 1:
            return WavSource(wide, agent="left", block_ms=block_ms)
        if number == 2:
            return WavSource(mono, block_ms=block_ms)
        return WavPairSource(mono, written(folder / "w.wav", tones(48_000)[:, 1:], 48_000), block_ms=block_ms)

    assert_array_equal(read(source(1_000))[1], read(source(block_ms))[1])


@pytest.mark.parametrize("block_ms", [10, 137, 1_000])
def test_blocks_have_the_length_asked_for_and_only_the_last_is_shorter(block_ms: int, tmp_path: Path):
    path = written(tmp_path / "call.wav", tones(8_000, 30.0), 8_000)
    with WavSource(path, agent="left", block_ms=block_ms) as source:
        lengths = [block.samples.shape[1] for block in source]
    assert {block_ms * 8} == set(lengths[:-1])
    assert 0 < lengths[-1] <= block_ms * 8


@pytest.mark.parametrize("block_ms", [0, -1, float("nan"), float("inf")])
def test_a_block_of_no_length_is_refused(block_ms: float):
    with pytest.raises(UsageError, match="use more than 0"):
        WavSource("call.wav", agent="left", block_ms=block_ms)


def test_a_source_can_be_heard_twice_and_is_known_only_when_entered(tmp_path: Path):
    source = WavSource(written(tmp_path / "call.wav", tones(8_000), 8_000), agent="left")
    assert source.n_samples is None
    with pytest.raises(UsageError, match="enter it first"):
        source.info  # noqa: B018
    with source:
        first = np.concatenate([block.samples for block in source], axis=1)
        assert_array_equal(first, np.concatenate([block.samples for block in source], axis=1))


def test_two_files_of_different_rate_length_and_codec_make_one_call(tmp_path: Path):
    """Each is brought to the call's rate by itself; the shorter is silent at its end, and a notice says from where."""
    agent, customer = tones(8_000, 1.2)[:, :1], tones(44_100, 2.0, top=6_500)[:, 1:]
    info, y = read(
        WavPairSource(
            written(tmp_path / "a.wav", agent, 8_000, "WAV", "ALAW"),
            written(tmp_path / "c.wav", customer, 44_100, "WAV", "FLOAT"),
        )
    )
    assert ("wav-pair", (8_000, 44_100), (0, 0)) == (info.origin, info.source_rates, info.channels)
    assert info.two_sided
    assert 16_000 == info.timebase.sample_rate
    assert (2, 32_000) == y.shape
    assert_array_equal(run(Resampler(44_100, 16_000), customer[:, 0]), y[Side.CUSTOMER])
    assert not y[Side.AGENT, 19_200:].any()
    assert y[Side.AGENT, 19_100:19_200].any()
    (notice,) = info.notices
    assert (QualityKind.LENGTH_MISMATCH, Side.AGENT) == (notice.kind, notice.side)
    assert (19_200, 32_000, 0.8, "s") == (notice.start, notice.end, notice.measured, notice.unit)


def test_two_files_of_nearly_the_same_length_need_no_word(tmp_path: Path):
    info, y = read(
        WavPairSource(
            written(tmp_path / "a.wav", tones(8_000, 1.05)[:, :1], 8_000),
            written(tmp_path / "c.wav", tones(8_000, 1.0)[:, 1:], 8_000),
        )
    )
    assert () == info.notices
    assert (2, 8_400) == y.shape


def test_a_fault_of_one_of_two_files_is_told_of_its_side(tmp_path: Path):
    open_file = tmp_path / "c.wav"
    data = malformed.chunk(b"data", malformed.PCM16[:, 0].tobytes(), size=0)
    open_file.write_bytes(malformed.riff(malformed.fmt(channels=1), data, size=0))
    info, _ = read(WavPairSource(written(tmp_path / "a.wav", tones(8_000, 1.0)[:, :1], 8_000), open_file))
    assert [(QualityKind.UNFINISHED_FILE, Side.CUSTOMER)] == [(each.kind, each.side) for each in info.notices]


def test_two_files_must_be_mono_and_two(tmp_path: Path):
    mono = written(tmp_path / "a.wav", tones(8_000)[:, :1], 8_000)
    stereo = written(tmp_path / "c.wav", tones(8_000), 8_000)
    with pytest.raises(UsageError, match="has 2 channels where a file of one side has one"):
        read(WavPairSource(mono, stereo))
    with pytest.raises(UsageError, match="was given for both sides"):
        read(WavPairSource(mono, mono))


def test_a_call_is_known_by_its_sound_and_not_by_its_name(tmp_path: Path):
    """A file name often holds a telephone number."""
    x = tones(8_000)
    one = read(WavSource(written(tmp_path / "+49 30 1234567.wav", x, 8_000), agent="left"))[0].call_id
    same = read(WavSource(written(tmp_path / "copy.wav", x, 8_000), agent="left"))[0].call_id
    other = read(WavSource(written(tmp_path / "other.wav", x[::-1], 8_000), agent="left"))[0].call_id
    assert one == same != other
    assert "1234567" not in one
    assert "mine" == read(WavSource(tmp_path / "copy.wav", agent="left", call_id="mine"))[0].call_id


def call_id(source: WavSource | WavPairSource) -> str:
    return read(source)[0].call_id


def test_the_same_sound_is_one_call_in_every_container_in_two_files_and_with_the_roles_swapped(tmp_path: Path):
    x = np.round(tones(8_000) * 2**15) / np.float32(2**15)
    silence = np.zeros((400, 1), np.float32)
    name = call_id(WavSource(written(tmp_path / "call.wav", x, 8_000), agent="left"))
    flac = written(tmp_path / "call.flac", x, 8_000, "FLAC")
    wide = written(tmp_path / "call24.wav", x, 8_000, "WAV", "PCM_24")
    agent = written(tmp_path / "a.wav", x[:, :1], 8_000)
    customer = written(tmp_path / "c.wav", x[:, 1:], 8_000, "FLAC")
    assert name == call_id(WavSource(flac, agent="left", block_ms=37.0))
    assert name == call_id(WavSource(wide, agent="left"))
    assert name == call_id(WavPairSource(agent, customer))
    assert name == call_id(WavSource(flac, agent="right"))
    filled = np.concatenate((x, np.concatenate((0.1 + silence, silence), axis=1)))
    longer = written(tmp_path / "longer.wav", filled[:, :1], 8_000)
    assert call_id(WavPairSource(longer, customer)) == call_id(
        WavSource(written(tmp_path / "filled.wav", filled, 8_000), agent="left")
    )


def test_another_sound_rate_or_length_is_another_call(tmp_path: Path):
    x = tones(8_000)
    other = x.copy()
    other[6_000, 1] += 1e-3
    names = [
        call_id(WavSource(written(tmp_path / f"{number}.wav", sound, rate), agent="left"))
        for number, (sound, rate) in enumerate(
            [(x, 8_000), (other, 8_000), (x[:, :1], 8_000), (x, 11_025), (np.pad(x, ((0, 80), (0, 0))), 8_000)]
        )
    ]
    assert len(set(names)) == 5
