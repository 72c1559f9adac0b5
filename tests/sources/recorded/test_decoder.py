"""Sound is decoded to the same samples in pieces of any length."""

from pathlib import Path

import numpy as np
import pytest

from cxaudio.sources.recorded.recording import Recording
from support.written_sound import FORMATS, two_voices, write_sound


@pytest.mark.parametrize("sample_rate", [8_000, 16_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_an_mp3_read_in_pieces_is_that_read_at_once(channels: int, sample_rate: int, tmp_path: Path):
    """Behind each read of soundfile up to 0.3 s were damaged, by up to 0.3 of full scale."""
    import soundfile

    form, codec, _ = FORMATS["call.mp3"]
    x = two_voices(20.0, sample_rate)[:, :channels]
    path = write_sound(tmp_path / "a.mp3", x, sample_rate, form=form, codec=codec)
    expected, _ = soundfile.read(path, dtype="float32", always_2d=True)
    with Recording(path) as recording:
        pieces = [piece.copy() for piece in recording.pieces()]
    assert len(pieces) > 1
    rounding = 4e-7  # mpg123 adds the same figures in another order
    np.testing.assert_allclose(np.concatenate(pieces), expected, rtol=0, atol=rounding)
