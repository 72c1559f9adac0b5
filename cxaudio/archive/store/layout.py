"""Name the files of a store."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["TABLES", "Layout"]

TABLES = ("calls", "events", "tapes")
"""Folders of a store with Parquet files; a part has a file of the same name in each."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the files of a store are.

    Examples
    --------
    >>> Layout(Path("store")).file("calls", "part-0a").as_posix()
    'store/calls/part-0a.parquet'
    >>> Layout(Path("store")).page("0a1b").as_posix()
    'store/pages/0a/0a1b.html'
    """

    path: Path

    @property
    def about(self) -> Path:
        """Return the file that says what the folder is."""
        return self.path / "store.json"

    @property
    def ledger(self) -> Path:
        """Return the SQLite file."""
        return self.path / "ledger.sqlite"

    @property
    def recordings(self) -> Path:
        """Return the file that names the places of the recordings; it may be missing."""
        return self.path / "recordings.json"

    @property
    def pages(self) -> Path:
        """Return the folder of the calls' pages."""
        return self.path / "pages"

    @property
    def reviews(self) -> Path:
        """Return the SQLite file of people's verdicts about calls; it may be missing."""
        return self.path / "reviews.sqlite"

    @property
    def sharing_key(self) -> Path:
        """Return the file of the key under which calls are named for people outside; it may be missing."""
        return self.path / "sharing.key"

    @property
    def index(self) -> Path:
        """Return the page with the list of the calls; it may be missing."""
        return self.path / "index.html"

    def settings(self, digest: str) -> Path:
        """Return the file of the settings that calls were judged with."""
        return self.path / "settings" / f"{digest}.json"

    def page(self, call_id: str) -> Path:
        """Return the file of a call's page."""
        return self.pages / call_id[:2] / f"{call_id}.html"

    def file(self, table: str, part: str) -> Path:
        """Return the file of a part of a table."""
        return self.path / table / f"{part}.parquet"

    def unfinished(self, table: str, part: str, writer: str) -> Path:
        """Return the hidden name that the file has until it is registered; `writer` is the id of an owner."""
        return self.path / table / f".{part}.{writer}.unfinished"
