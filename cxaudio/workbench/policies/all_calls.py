"""`AllCalls`: all calls are judged again in the background, with how far it is."""

import threading
from collections.abc import Hashable
from pathlib import Path

from cxaudio.archive.store.folder import Store
from cxaudio.archive.whatif.answer import Answer
from cxaudio.archive.whatif.asking import answer_pieces, pieces_of
from cxaudio.archive.whatif.question import Question
from cxaudio.errors import CxAudioError
from cxaudio.workbench.policies.judges import LAST, Judges, Stopped
from cxaudio.workbench.policies.newest_parts import of_newest_parts

__all__ = ["AllCalls"]

_MOST_FOR_NUDGES = 20_000
"""Calls whose nudges are judged; of more a sample of so many is, as `cxaudio archive whatif` does it."""


class AllCalls:
    """A question about all calls of a store; it begins at once.

    Parameters
    ----------
    store : Path
        Folder of the store.
    judges : Judges
        Who judges; whoever moves a slider goes first.
    question : Question
        What is asked.
    key : hashable
        What is asked, as the pages name it.
    only : frozenset of str or None
        Names of the calls; None: all.
    page : str
        Name of the page that asked.
    """

    def __init__(
        self,
        store: Path,
        judges: Judges,
        question: Question,
        *,
        key: Hashable,
        only: frozenset[str] | None,
        page: str,
    ) -> None:
        self.key, self.page = key, page
        self.progress = 0.0  # 0..1
        self.answer: Answer | None = None
        self.problem: str | None = None  # one sentence, where it failed
        self._job = judges.job(question, rank=LAST)
        self._thread = threading.Thread(target=self._run, args=(store, only), name="all calls", daemon=True)
        self._thread.start()

    @property
    def is_stopped(self) -> bool:
        """Return whether it was stopped before it was done, or failed."""
        return self.answer is None and (self.problem is not None or self._job.is_stopped)

    def stop(self) -> None:
        """Stop it."""
        self._job.stop()

    def wait(self) -> None:
        """Wait until it is done, stopped or failed."""
        self._thread.join()

    def _run(self, store: Path, only: frozenset[str] | None) -> None:
        def show(done: int, of: int) -> None:
            self.progress = done / of

        def judge(opened: Store) -> Answer:
            return answer_pieces(
                self._job.question,
                list(pieces_of(opened, only=only, groups_at_once=1)),
                spread=self._job.spread,
                most_for_nudges=_MOST_FOR_NUDGES,
                progress=show,
            )

        try:
            self.answer = of_newest_parts(store, judge)
        except Stopped:
            return
        except CxAudioError as error:
            self._job.stop()
            self.problem = str(error)
