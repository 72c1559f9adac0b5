"""What bad telephone connections do to a voice: lost packets that are concealed, low-rate codecs, echo of oneself.

Sound is an array (n,) at 8 kHz; every function keeps its length and its times within 5 ms. `speech_lines.py` has the
other faults (lost packets without a pitch, GSM, Opus, MP3, automatic gain, clipping). `g729` needs the free library
bcg729 (GPL-3, Debian: libbcg729-0), `speex` the program speex (BSD); both only for training.
"""

import ctypes
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from benchmarks.training.speech_lines import clipped, coded, lossy
from benchmarks.training.speech_noises import Random, Signal

__all__ = ["bad_line", "concealed", "echoed", "g729", "losses", "speex"]

SAMPLE_RATE = 8000
PACKET = 160  # samples: 20 ms
FRAME = 80  # samples of a frame of G.729
SHORTEST_PERIOD, LONGEST_PERIOD = 40, 120  # samples: 200 to 67 Hz, as in ITU-T G.711 appendix I


def losses(rng: Random, n_packets: int) -> NDArray[np.bool_]:
    """Draw which packets are lost: 0.3 to 15 % of them, alone or in bursts of some packets (Gilbert 1960)."""
    share, mean_burst = 10 ** rng.uniform(-2.5, -0.8), rng.uniform(1, 4)
    ends = 1 / mean_burst
    begins = min(1.0, ends * share / (1 - share))
    lost, state = np.zeros(n_packets, np.bool_), False
    draws = rng.random(n_packets)
    for k in range(n_packets):
        state = draws[k] >= ends if state else draws[k] < begins
        lost[k] = state
    return lost


