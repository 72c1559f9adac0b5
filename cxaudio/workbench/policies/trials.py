"""`Trials`: the policies that are being tried on a store, for all pages of one server."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from cxaudio.archive.running.kept_settings import KeptSettings, kept_settings
from cxaudio.archive.store.folder import Store
from cxaudio.archive.whatif.answer import Answer
from cxaudio.archive.whatif.flags_then import CallThen, flags_then
from cxaudio.archive.whatif.held import HeldRows
from cxaudio.archive.whatif.question import Question
from cxaudio.errors import CxAudioError, StoreError
from cxaudio.workbench.policies.all_calls import AllCalls
from cxaudio.workbench.policies.basis import SAMPLE, Basis, read_basis, read_calls
from cxaudio.workbench.policies.controls import Control, Group, Value, controls_of, groups_of
from cxaudio.workbench.policies.judges import FIRST, Judges
from cxaudio.workbench.policies.newest_parts import of_newest_parts
from cxaudio.workbench.policies.trial import Trial, answer_whole, try_rows
from cxaudio.workbench.policies.tried import asked_question

__all__ = ["Asking", "Trials"]

_MOST_BASES = 3
_MOST_TRIALS = 256
_MOST_PAGES = 256

Found = TypeVar("Found")


class Asking:
    """What is asked on a page: which calls, and which values are tried.

    Parameters
    ----------
    state : hashable
        Of the store; another one asks for everything anew.
    only : frozenset of str or None
        Names of the calls; None: all.
    tried : mapping
        Values by ``section.key``; at least one where something is judged.
    """

    def __init__(self, state: Hashable, only: frozenset[str] | None, tried: Mapping[str, Value]) -> None:
        self.state, self.only, self.tried = state, only, dict(tried)
        self.basis_key = (state, only)
        self.key = (state, only, tuple(self.tried.items()))

    def with_values(self, tried: Mapping[str, Value]) -> "Asking":
        """Return the same with other values."""
        return Asking(self.state, self.only, tried)


class Trials:
    """The policies that are being tried; a context manager.

    Parameters
    ----------
    store : Path
        Folder of the store.
    judges : Judges, optional
        Who judges.
    most : int, optional
        Calls of a sample at most.
    """

    def __init__(self, store: Path, *, judges: Judges | None = None, most: int = SAMPLE) -> None:
        self._store = store
        self._judges = judges or Judges()
        self._most = most
        self._lock = threading.Lock()
        self._reading = threading.Lock()  # one at a time: the second finds what the first has read
        self._settling = threading.Lock()  # the same of settings, which are read in no time
        self._kept: tuple[Hashable, KeptSettings, tuple[Group, ...]] | None = None
        self._bases: OrderedDict[Hashable, Basis] = OrderedDict()
        self._judged: OrderedDict[Hashable, HeldRows | None] = OrderedDict()
        self._trials: OrderedDict[Hashable, Trial[Any]] = OrderedDict()
        self._newest: OrderedDict[tuple[str, str], Hashable] = OrderedDict()  # by page and kind
        self._all: AllCalls | None = None
        self._preparing: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all that is being judged, at once."""
        self._judges.close()
        with self._lock:
            running, preparing = self._all, self._preparing
        if running is not None:
            running.wait()
        if preparing is not None:
            preparing.join()

    def prepare(self, asking: Asking) -> None:
        """Begin in the background what the first question would wait for."""
        with self._lock:
            if asking.basis_key in self._bases or (self._preparing is not None and self._preparing.is_alive()):
                return
            self._preparing = threading.Thread(target=self._prepare, args=(asking,), name="policies", daemon=True)
            self._preparing.start()

    def _prepare(self, asking: Asking) -> None:
        self._judges.start()
        with suppress(CxAudioError):  # the first question says it
            self.basis(asking)

    def groups(self, state: Hashable) -> tuple[Group, ...]:
        """Return the settings that can be tried.

        Raises
        ------
        StoreError
            If the store has no calls, or not the settings that they were judged with.
        """
        return self._settings(state)[1]

    def controls(self, state: Hashable) -> dict[str, Control]:
        """Return the same by ``section.key``.

        Raises
        ------
        StoreError
            As `groups`.
        """
        return controls_of(self.groups(state))

    def kept(self, state: Hashable) -> KeptSettings:
        """Return the settings that the calls were judged with.

        Raises
        ------
        StoreError
            As `groups`.
        """
        return self._settings(state)[0]

    def _settings(self, state: Hashable) -> tuple[KeptSettings, tuple[Group, ...]]:
        with self._settling:
            if self._kept is None or self._kept[0] != state:
                with Store.open(self._store, read_only=True) as store:
                    digest = store.current_settings()
                    if digest is None:
                        raise StoreError(f"{store.path}: holds no calls yet; judge some with cxaudio archive run")
                    kept = kept_settings(store.layout, digest)
                self._kept = state, kept, groups_of(kept)
            return self._kept[1:]

    def question(self, asking: Asking) -> Question:
        """Return what is asked as a question.

        Raises
        ------
        SettingError
            If a value is out of its range, or contradicts another.
        StoreError
            As `groups`.
        """
        return asked_question(self.kept(asking.state), asking.tried)

    def basis(self, asking: Asking) -> Basis:
        """Return what is so now in the calls that are asked about, and a sample of them.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        kept = self.kept(asking.state)

        def read() -> Basis:
            return of_newest_parts(
                self._store, lambda store: read_basis(store, kept, only=asking.only, most=self._most)
            )

        return self._read_once(self._bases, asking.basis_key, read)

    def sample(self, asking: Asking, *, page: str, rank: int = FIRST, most: int | None = None) -> Trial[Answer]:
        """Return the trial on the sample; it begins where it has not.

        Parameters
        ----------
        asking : Asking
            What is asked.
        page : str
            Name of the page that asks: what it asked before is stopped. Empty: nothing is.
        rank : int, optional
            Of the job.
        most : int, optional
            Only so many calls of the sample.

        Raises
        ------
        SettingError, StoreError
            As `question` and `basis`.
        """
        question = self.question(asking)
        self._stop_all_of(page, asking)
        rows = self.basis(asking).sample
        if rows is not None and most is not None:
            rows = rows.some(0, most)
        return self._trial(
            ("sample", most, asking.key),
            (page, "sample"),
            lambda: try_rows(self._judges, question, rows, answer_whole, rank=rank),
        )

    def verdicts(
        self, asking: Asking, call_ids: Sequence[str], *, page: str, rank: int = FIRST
    ) -> Trial[list[CallThen]]:
        """Return the trial on the calls that have verdicts; it begins where it has not.

        Parameters
        ----------
        asking : Asking
            What is asked.
        call_ids : sequence of str
            The calls with verdicts, in a fixed order.
        page : str
            As for `sample`.
        rank : int, optional
            Of the job.

        Raises
        ------
        SettingError, StoreError
            As `question` and `basis`.
        """
        question = self.question(asking)
        kept, judged = self.kept(asking.state), (asking.state, tuple(call_ids))

        def read() -> HeldRows | None:
            return of_newest_parts(self._store, lambda store: read_calls(store, kept, call_ids))

        rows = self._read_once(self._judged, judged, read)
        return self._trial(
            ("verdicts", judged, asking.key),
            (page, "verdicts"),
            lambda: try_rows(self._judges, question, rows, flags_then, rank=rank),
        )

    def judge_all(self, asking: Asking, *, page: str) -> AllCalls:
        """Begin to judge all calls in the background; what was being judged of all calls for something else is stopped.

        Raises
        ------
        SettingError, StoreError
            As `question`.
        """
        question = self.question(asking)
        with self._lock:
            if self._all is not None and self._all.key == asking.key and not self._all.is_stopped:
                return self._all
            if self._all is not None:
                self._all.stop()
            self._all = AllCalls(self._store, self._judges, question, key=asking.key, only=asking.only, page=page)
            return self._all

    def _stop_all_of(self, page: str, asking: Asking) -> None:
        """Stop judging all calls for a page that asks something else now."""
        with self._lock:
            running = self._all
        if running is not None and page and running.page == page and running.key != asking.key:
            running.stop()

    def all_calls(self, asking: Asking) -> AllCalls | None:
        """Return what is known of all calls; None where nobody asked that, or something else since."""
        with self._lock:
            running = self._all
        return running if running is not None and running.key == asking.key else None

    def _read_once(self, known: "OrderedDict[Hashable, Found]", key: Hashable, read: Callable[[], Found]) -> Found:
        with self._lock:
            if key in known:
                known.move_to_end(key)
                return known[key]
        with self._reading:
            if key not in known:
                found = read()
                with self._lock:
                    known[key] = found
                    while len(known) > _MOST_BASES:
                        known.popitem(last=False)
            return known[key]

    def _trial(self, key: Hashable, page: tuple[str, str], start: Callable[[], Trial[Any]]) -> Trial[Any]:
        with self._lock:
            before = self._newest.get(page)
            if page[0]:
                self._newest[page] = key
                while len(self._newest) > _MOST_PAGES:
                    self._newest.popitem(last=False)
            old = self._trials.get(before) if before != key else None
            if old is not None and not old.is_done and before not in self._wanted(page):
                self._trials.pop(before).job.stop()
            found = self._trials.get(key)
            if found is None or found.job.is_stopped:
                found = self._trials[key] = start()
            self._trials.move_to_end(key)
            while len(self._trials) > _MOST_TRIALS:
                self._trials.popitem(last=False)[1].job.stop()
            return found

    def _wanted(self, page: tuple[str, str]) -> set[Hashable]:
        """Return what other pages asked last."""
        return {key for each, key in self._newest.items() if each != page}
