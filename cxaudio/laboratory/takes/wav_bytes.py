"""Sound as the bytes of a WAV file."""

import io

import numpy as np
from numpy.typing import NDArray

__all__ = ["wav_bytes"]

_HEADER_LENGTH = 128


def wav_bytes(samples: NDArray[np.floating], sample_rate: int, *, subtype: str = "FLOAT") -> bytes:
    """Encode sound of shape ``(n,)`` or ``(n, channels)`` as WAV, 32-bit float or another libsndfile subtype.

    The same sound gives the same bytes: the time that libsndfile puts into the PEAK chunk of float files is cleared.
    """
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, samples.astype(np.float32), sample_rate, subtype=subtype, format="WAV")
    encoded = bytearray(out.getvalue())
    peak = encoded.find(b"PEAK", 0, _HEADER_LENGTH)
    if peak >= 0:
        encoded[peak + 12 : peak + 16] = bytes(4)  # behind name, size and version
    return bytes(encoded)
