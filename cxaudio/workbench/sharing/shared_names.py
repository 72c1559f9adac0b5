"""Name a call for people outside, so that only those who have the store can find out which call it is.

The numbers of a store are digests of the sound: whoever has a recording can compute them. A shared name is an HMAC
under a key that is in the store alone, so that the same call has the same name each time, and who has the store can
find the call again.

References
----------
RFC 2104 (HMAC); Crockford, "Base 32", without the letters I, L, O and U.
"""

import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from cxaudio.archive.store.layout import Layout
from cxaudio.errors import StoreError
from cxaudio.sinks.files import open_private, storing

__all__ = ["SharedNames", "shared_names"]

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})
_N_SIGNS = 12  # 60 bits: of ten million calls, two have the same name with a chance of 1 in 20 000
_KEY_BYTES = 32


class SharedNames:
    """Names of calls under one key.

    Parameters
    ----------
    key : bytes
        32 bytes by chance.

    Examples
    --------
    >>> names = SharedNames(bytes(32))
    >>> names.of("call-0123456789ab")
    '6RND-K9B8-1JCH'
    >>> names.find("6rnd k9b8 ijch", ["call-aaaaaaaaaaaa", "call-0123456789ab"])
    'call-0123456789ab'
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, sound_id: str) -> str:
        """Return the name of a call, three groups of four signs; `sound_id` is its name by its sound."""
        number = self._number(sound_id)
        signs = [_SIGNS[(number >> (5 * place)) & 31] for place in range(_N_SIGNS)]
        return "-".join("".join(signs[start : start + 4]) for start in range(0, _N_SIGNS, 4))

    def find(self, name: str, sound_ids: Iterable[str]) -> str | None:
        """Return which of some calls has a name, as people type it; None where none has."""
        wanted = name.upper().translate(_ALIKE)
        if len(wanted) != _N_SIGNS or not set(wanted) <= set(_SIGNS):
            return None
        number = sum(_SIGNS.index(sign) << (5 * place) for place, sign in enumerate(wanted))
        return next((each for each in sound_ids if self._number(each) == number), None)

    def _number(self, sound_id: str) -> int:
        digest = hmac.digest(self._key, sound_id.encode("utf-8"), "sha256")
        return int.from_bytes(digest[:8], "big") & ((1 << (5 * _N_SIGNS)) - 1)


def shared_names(store: Path, *, read_only: bool = False) -> SharedNames:
    """Return the names under the key of a store; the first to share a call makes the key.

    Parameters
    ----------
    store : Path
        Its folder.
    read_only : bool
        Write nothing: where there is no key yet, the names are of this moment only and cannot be found again.

    Raises
    ------
    StoreError
        If the key cannot be read or written.
    """
    path = Layout(store).sharing_key
    if not path.exists():
        if read_only:
            return SharedNames(secrets.token_bytes(_KEY_BYTES))
        _make_key(path)
    try:
        key = path.read_bytes()
    except OSError as exc:
        raise StoreError(f"{path}: cannot be read ({exc.strerror}); give yourself the right to it") from exc
    if len(key) != _KEY_BYTES:
        raise StoreError(f"{path}: is damaged; put back a copy of it, or delete it: names shared before are lost then")
    return SharedNames(key)


def _make_key(path: Path) -> None:
    """Write a new key, complete, unless another process was first."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with storing(path):
        try:
            with open(partial, "xb", opener=open_private) as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(partial, path)  # unlike a rename, never in place of another's key
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
