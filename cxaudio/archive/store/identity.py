"""Name a row by what it was measured from: the sound, the settings, and the version of what is measured."""

import hashlib

__all__ = ["METRIC_VERSION", "row_id"]

METRIC_VERSION = 1
"""Version of what is measured; raise it where the same sound and settings give other figures."""


def row_id(sound_digest: bytes | str, settings_digest: str) -> str:
    """Compute the name of a call's row in a store.

    Parameters
    ----------
    sound_digest : bytes or str
        SHA-256 of the decoded sound of both sides, as bytes or as 64 hex digits.
    settings_digest : str
        Of the settings that the call was judged with, 64 hex digits.

    Returns
    -------
    str
        64 hex digits; the same on every machine.

    Raises
    ------
    ValueError
        If a digest is cut short or is no digest.

    Examples
    --------
    >>> row_id(bytes(32), "ab" * 32)[:16]
    'af98f8425b00a957'
    >>> row_id(bytes(32).hex(), "ab" * 32) == row_id(bytes(32), "ab" * 32)
    True
    """
    sound = bytes.fromhex(sound_digest) if isinstance(sound_digest, str) else sound_digest
    settings = bytes.fromhex(settings_digest)
    for name, digest in (("sound_digest", sound), ("settings_digest", settings)):
        if len(digest) != 32:
            raise ValueError(f"{name} has {len(digest)} bytes; give all 32 of a SHA-256")
    text = b"cxaudio row" + METRIC_VERSION.to_bytes(4, "big") + sound + settings
    return hashlib.sha256(text).hexdigest()
