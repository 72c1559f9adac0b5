"""Run the programs on the recordings, several at once if asked, and keep what they found."""

import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.peers import call_ai_metrics, own
from benchmarks.peers.cache import fingerprint, kept_scores, kept_text, own_fingerprint
from benchmarks.peers.entries import PEERS
from benchmarks.peers.peer import CountPeer, MissingPeerError, Scores, Setting, SpeechPeer, needs, release
from benchmarks.peers.recordings import Recording, read_side, sides_of

__all__ = ["Measured", "available"]


def available(asked: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return which of these peers can run, by their keys, and a sentence for each that cannot."""
    keys, sentences = [], []
    for key in asked:
        try:
            if key == call_ai_metrics.KEY:
                needs(call_ai_metrics.PACKAGES)
            else:
                _loaded(key)
        except MissingPeerError as missing:
            name = call_ai_metrics.NAME if key == call_ai_metrics.KEY else _by_key(key).name
            sentences.append(f"{name} is not measured: {missing}.")
        else:
            keys.append(key)
    return keys, sentences


@cache
def _by_key(key: str) -> Any:
    return next(peer for peer in PEERS if peer.key == key)


@cache
def _loaded(key: str) -> Any:
    return _by_key(key).load()


@cache
def _fingerprint(key: str) -> str:
    if key == own.KEY:
        return own_fingerprint()
    if key == call_ai_metrics.KEY:
        return release(call_ai_metrics.PACKAGES).rpartition(" ")[2]
    return fingerprint(_by_key(key))


class Measured:
    """What each program found on each recording, kept in a folder.

    Parameters
    ----------
    folder : Path
        For the kept results.
    jobs : int
        Processes at once.
    """

    def __init__(self, folder: Path, *, jobs: int) -> None:
        self._folder = folder
        self._jobs = jobs

    def scores(self, peer: SpeechPeer, recordings: Sequence[Recording]) -> list[dict[str, Scores]]:
        """Return the scores of both sides' ticks by a detector."""
        return self._each(_scores, peer.key, recordings, {})

    def syllables(self, peer: CountPeer, recordings: Sequence[Recording], setting: Setting) -> list[int]:
        """Return how many syllables the agent spoke, by a counter."""
        return self._each(_syllables, peer.key, recordings, dict(setting))

    def reports(self, key: str, recordings: Sequence[Recording]) -> list[dict[str, Any]]:
        """Return the reports of cxaudio or call-ai-metrics."""
        return self._each(_report, key, recordings, {})

    def _each(self, work: Any, key: str, recordings: Sequence[Recording], setting: dict[str, object]) -> list[Any]:
        jobs = [(self._folder, key, recording.path, setting) for recording in recordings]
        if self._jobs == 1:
            found = [work(job) for job in jobs]
        else:
            with ProcessPoolExecutor(self._jobs) as pool:
                found = list(pool.map(work, jobs))
        print(f"  {key}: {len(jobs)} recordings", file=sys.stderr, flush=True)
        return found


def _scores(job: tuple[Path, str, Path, dict[str, object]]) -> dict[str, Scores]:
    folder, key, path, _ = job

    def make() -> dict[str, Scores]:
        return {side: _loaded(key)(x) for side, x in sides_of(path, _by_key(key).sample_rate)}

    return kept_scores(folder, key, _fingerprint(key), path, make)


def _syllables(job: tuple[Path, str, Path, dict[str, object]]) -> int:
    folder, key, path, setting = job
    named = "".join(f"-{name}={value}" for name, value in sorted(setting.items()))

    def make() -> str:
        return json.dumps(_loaded(key)(read_side(path, 0, _by_key(key).sample_rate), setting))

    return int(json.loads(kept_text(folder, f"{key}{named}", _fingerprint(key), path, make)))


def _report(job: tuple[Path, str, Path, dict[str, object]]) -> dict[str, Any]:
    folder, key, path, _ = job
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    def make() -> str:
        return own.report(path) if key == own.KEY else call_ai_metrics.report(path)

    found: dict[str, Any] = json.loads(kept_text(folder, key, _fingerprint(key), path, make))
    return found
