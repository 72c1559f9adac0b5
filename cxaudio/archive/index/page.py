"""Write the index page of a store."""

from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.archive.index.listed import failed_calls, listed_calls
from cxaudio.archive.index.state import index_state, written_state
from cxaudio.errors import StoreError

if TYPE_CHECKING:
    from cxaudio.archive.store.folder import Store

__all__ = ["renew_index", "write_index"]

_TRIES = 3


def renew_index(store: "Store", *, file_names: str = "hashed", language: str = "en") -> Path:
    """Write ``index.html`` of a store as `write_index` does, unless the page that is there is still right.

    A process that was killed after it had judged calls, settings that were gone back to, and options that show the
    same calls in another way all make a page wrong.

    Parameters
    ----------
    store, file_names, language
        As for `write_index`.

    Returns
    -------
    Path
        The page.
    """
    if written_state(store) == index_state(store, file_names=file_names, language=language):
        return store.layout.index
    return write_index(store, file_names=file_names, language=language)


def write_index(store: "Store", *, file_names: str = "hashed", language: str = "en") -> Path:
    """Write ``index.html`` of a store: the calls judged with the settings of the newest run, and what failed.

    It appears complete or not at all, and only its owner may read it. Memory: the rows of at most
    `cxaudio.sinks.index_page.html.MAX_CALLS` calls; of more, the worst are listed and the page says so.

    Parameters
    ----------
    store : Store
        Opened for writing.
    file_names : {"hashed", "plain"}
        Whether recordings that failed are listed with their names, which can be telephone numbers. A call has the name
        that its row has.
    language : str
        BCP 47 tag of the language that it opens in; the calls' sentences are English.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    StoreError
        If a file of the store cannot be read, or the page cannot be written.
    """
    from cxaudio.sinks.files import write_private
    from cxaudio.sinks.index_page.html import render_index

    path = store.layout.index
    for left in reversed(range(_TRIES)):
        try:
            state = index_state(store, file_names=file_names, language=language)
            page = render_index(
                listed_calls(store),
                failed_calls(store, plain=file_names == "plain"),
                language=language,
                has_page=lambda page: (store.path / page).is_file(),
                state=state,
            )
            break
        except StoreError as exc:  # another process may have merged the parts meanwhile
            if not left or not isinstance(exc.__cause__, FileNotFoundError):
                raise
    write_private(path, page)
    return path