def concealed(x: Signal, lost: NDArray[np.bool_]) -> Signal:
    """Fill each lost packet with the last period of the sound before it, ever softer (as ITU-T G.711 appendix I)."""
    y, lost = x.copy(), lost.copy()
    lost[:3] = False  # there is no sound yet to copy
    fade, period, copy = 1.0, LONGEST_PERIOD, y[:LONGEST_PERIOD]
    ramp = np.linspace(0, 1, 32)
    for k in range(3, min(len(lost), len(x) // PACKET)):
        at = k * PACKET
        if not lost[k]:
            if lost[k - 1]:  # the copy goes on for 4 ms under the new sound
                y[at : at + 32] = ramp * y[at : at + 32] + (1 - ramp) * fade * y[at - period : at - period + 32]
            fade = 1.0
            continue
        if not lost[k - 1]:
            period = _period(y[at - 2 * PACKET : at])
            copy = y[at - period : at].copy()
        packet = np.resize(np.roll(copy, -((k - _first(lost, k)) * PACKET % period)), PACKET)
        y[at : at + PACKET] = packet * np.linspace(fade, max(0.0, fade - 0.33), PACKET)
        fade = max(0.0, fade - 0.33)
    return y


def _first(lost: NDArray[np.bool_], k: int) -> int:
    """Return the first packet of the burst to which packet k belongs."""
    while k and lost[k - 1]:
        k -= 1
    return k


def _period(x: Signal) -> int:
    """Find the lag with the largest correlation of the last 20 ms with the sound before them."""
    last = x[-PACKET:]
    lags = np.arange(SHORTEST_PERIOD, LONGEST_PERIOD + 1)
    earlier = np.stack([x[len(x) - PACKET - lag : len(x) - lag] for lag in lags])
    return int(lags[np.argmax(earlier @ last / np.sqrt(np.square(earlier).sum(axis=1) + 1e-9))])


def g729(x: Signal, lost: NDArray[np.bool_] | None = None, library: str = "libbcg729.so.0") -> Signal:
    """Encode and decode by G.729 annex A, 8 kbit/s; lost packets of 20 ms are concealed by the decoder itself."""
    codec = ctypes.CDLL(library)
    for name in ("initBcg729EncoderChannel", "initBcg729DecoderChannel"):
        getattr(codec, name).restype = ctypes.c_void_p
    encoder = ctypes.c_void_p(codec.initBcg729EncoderChannel(ctypes.c_uint8(0)))
    decoder = ctypes.c_void_p(codec.initBcg729DecoderChannel())
    loudest = max(1.0, float(np.abs(x).max()))
    delay = FRAME // 2  # the encoder looks 5 ms ahead
    n_frames = -(-(len(x) + delay) // FRAME)
    given = np.zeros(n_frames * FRAME, np.int16)
    given[: len(x)] = np.round(x / loudest * 32767)
    made = np.zeros_like(given)
    bits, n_bytes = (ctypes.c_uint8 * 10)(), ctypes.c_uint8(0)
    for k in range(n_frames):
        frame = given[k * FRAME : (k + 1) * FRAME]
        codec.bcg729Encoder(encoder, frame.ctypes.data_as(ctypes.c_void_p), bits, ctypes.byref(n_bytes))
        erased = int(lost is not None and k // 2 < len(lost) and bool(lost[k // 2]))
        out = made[k * FRAME : (k + 1) * FRAME]
        codec.bcg729Decoder(
            decoder, bits, n_bytes, ctypes.c_uint8(erased), ctypes.c_uint8(0), ctypes.c_uint8(0),
            out.ctypes.data_as(ctypes.c_void_p),
        )  # fmt: skip
    codec.closeBcg729EncoderChannel(encoder)
    codec.closeBcg729DecoderChannel(decoder)
    return made[delay : delay + len(x)] / 32767 * loudest


def speex(x: Signal, quality: int = 3) -> Signal:
    """Encode and decode by Speex, quality 0 (2 kbit/s) to 10 (25 kbit/s)."""
    loudest = max(1.0, float(np.abs(x).max()))
    with tempfile.TemporaryDirectory() as folder:
        given, coded_, made = (str(Path(folder) / name) for name in ("a.wav", "b.spx", "c.wav"))
        soundfile.write(given, x / loudest, SAMPLE_RATE, subtype="PCM_16")
        encode = ["speexenc", "--quiet", "--quality", str(quality), given, coded_]
        for command in (encode, ["speexdec", coded_, made]):
            subprocess.run(command, check=True, capture_output=True)
        y = soundfile.read(made, dtype="float64")[0] * loudest
    return np.pad(y[: len(x)], (0, max(0, len(x) - len(y))))


def echoed(rng: Random, x: Signal) -> Signal:
    """Add a late, weak and dull copy of the voice, as the other end of the line returns it."""
    late = int(rng.uniform(0.02, 0.3) * SAMPLE_RATE)
    dull = sosfilt(butter(1, (250, rng.uniform(1200, 3000)), "bandpass", fs=SAMPLE_RATE, output="sos"), x)
    return x + 10 ** (-rng.uniform(12, 35) / 20) * np.pad(dull, (late, 0))[: len(x)]


def bad_line(rng: Random, x: Signal) -> Signal:
    """Apply one to three faults at random; the speech of `x` has about the level `ACTIVE_RMS`."""
    if rng.random() < 0.2:
        x = clipped(rng, x)
    if rng.random() < 0.25:
        x = echoed(rng, x)
    kind = rng.choice(("g729", "g729 lost", "concealed", "lost", "gsm", "opus", "mp3", "speex", "gsm lost", "none"))
    codec, _, rest = kind.partition(" ")
    lost = losses(rng, -(-len(x) // PACKET))
    if codec == "g729":
        return g729(x, lost if rest else None)
    if codec == "speex":
        return speex(x, int(rng.integers(1, 6)))
    if codec in ("gsm", "opus", "mp3"):
        x = coded(x, codec)
    if codec == "lost":
        return lossy(rng, x)
    return concealed(x, lost) if rest or codec == "concealed" else x
