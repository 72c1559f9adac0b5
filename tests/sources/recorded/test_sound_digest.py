"""The digest of a side follows its definition, however the sound comes in."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest

from cxaudio.sources.recorded.sound_digest import SideDigest


def plain(x, sample_rate):
    """Hash the samples up to the last that is not zero, negative zeros as zeros."""
    end = np.flatnonzero(x)[-1] + 1 if x.any() else 0
    return hashlib.sha256(sample_rate.to_bytes(4, "little") + (x[:end] + 0.0).astype("<f4").tobytes()).digest()


@pytest.mark.parametrize("length", [0, 1, 7, 160, 1000])
def test_any_cutting_gives_the_digest_of_the_definition(length):
    rng = np.random.default_rng(7)
    x = rng.standard_normal(400).astype(np.float32)
    x[[0, 3, 41, 399]] = 0.0
    x[50:250] = 0.0  # longer than a piece
    x[[4, 398]] = -0.0
    x[7] = np.nan
    x = np.concatenate((x, np.zeros(length, np.float32)))
    edges = np.sort(rng.integers(0, len(x) + 1, 12))
    digest = SideDigest(8_000)
    for piece in np.split(x, edges):
        digest.add(piece)
    assert plain(x, 8_000) == digest.digest()
    assert Fraction(len(x), 8_000) == digest.duration_s


def test_silence_alone_has_the_digest_of_nothing():
    digest = SideDigest(8_000)
    digest.add(np.zeros(200_000, np.float32))
    assert plain(np.zeros(1, np.float32), 8_000) == digest.digest()
