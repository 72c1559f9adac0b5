"""WebRTC's detector in its four modes, by the package webrtcvad-wheels, on frames of 20 ms."""

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.peers.peer import MissingPeerError, Scores, Sound, SpeechPeer, frames_to_ticks

__all__ = ["WEBRTC"]

_RATE = 8000
_FRAME = 160


def _load(mode: int) -> Callable[[Sound], Scores]:
    try:
        import webrtcvad
    except ImportError as exc:
        raise MissingPeerError("needs the package webrtcvad-wheels: pip install webrtcvad-wheels") from exc

    def score(x: Sound) -> Scores:
        detector = webrtcvad.Vad(mode)
        pcm = (np.clip(x, -1, 1) * 32767).astype(np.int16).tobytes()
        frames = range(0, len(x) - _FRAME + 1, _FRAME)
        found = [detector.is_speech(pcm[2 * at : 2 * (at + _FRAME)], _RATE) for at in frames]
        return frames_to_ticks(np.array(found, np.float32), _FRAME, sample_rate=_RATE, n_samples=len(x))

    return score


WEBRTC = tuple(
    SpeechPeer(
        name=f"webrtcvad, mode {mode}",
        key=f"webrtcvad-{mode}",
        packages=("webrtcvad-wheels",),
        licence="MIT and BSD",
        sample_rate=_RATE,
        load=partial(_load, mode),
        threshold=0.5,
        thresholds=(0.5,),  # it says yes or no
        family="webrtcvad",
    )
    for mode in range(4)
)
