"""Take note of the recordings that a search finds, while the first of them are already judged."""

import threading
import time
from collections.abc import Iterable, Iterator
from itertools import islice

from cxaudio.archive.job import Deferral, Job, Refusal
from cxaudio.archive.store.ledger import Added, Ledger

__all__ = ["Feeder"]

_FIRST_BATCH = 50  # so that the workers begin at once
_BATCH = 1_000
_BATCH_S = 1.0  # a slow search hands over what it has
_MOST_DEFERRALS = 100_000  # that are looked at again at the end; the others by the next run


class Feeder:
    """Add what a search yields to the ledger, on a thread of its own.

    Parameters
    ----------
    ledger : Ledger
        Threads may share it.
    found : iterable of Job, Refusal or Deferral
        May take long.
    """

    def __init__(self, ledger: Ledger, found: Iterable[Job | Refusal | Deferral]) -> None:
        self.deferrals: list[Deferral] = []
        self.added = Added()  # in all so far; replaced, never changed
        self.error: BaseException | None = None  # with which the search ended
        self._ledger = ledger
        self._found = iter(found)
        self._stopped = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="cxaudio-search", daemon=True)

    @property
    def done(self) -> bool:
        """Return whether all that was found is in the ledger."""
        return self._done.is_set()

    def start(self) -> None:
        """Begin to search."""
        self._thread.start()

    def stop(self) -> None:
        """End the search after the recording that it looks at; a search that waits for a network is left alone."""
        self._stopped.set()
        self._thread.join(1.0)

    def _feed(self) -> None:
        try:
            size = _FIRST_BATCH
            while batch := list(islice(self._until_late(), size)):
                now = self._ledger.add(batch)
                room = _MOST_DEFERRALS - len(self.deferrals)
                self.deferrals += [each for each in batch if isinstance(each, Deferral)][:room]
                so_far = self.added
                self.added = Added(
                    new=so_far.new + now.new,
                    changed=so_far.changed + now.changed,
                    known=so_far.known + now.known,
                    refused=so_far.refused + now.refused,
                    deferred=so_far.deferred + now.deferred,
                )
                size = _BATCH
        except BaseException as exc:  # raised where the run ends
            self.error = exc
        finally:
            self._done.set()

    def _until_late(self) -> Iterator[Job | Refusal | Deferral]:
        """Yield what is found, for a second at most after the first."""
        until = float("inf")
        while not self._stopped.is_set() and time.monotonic() < until:
            try:
                each = next(self._found)
            except StopIteration:
                return
            except BaseException as exc:  # what was found before is judged all the same
                self.error = exc
                return
            yield each
            until = min(until, time.monotonic() + _BATCH_S)
