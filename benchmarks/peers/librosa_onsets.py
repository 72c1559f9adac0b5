"""Onsets by librosa, which scripts often count in place of syllables."""

from collections.abc import Callable

from benchmarks.peers.peer import CountPeer, MissingPeerError, Setting, Sound, needs

__all__ = ["LIBROSA"]

_RATE = 22_050  # to which librosa brings a file that it loads


def _load() -> Callable[[Sound, Setting], int]:
    needs(["librosa"])
    try:
        import librosa
    except ImportError as exc:
        raise MissingPeerError(f"librosa does not load ({exc})") from exc

    def count(x: Sound, setting: Setting) -> int:
        return len(librosa.onset.onset_detect(y=x, sr=_RATE, **setting))

    return count


LIBROSA = CountPeer(
    name="librosa onsets",
    key="librosa",
    packages=("librosa",),
    licence="ISC",
    sample_rate=_RATE,
    load=_load,
    settings=({}, *({"delta": delta} for delta in (0.02, 0.04, 0.1, 0.15, 0.2, 0.3))),
)
