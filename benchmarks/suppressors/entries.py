"""Every peer, one entry each."""

from benchmarks.suppressors.native_libraries import DEEPFILTERNET, NOISEREDUCE, RNNOISE, SPEEX, WEBRTC
from benchmarks.suppressors.onnx_networks import DTLN, GTCRN
from benchmarks.suppressors.suppressor import Suppressor

__all__ = ["PEERS"]

PEERS: tuple[Suppressor, ...] = (DTLN, GTCRN, RNNOISE, DEEPFILTERNET, SPEEX, WEBRTC, NOISEREDUCE)
