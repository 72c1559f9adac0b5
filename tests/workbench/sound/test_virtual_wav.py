"""A call of any format is a WAV whose bytes are made when they are asked for, at the place of the analysed call."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from cxaudio.sources.recorded.recording import Recording
from cxaudio.workbench.sound.recordings import OpenCall, Recordings
from cxaudio.workbench.sound.virtual_wav import VirtualWav
from support.sound_store import store_with
from support.written_sound import FORMATS, two_voices, write_sound


@contextmanager
def opened(tmp_path: Path, files: list[Path], **roles: Any) -> Iterator[OpenCall]:
    row = store_with(tmp_path / "store", files, **roles)
    recordings = Recordings(tmp_path / "store")
    with recordings.opened(row) as call:
        yield call
    recordings.close()


def decoded(content: bytes) -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(io.BytesIO(content), dtype="int16", always_2d=True)
    return samples, rate


def as_16_bits(x: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(x * 2.0**15), -(2**15), 2**15 - 1).astype(np.int16)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_a_wav_of_what_its_reader_decodes(name: str, tmp_path: Path):
    form, codec, channels = FORMATS[name]
    path = write_sound(tmp_path / name, two_voices(6.0)[:, :channels], form=form, codec=codec)
    with Recording(path) as recording:
        expected = as_16_bits(np.concatenate([piece.copy() for piece in recording.pieces()]))
    roles = {"agent": "left"} if channels == 2 else {}
    with opened(tmp_path, [path], **roles) as call:
        wav = VirtualWav(call.sound)
        content = wav.read(0, wav.n_bytes)
    assert wav.n_bytes == len(content)
    actual, rate = decoded(content)
    assert 8_000 == rate
    np.testing.assert_array_equal(actual, expected if channels == 2 else np.repeat(expected, 2, axis=1))


@pytest.mark.parametrize("name", ["pcm16.wav", "call.flac", "vorbis.ogg", "opus.ogg", "call.mp3", "gsm.wav"])
def test_any_bytes_are_those_of_the_whole(name: str, tmp_path: Path):
    """Bytes that begin and end within a sample, too; mpg123 may round some of the samples the other way."""
    form, codec, channels = FORMATS[name]
    path = write_sound(tmp_path / name, two_voices(30.0)[:, :channels], form=form, codec=codec)
    roles = {"agent": "left"} if channels == 2 else {}
    with opened(tmp_path, [path], **roles) as call:
        wav = VirtualWav(call.sound)
        whole = wav.read(0, wav.n_bytes)
        rng = np.random.default_rng(2)
        cuts = [(0, 10), (40, 50), (43, 45), (wav.n_bytes - 5, wav.n_bytes), (wav.n_bytes - 1, wav.n_bytes + 100)]
        cuts += [(start, start + int(rng.integers(1, 300_000))) for start in rng.integers(0, wav.n_bytes, 12).tolist()]
        for start, stop in cuts:
            if name != "call.mp3":
                assert whole[start:stop] == wav.read(start, stop)
            elif (first := max(-(-start // 4), 11)) < (last := min(stop, wav.n_bytes) // 4):
                parts = (
                    np.frombuffer(each, "<i2") for each in (whole[4 * first : 4 * last], wav.read(4 * first, 4 * last))
                )
                np.testing.assert_allclose(*parts, atol=1)


def test_the_agent_is_left_whichever_channel_of_the_file_is_theirs(tmp_path: Path):
    x = two_voices(2.0)
    path = write_sound(tmp_path / "a.wav", x, form="WAV", codec="PCM_16")
    for number, roles in enumerate(({"agent": "right"}, {"agent": "1"}, {"layout": "amazon-connect"})):
        with opened(tmp_path / str(number), [path], **roles) as call:
            np.testing.assert_allclose(call.sound.read(0, len(x))[:, ::-1], 2.0**15 * x, atol=1)
    with opened(tmp_path / "left", [path], agent="left") as call:
        np.testing.assert_allclose(call.sound.read(0, len(x)), 2.0**15 * x, atol=1)


def test_the_agent_is_left_where_only_the_settings_said_whose_channel_is_whose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "settings.toml").write_text('schema = 1\n[roles]\nagent = "right"\n')
    monkeypatch.setattr("cxaudio.settings.layers.user_config_folder", lambda: folder)
    x = two_voices(2.0)
    path = write_sound(tmp_path / "a.wav", x, form="WAV", codec="PCM_16")
    row = store_with(tmp_path / "store", [path])
    (folder / "settings.toml").write_text('schema = 1\n[roles]\nagent = "left"\n')  # changed since then
    recordings = Recordings(tmp_path / "store")
    with recordings.opened(row) as call:
        np.testing.assert_allclose(call.sound.read(0, len(x))[:, ::-1], 2.0**15 * x, atol=1)
    recordings.close()


def test_two_files_are_the_two_sides_and_the_shorter_one_ends_in_silence(tmp_path: Path):
    x = two_voices(3.0)
    agent = write_sound(tmp_path / "out.wav", x[:, :1], form="WAV", codec="PCM_16")
    customer = write_sound(tmp_path / "in.wav", x[:16_000, 1:], form="WAV", codec="PCM_16")
    with opened(tmp_path, [agent, customer]) as call:
        samples = call.sound.read(0, 100_000)
    assert 24_000 == len(samples)
    np.testing.assert_allclose(samples[:, 0], 2.0**15 * x[:, 0], atol=1)
    np.testing.assert_allclose(samples[:16_000, 1], 2.0**15 * x[:16_000, 1], atol=1)
    assert not samples[16_000:, 1].any()


@pytest.mark.parametrize("rates", [(8_000, 16_000), (44_100, 8_000), (11_025, 16_000)])
def test_two_files_of_different_rates_are_at_the_higher_one_whatever_part_is_asked(
    rates: tuple[int, int], tmp_path: Path
):
    sides = [two_voices(13.0, rate)[:, :1] * 0.5 for rate in rates]
    files = [
        write_sound(tmp_path / f"{rate}.wav", x, rate, form="WAV", codec="PCM_16")
        for rate, x in zip(rates, sides, strict=True)
    ]
    with opened(tmp_path, files) as call:
        sound = call.sound
        whole = sound.read(0, sound.n_frames)
        assert (max(rates), 13 * max(rates)) == (sound.sample_rate, sound.n_frames)
        for start in (0, 1, 4 * max(rates) - 3, 7 * max(rates) + 11, sound.n_frames - 100):
            np.testing.assert_array_equal(whole[start : start + 9_000], sound.read(start, 9_000))
    tone = np.diff(whole.astype(np.float64), axis=0)
    assert np.abs(tone[:, rates.index(min(rates))]).max() < 2_500  # no step between the blocks that are resampled


def test_a_file_with_a_damaged_header_plays_as_it_was_analysed(tmp_path: Path):
    """An unfinished recording promises no sound at all."""
    path = write_sound(tmp_path / "a.wav", two_voices(4.0), form="WAV", codec="PCM_16")
    content = bytearray(path.read_bytes())
    place = content.index(b"data") + 4
    content[place : place + 4] = b"\0\0\0\0"
    path.write_bytes(content)
    with opened(tmp_path, [path], agent="left") as call:
        np.testing.assert_allclose(call.sound.read(0, 40_000), 2.0**15 * two_voices(4.0), atol=1)


CLICKS_S = (0.5, 3.25, 7.0, 11.6)
MOST_APART_S = 0.02


@pytest.mark.parametrize(
    ("name", "sample_rate"), [*((name, 8_000) for name in FORMATS), ("call.mp3", 16_000), ("vorbis.ogg", 44_100)]
)
def test_a_planted_click_is_where_the_analysed_call_has_it(name: str, sample_rate: int, tmp_path: Path):
    """Encoders delay sound; the flag and what is played are delayed alike, as both are decoded from frame 0."""
    from cxaudio.sources.recorded.wav import WavSource

    form, codec, channels = FORMATS[name]
    x = np.random.default_rng(3).normal(size=(12 * sample_rate, channels)).astype(np.float32) * 1e-4
    for at_s in CLICKS_S:
        x[round(at_s * sample_rate) : round((at_s + 0.01) * sample_rate)] = 0.8 * (-1.0) ** np.arange(
            round(0.01 * sample_rate)
        )[:, np.newaxis] ** (np.arange(round(0.01 * sample_rate))[:, np.newaxis] // 4)
    path = write_sound(tmp_path / name, x, sample_rate, form=form, codec=codec)
    roles = {"agent": "left"} if channels == 2 else {}
    with WavSource(path, **roles) as source:
        heard = np.concatenate([block.samples for block in source], axis=1)[0]
        rate = source.info.timebase.sample_rate
    with opened(tmp_path, [path], **roles) as call:
        for at_s in CLICKS_S:
            first = round((at_s - 0.25) * sample_rate)
            played = call.sound.read(first, sample_rate // 2)[:, 0].astype(np.float64)
            analysed = heard[round((at_s - 0.25) * rate) : round((at_s + 0.25) * rate)]
            played_s, analysed_s = middle(played) / sample_rate, middle(analysed) / rate
            assert abs(played_s - analysed_s) < MOST_APART_S
            assert abs(played_s - 0.255) < 0.15  # and not far from where it was planted, whatever the encoder's delay


def middle(x: np.ndarray) -> float:
    """Centre of the energy of a click, in samples."""
    energy = np.square(x.astype(np.float64))
    return float(np.average(np.arange(len(x)), weights=energy))
