"""Open a store for the workbench."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cxaudio.archive.reviews.reviews import Reviews
from cxaudio.archive.store.folder import Store
from cxaudio.archive.store.layout import Layout
from cxaudio.errors import UsageError
from cxaudio.workbench.serving.workbench import Options, Workbench

__all__ = ["open_workbench"]


@contextmanager
def open_workbench(store: Path, *, options: Options, recordings: Sequence[Path] = ()) -> Iterator[Workbench]:
    """Open a store, its reviews and its recordings for the pages.

    Parameters
    ----------
    store : Path
        Folder of the store.
    options : Options
        How the workbench is started.
    recordings : sequence of Path
        More folders below which recordings may be played.

    Raises
    ------
    StoreError
        If the folder is no store, or cannot be read.
    UsageError
        If an extra is not installed, or an option is wrong.
    """
    if options.min_calls < 2:
        raise UsageError(f"--min-calls {options.min_calls} would show single calls as figures; use at least 2")
    for folder in recordings:
        if not folder.is_dir():
            raise UsageError(f"--recordings {folder}: is no folder; name the one that the recordings are in")
    from cxaudio.workbench.policies.trials import Trials
    from cxaudio.workbench.reading.archive import Archive
    from cxaudio.workbench.reading.call_filter import CallFilter
    from cxaudio.workbench.reading.facets import facets_of
    from cxaudio.workbench.reading.overview import overview_of
    from cxaudio.workbench.reading.snapshot import Snapshot
    from cxaudio.workbench.sound.recordings import Recordings

    Store.open(store, read_only=True).close()  # first, so that a folder that is no store gets no file
    if not options.read_only and not os.access(store, os.W_OK):
        raise UsageError(f"{store}: you may not write there; look at the store with --read-only")
    with ExitStack() as opened:
        reviews = opened.enter_context(Reviews(Layout(store).reviews, read_only=options.read_only))

        def prepare(snapshot: Snapshot) -> None:
            """Take in the verdicts, and compute what is asked for first."""
            snapshot.keep_in_step(reviews)
            overview_of(snapshot, CallFilter())
            facets_of(snapshot, CallFilter())

        archive = Archive(store, file_names="plain" if options.plain_names else "hashed", prepare=prepare)
        opened.enter_context(archive)
        yield Workbench(
            store=store,
            archive=archive,
            reviews=reviews,
            recordings=opened.enter_context(Recordings(store, recordings)),
            trials=opened.enter_context(Trials(store)),
            options=options,
        )
