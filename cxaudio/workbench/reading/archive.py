"""Hold the newest snapshot of a store, and make another one in the background when the store has changed."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from cxaudio.errors import CxAudioError
from cxaudio.workbench.reading.loading import state_of
from cxaudio.workbench.reading.snapshot import Snapshot

__all__ = ["Archive"]

_CHECK_S = 3.0  # between looks at the store; a look takes some ms
_REST = 4  # a store that changes all the time is read for at most a fifth of the time


class Archive:
    """The newest snapshot of a store, for several threads.

    Parameters
    ----------
    path : Path
        Folder of the store.
    file_names : {"hashed", "plain"}
        How recordings that were not judged are named.
    prepare : callable, optional
        Called with each snapshot before anybody gets it, for example to take in what reviewers said.
    clock : callable
        Gives seconds that only rise.

    Raises
    ------
    StoreError
        If the folder is no store, or cannot be read.
    UsageError
        If an extra is not installed, or there is not enough memory.

    Examples
    --------
    >>> import tempfile
    >>> from cxaudio.archive.store.folder import Store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Store.create(folder + "/store").close()
    ...     archive = Archive(Path(folder, "store"))
    ...     archive.current().n_calls
    ...     archive.close()
    0
    """

    def __init__(
        self,
        path: Path,
        *,
        file_names: str = "hashed",
        prepare: Callable[[Snapshot], object] = lambda snapshot: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self._file_names = file_names
        self._prepare = prepare
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._problem: str | None = None
        started = clock()
        self._snapshot = self._made()
        self._next_s = clock() + max(_CHECK_S, _REST * (clock() - started))

    @property
    def problem(self) -> str | None:
        """Return why the store could not be read anew when it was last looked at; None where all is well."""
        return self._problem

    def current(self) -> Snapshot:
        """Return the newest snapshot at once; where it is time to look at the store, that begins in the background."""
        with self._lock:
            idle = self._thread is None or not self._thread.is_alive()
            if idle and not self._closed and self._clock() >= self._next_s:
                self._thread = threading.Thread(target=self._renew, name="snapshot", daemon=True)
                self._thread.start()
            return self._snapshot

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait until nothing is read in the background any more; the newest snapshot can still be asked."""
        with self._lock:
            self._closed, thread = True, self._thread
        if thread is not None:
            thread.join()

    def _made(self) -> Snapshot:
        snapshot = Snapshot.of_store(self.path, file_names=self._file_names)
        self._prepare(snapshot)
        return snapshot

    def _renew(self) -> None:
        started = self._clock()
        try:
            if state_of(self.path) != self._snapshot.state:
                made = self._made()
                with self._lock:
                    self._snapshot = made  # the one before goes when its last request has its answer
            self._problem = None
        except CxAudioError as exc:  # the calls that are known stay to be seen
            self._problem = str(exc)
        finally:
            with self._lock:
                self._next_s = self._clock() + max(_CHECK_S, _REST * (self._clock() - started))
