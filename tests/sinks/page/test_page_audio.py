"""What the page plays: formats that browsers know are linked, others converted or refused."""

import base64
import io
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import soundfile

from cxaudio.errors import StoreError
from cxaudio.sinks.page.page_audio import browser_type, page_audio


def _recording(path: Path, subtype: str, *, format: str = "WAV") -> Path:
    samples = np.sin(np.arange(1600) / 9.0)[:, np.newaxis] * [0.3, 0.1]
    soundfile.write(path, samples, 8000, subtype=subtype, format=format)
    return path


@pytest.mark.parametrize(
    ("subtype", "format", "expected"),
    [
        ("PCM_16", "WAV", "audio/wav"),
        ("PCM_U8", "WAV", "audio/wav"),
        ("PCM_24", "WAVEX", "audio/wav"),
        ("FLOAT", "WAV", "audio/wav"),
        ("ULAW", "WAV", "audio/wav"),
        ("ALAW", "WAV", "audio/wav"),
        ("PCM_16", "FLAC", "audio/flac"),
        ("VORBIS", "OGG", "audio/ogg"),
        ("DOUBLE", "WAV", None),
        ("MS_ADPCM", "WAV", None),
        ("PCM_16", "RF64", None),
        ("PCM_16", "W64", None),
    ],
)
def test_formats_are_told_by_their_first_bytes(tmp_path, subtype, format, expected):
    assert expected == browser_type(_recording(tmp_path / "call", subtype, format=format))


def test_no_file_and_no_sound_are_not_playable(tmp_path):
    (tmp_path / "text.wav").write_text("RIFF....WAVE is what a recording begins with")
    assert browser_type(tmp_path / "text.wav") is None
    assert browser_type(tmp_path / "nothing.wav") is None


def test_a_link_leads_from_the_page_to_the_recording_whatever_its_name(tmp_path):
    folder = tmp_path / "my calls"
    folder.mkdir()
    recording = _recording(folder / "a:b #1 100% ü.wav", "ULAW")
    page = tmp_path / "out" / "call" / "report.html"
    audio = page_audio([recording], page=page, embed=False)
    assert "linked" == audio.kind
    (link,) = audio.sources
    assert "../../my%20calls/a%3Ab%20%231%20100%25%20%C3%BC.wav" == link.removeprefix("./")
    assert recording == (page.parent / unquote(link)).resolve()


def test_what_browsers_cannot_play_is_said_or_converted(tmp_path):
    recording = _recording(tmp_path / "call.wav", "MS_ADPCM")
    assert "unplayable" == page_audio([recording], page=tmp_path / "p.html", embed=False).kind
    inside = page_audio([recording], page=tmp_path / "p.html", embed=True)
    assert "embedded" == inside.kind
    head, _, body = inside.sources[0].partition(",")
    assert "data:audio/wav;base64" == head
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(body)))
    assert ((1600 // 1, 2), 8000) == ((min(1600, samples.shape[0]), samples.shape[1]), rate)


def test_a_playable_recording_is_embedded_as_it_is(tmp_path):
    recording = _recording(tmp_path / "call.wav", "ALAW")
    (source,) = page_audio([recording], page=tmp_path / "p.html", embed=True).sources
    assert recording.read_bytes() == base64.b64decode(source.partition(",")[2])


def test_two_recordings_stay_two(tmp_path):
    pair = [_recording(tmp_path / f"{side}.wav", "PCM_16") for side in ("agent", "customer")]
    audio = page_audio(pair, page=tmp_path / "p.html", embed=False)
    assert ("./agent.wav", "./customer.wav") == audio.sources
    assert "agent.wav, customer.wav" == audio.name


def test_a_copy_of_what_cannot_be_read_is_one_sentence(tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"not a recording")
    with pytest.raises(StoreError, match="leave out --embed-audio"):
        page_audio([broken], page=tmp_path / "p.html", embed=True)
