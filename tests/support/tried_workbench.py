"""A workbench of a store of drawn calls on which limits can be tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.store.layout import Layout
from cxaudio.workbench.policies.trials import Trials
from cxaudio.workbench.reading.archive import Archive
from cxaudio.workbench.serving.workbench import Options, Workbench
from cxaudio.workbench.sound.recordings import Recordings
from support.drawn_policies import SHIPPED
from support.drawn_store import drawn_calls, drawn_store
from support.judges_here import JudgesHere


@contextmanager
def tried_workbench(folder: Path, *, n_calls: int = 12, judges: JudgesHere | None = None) -> Iterator[Workbench]:
    """Open a workbench of drawn calls of an agent Ada of team North; they are judged in this process."""
    calls = drawn_calls(n_calls, seconds=40.0)
    store = drawn_store(folder / "store", calls, SHIPPED, with_flags=True, team="North", agent="Ada")
    with (
        Archive(store) as archive,
        Reviews(Layout(store).reviews) as reviews,
        Recordings(store, ()) as recordings,
        Trials(store, judges=judges or JudgesHere()) as trials,  # type: ignore[arg-type]
    ):
        yield Workbench(
            store=store, archive=archive, reviews=reviews, recordings=recordings, trials=trials, options=Options()
        )
