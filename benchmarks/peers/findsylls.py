"""Syllables by findsylls, without its neural methods (their weights are not in the package)."""

from collections.abc import Callable

from benchmarks.peers.peer import CountPeer, MissingPeerError, Setting, Sound, needs

__all__ = ["FINDSYLLS"]

_RATE = 16_000


def _load() -> Callable[[Sound, Setting], int]:
    needs(["findsylls"])
    try:
        from findsylls.pipeline.pipeline import segment_loaded_audio
    except ImportError as exc:
        raise MissingPeerError(f"findsylls does not load ({exc})") from exc

    def count(x: Sound, setting: Setting) -> int:
        given = {name: value for name, value in setting.items() if name not in ("method", "sad")}
        found, _, _ = segment_loaded_audio(
            x,
            _RATE,
            method=str(setting["method"]),
            segmentation_kwargs=given,
            return_envelope=False,
            sad=setting.get("sad"),
        )
        return len(found)

    return count


# First the use that its page shows; then deeper dips, the limits of its benchmark, and its rule for where speech is.
# Its theta envelope takes 300 times as long, and counted no better on ten recordings.
_METHODS: tuple[Setting, ...] = (
    {"method": "peakdetect", "envelope_method": "sbs"},
    {"method": "peakdetect", "envelope_method": "sbs", "delta": 0.03},
    {"method": "peakdetect", "envelope_method": "sbs", "delta": 0.06},
    {"method": "peakdetect", "envelope_method": "sbs", "amplitude_ratio_tol": 0.4, "max_syllable_dur": 0.4},
)

FINDSYLLS = CountPeer(
    name="findsylls",
    key="findsylls",
    packages=("findsylls",),
    licence="MIT",
    sample_rate=_RATE,
    load=_load,
    settings=tuple({**method, **sad} for sad in ({}, {"sad": "energy"}) for method in _METHODS),
)
