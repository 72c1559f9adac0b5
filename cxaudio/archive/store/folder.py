"""Make and open a store: a folder with a ledger, Parquet files of the judged calls, and their pages."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from cxaudio.archive.columns import STORE_SCHEMA
from cxaudio.archive.outcome import Judged
from cxaudio.archive.store import commit as committing
from cxaudio.archive.store.layout import TABLES, Layout
from cxaudio.archive.store.ledger import Ledger
from cxaudio.archive.store.migration import migrate
from cxaudio.archive.store.owner import Owner
from cxaudio.archive.store.parts import PartFiles, complete, delete_retired, part_files, superseded_rows, sweep
from cxaudio.errors import StoreError
from cxaudio.sinks.files import private_folder, storing, write_private

__all__ = ["Store"]

_KIND = "cxaudio.store/"


class Store:
    """An open store, for one process; made by `create` or `open`, and closed by `close` or at the end of a `with`.

    Attributes
    ----------
    path : Path
        Its folder.
    layout : Layout
        Names of its files.
    ledger : Ledger
        What is known of each recording.
    read_only : bool
        It can be read, and not written.
    """

    def __init__(self, layout: Layout, ledger: Ledger) -> None:
        self.path = layout.path
        self.layout = layout
        self.ledger = ledger
        self.read_only = ledger.database.read_only

    @classmethod
    def create(cls, path: Path | str) -> "Store":
        """Make a store, or open the one that is there; several processes may do so at once.

        Parameters
        ----------
        path : path
            A folder that is missing or empty, or a store. Only its owner gets rights to it.

        Raises
        ------
        StoreError
            If the folder holds something else, or cannot be written.
        """
        layout = Layout(Path(path))
        with storing(layout.path):  # its folder may be one that nobody may enter
            is_store = layout.about.exists()
        if not is_store:
            private_folder(layout.path)
            with storing(layout.path):
                others = {name for name in os.listdir(layout.path) if not name.startswith((".", "ledger.sqlite"))}
                if others - {"calls", "events", "tapes", "pages", "store.json"}:
                    raise StoreError(
                        f"{layout.path}: holds files that are no store, such as {min(others)}; name a new folder"
                    )
                os.chmod(layout.path, 0o700)
            for folder in (*(layout.path / table for table in TABLES), layout.pages):
                private_folder(folder)
            Ledger(layout.ledger, owner=Owner.this_process(), create=True).close()
            write_private(layout.about, _about(STORE_SCHEMA))  # the last: what has it is a whole store
        return cls.open(layout.path)

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False) -> "Store":
        """Open a store, complete what a killed process had begun, and bring parts of an older version up to this one.

        Parameters
        ----------
        path : path
            Its folder.
        read_only : bool
            Change nothing; so it is also where the folder cannot be written.

        Raises
        ------
        StoreError
            If it is no store, is newer than this program, or its ledger is damaged.
        """
        layout = Layout(Path(path))
        schema = _schema_of(layout)
        if schema > STORE_SCHEMA:
            raise StoreError(
                f"{layout.path}: was written by a newer cxaudio (store schema {schema}, this one knows "
                f"{STORE_SCHEMA}); install that version"
            )
        writable = all(os.access(each, os.W_OK) for each in (layout.path, layout.ledger) if each.exists())
        ledger = Ledger(layout.ledger, owner=Owner.this_process(), read_only=read_only or not writable)
        try:
            if not ledger.database.read_only:
                complete(ledger, layout)
                delete_retired(ledger, layout)
                sweep(ledger, layout)
                migrate(ledger, layout)
                if schema < STORE_SCHEMA:
                    write_private(layout.about, _about(STORE_SCHEMA))
        except BaseException:
            ledger.close()
            raise
        return cls(layout, ledger)

    def commit(self, judged: Sequence[Judged]) -> None:
        """Take the rows of judged calls into the store, and note their jobs as done.

        All of it happens, or nothing, whatever is killed when. Of recordings with the same sound, that with the
        smallest names gives the row. Calls whose recording changed since it was leased are left out.

        Parameters
        ----------
        judged : sequence of Judged
            Made with the settings that `Ledger.begin` was given.

        Raises
        ------
        TypeError, ValueError
            If rows do not fit `cxaudio.archive.columns` or the run: our own fault.
        StoreError
            If the disk refuses; then nothing was stored, and the jobs stay leased.
        """
        committing.commit(self.ledger, self.layout, judged)

    def parts(self) -> list[PartFiles]:
        """Return the files of all registered parts, oldest first.

        Without the rows that `superseded` names, they are the store. Compacting replaces parts and then deletes
        the old files: whoever does not find a file any more asks for the parts again.
        """
        return part_files(self.ledger, self.layout)

    def superseded(self) -> list[tuple[str, str]]:
        """Return the rows that a reader must leave out, as pairs of `call_id` and the name of the part."""
        return superseded_rows(self.ledger)

    def current_settings(self) -> str | None:
        """Return the digest of the settings of the newest run; None where nothing ran yet."""
        return self.ledger.settings_digest()

    def close(self) -> None:
        """Close the ledger; leases stay as they are."""
        self.ledger.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *trace: object) -> None:
        self.close()


def _about(schema: int) -> str:
    """Return what `store.json` holds."""
    return json.dumps({"schema": f"{_KIND}{schema}"}, indent=2) + "\n"


def _schema_of(layout: Layout) -> int:
    """Return the version of a store's columns.

    Raises
    ------
    StoreError
        If the folder is no store.
    """
    cure = "name the folder of a store, or an empty one to make it with cxaudio archive run"
    try:
        about = json.loads(layout.about.read_text(encoding="utf-8"))
        kind, _, schema = about["schema"].rpartition("/")
        if f"{kind}/" == _KIND:
            return int(schema)
    except FileNotFoundError:
        what = "does not exist" if not layout.path.exists() else "is no store (store.json is missing)"
        raise StoreError(f"{layout.path}: {what}; {cure}") from None
    except NotADirectoryError:
        raise StoreError(f"{layout.path}: is a file; {cure}") from None
    except OSError as exc:
        raise StoreError(f"{layout.about}: cannot be read ({exc.strerror}); give yourself the right to it") from exc
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise StoreError(f"{layout.path}: is no store of calls (store.json says something else); {cure}")
