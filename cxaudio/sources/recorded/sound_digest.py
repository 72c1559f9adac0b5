"""Name a call by its decoded sound, so that it has one name in every container; reads no file."""

import hashlib
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from dsp.core.stage import Float32

__all__ = ["UNREAD_CALL_ID", "SideDigest", "call_id_of", "sound_digest_of"]

_N_DIGITS = 12
_ZEROS = bytes(1 << 16)

UNREAD_CALL_ID = f"call-{'0' * _N_DIGITS}"
"""Stands for the name of a recording that was not yet read to its end; as long as the name will be."""


class SideDigest:
    """Digest of one side's samples.

    Zeros at the end are left out: in a stereo file the side that ends first is filled up with them, in a file of its
    own it is not.

    Parameters
    ----------
    sample_rate : int
        Hz; part of the digest.
    """

    def __init__(self, sample_rate: int) -> None:
        self._hash = hashlib.sha256(sample_rate.to_bytes(4, "little"))
        self._n_zeros = 0  # bytes at the end so far
        self._n_samples = 0
        self._sample_rate = sample_rate

    @property
    def duration_s(self) -> Fraction:
        """Return the exact length so far in seconds."""
        return Fraction(self._n_samples, self._sample_rate)

    def add(self, x: Float32) -> None:
        """Take the next samples as decoded, shape ``(n,)``, full scale +-1.0."""
        self._n_samples += len(x)
        end = _sounding_length(x)
        if not end:
            self._n_zeros += 4 * len(x)
            return
        while self._n_zeros:
            part = min(self._n_zeros, len(_ZEROS))
            self._hash.update(_ZEROS[:part])
            self._n_zeros -= part
        self._hash.update((x[:end] + np.float32(0.0)).astype("<f4", copy=False).data)  # no negative zeros
        self._n_zeros = 4 * (len(x) - end)

    def digest(self) -> bytes:
        """Return the digest of the samples so far."""
        return self._hash.digest()


def _sounding_length(x: Float32) -> int:
    """Return the length without the zeros at the end."""
    if len(x) and x[-1] != 0:  # nearly always
        return len(x)
    sounding = x != 0
    return len(x) - int(np.argmax(sounding[::-1])) if sounding.any() else 0


def sound_digest_of(sides: Sequence[SideDigest]) -> bytes:
    """Return the SHA-256 of a call's decoded sound: of its sides and its length.

    The order of the sides does not matter: who is who is a statement about a call, and a call replayed with the roles
    put right is the same call.

    Parameters
    ----------
    sides : sequence of SideDigest
        One or two, read to their end.
    """
    length = max(side.duration_s for side in sides)
    whole = b"".join([*sorted(side.digest() for side in sides), str(length).encode()])
    return hashlib.sha256(whole).digest()


def call_id_of(sides: Sequence[SideDigest]) -> str:
    """Return the name of a call: ``call-`` and the first twelve digits of its `sound_digest_of`.

    Parameters
    ----------
    sides : sequence of SideDigest
        One or two, read to their end.

    Examples
    --------
    >>> def side(*samples):
    ...     digest = SideDigest(8_000)
    ...     digest.add(np.array(samples, np.float32))
    ...     return digest
    >>> name = call_id_of([side(0.5, 0.25), side(0.1, 0.0)])
    >>> name == call_id_of([side(0.1), side(0.5, 0.25)]), len(name) == len(UNREAD_CALL_ID)
    (True, True)
    >>> name == call_id_of([side(0.5, 0.25), side(0.1, 0.0, 0.0)])
    False
    """
    return f"call-{sound_digest_of(sides).hex()[:_N_DIGITS]}"
