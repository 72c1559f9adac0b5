"""`KeptRecently`: keep what was used last and costs time to make, within bounds; threads may share it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

__all__ = ["KeptRecently"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Entry(Generic[V]):
    """One value, or the place of one that is being made."""

    def __init__(self) -> None:
        self.making = threading.Lock()  # so that only one thread makes it
        self.value: V | None = None
        self.n_users = 0
        self.used_at_s = 0.0


class KeptRecently(Generic[K, V]):
    """Values by key. A value in use is never dropped; of the others, those that were not used for longest go first.

    Parameters
    ----------
    most : int
        Values that are kept at most; with those in use, one more for each thread at work.
    most_bytes : int
        Bytes that those kept may need together; the newest is kept even alone above it.
    size_of : callable
        Returns the bytes of a value.
    close : callable, optional
        Called with a value that is dropped.
    idle_s : float, optional
        What was not used for so long is dropped at the next use of any other value.
    clock : callable
        Gives seconds.

    Examples
    --------
    >>> kept = KeptRecently(most=2, most_bytes=100, size_of=len)
    >>> for key in ("a", "b", "a", "c"):
    ...     with kept.use(key, lambda: key * 10) as value:
    ...         pass
    >>> kept.keys()
    ['a', 'c']
    """

    def __init__(
        self,
        *,
        most: int,
        most_bytes: int,
        size_of: Callable[[V], int],
        close: Callable[[V], None] = lambda value: None,
        idle_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._size_of = size_of
        self._close = close
        self._idle_s = idle_s
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()

    @contextmanager
    def use(self, key: K, make: Callable[[], V]) -> Iterator[V]:
        """Give the value of a key, which is made where it is not kept.

        Parameters
        ----------
        key : hashable
            A value made from another state of the world must have another key.
        make : callable
            Makes the value; only one thread does it, others that ask for the same key wait. What it raises is passed
            on, and nothing is kept.
        """
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            entry.n_users += 1
        try:
            with entry.making:
                if entry.value is None:
                    entry.value = make()
                value = entry.value
            yield value
        finally:
            self._leave(key, entry)

    def peek(self, key: K) -> V | None:
        """Return the value of a key where it is kept, None where it is not; it does not count as used."""
        with self._lock:
            entry = self._entries.get(key)
            return None if entry is None else entry.value

    def keys(self) -> list[K]:
        """Return the keys of what is kept, that used last at the end."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Drop everything that is not in use."""
        with self._lock:
            dropped = self._dropped(most=0, most_bytes=0)
        for value in dropped:
            self._close(value)

    def _leave(self, key: K, entry: _Entry[V]) -> None:
        with self._lock:
            entry.n_users -= 1
            entry.used_at_s = self._clock()
            if entry.value is None and not entry.n_users:
                self._entries.pop(key, None)  # it could not be made
            elif key in self._entries:
                self._entries.move_to_end(key)
            dropped = self._dropped(most=self._most, most_bytes=self._most_bytes)
        for value in dropped:  # outside the lock: closing a file may take its time
            self._close(value)

    def _dropped(self, *, most: int, most_bytes: int) -> list[V]:
        """Take out what is above the bounds, or idle, oldest first."""
        oldest_s = -float("inf") if self._idle_s is None else self._clock() - self._idle_s
        sizes = {key: self._size_of(entry.value) for key, entry in self._entries.items() if entry.value is not None}
        n_bytes = sum(sizes.values())
        dropped = []
        for key in list(sizes):
            entry = self._entries[key]
            is_newest = len(sizes) == 1 and most > 0
            over = len(sizes) > most or (n_bytes > most_bytes and not is_newest)
            if not entry.n_users and entry.value is not None and (over or entry.used_at_s < oldest_s):
                del self._entries[key]
                n_bytes -= sizes.pop(key)
                dropped.append(entry.value)
        return dropped
