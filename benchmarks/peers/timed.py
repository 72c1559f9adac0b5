"""Run one program on both sides of one recording; print the CPU time of its own work and its peak memory as JSON.

    python -m benchmarks.peers.timed KEY RECORDING

`benchmarks.peers.cost` starts it as a process of its own, and measures that process as a whole.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.peers import call_ai_metrics, own
from benchmarks.peers.decision import Decision
from benchmarks.peers.entries import PEERS
from benchmarks.peers.peer import CountPeer, SpeechPeer
from benchmarks.peers.recordings import read_side

__all__ = ["OWN_DETECTOR", "main"]

OWN_DETECTOR = "cxaudio-detector"
_BLOCK_S = 20


def _own_detector(path: Path) -> float:
    """Run our front end and speech detector only, and return the CPU time, s."""
    from dsp.speech.front_end import FrontEnd
    from dsp.speech.vad import SpeechDetector

    spent = 0.0
    for channel in (0, 1):
        x = read_side(path, channel, 8000)
        began = time.process_time()
        front_end, detector = FrontEnd(8000), SpeechDetector()
        length = _BLOCK_S * 8000
        for at in range(0, len(x), length):
            detector.process(front_end.process(x[at : at + length]).features)
        detector.process(front_end.flush().features)
        detector.flush()
        spent += time.process_time() - began
    return spent


def _job(report: Callable[[Path], str], path: Path) -> float:
    began = time.process_time()
    report(path)
    return time.process_time() - began


def _peer(peer: SpeechPeer | CountPeer, path: Path) -> float:
    ready = peer.load()
    spent = 0.0
    for channel in (0, 1):
        x = read_side(path, channel, peer.sample_rate)
        began = time.process_time()
        if isinstance(peer, SpeechPeer):
            found = ready(x)  # type: ignore[call-arg]
            spent += time.process_time() - began
            Decision(peer.threshold).runs(np.asarray(found))
        else:
            ready(x, peer.settings[0])  # type: ignore[call-arg]
            spent += time.process_time() - began
    return spent


def _peak_mb() -> float | None:
    """Return the peak memory of this process, MB; None where the system has no /proc.

    The system's account of a finished child also counts the process that started it, up to the moment of the start.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return None
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(arguments: list[str]) -> None:
    """Run the program that the first argument names on the recording that the second names."""
    key, path = arguments[0], Path(arguments[1])
    if key == OWN_DETECTOR:
        spent = _own_detector(path)
    elif key in (own.KEY, call_ai_metrics.KEY):
        spent = _job(own.report if key == own.KEY else call_ai_metrics.report, path)
    else:
        spent = _peer(next(peer for peer in PEERS if peer.key == key), path)
    print(json.dumps({"alone_s": spent, "peak_mb": _peak_mb()}))


if __name__ == "__main__":
    main(sys.argv[1:])
