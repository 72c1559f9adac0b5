"""`Workbench`: what all pages of one server share."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxaudio.archive.reviews.reviews import Reviews
    from cxaudio.workbench.policies.trials import Trials
    from cxaudio.workbench.reading.archive import Archive
    from cxaudio.workbench.sound.recordings import Recordings

__all__ = ["Options", "Workbench"]

# Below the ports that systems give to outgoing connections (RFC 6335: from 49152; Linux: from 32768). Chosen.
_FIRST_PORT, _N_PORTS = 20_000, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the workbench was started."""

    language: str = "en"  # of the interface, for who has not chosen another
    read_only: bool = False  # nothing is written into the store
    min_calls: int = 5  # figures of fewer calls are not shown
    ranking: bool = False  # agents may be sorted by figures
    reviewers: tuple[str, ...] = ()  # who has a link
    plain_names: bool = False  # recordings are shown with the names of their files


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """The store and what was opened of it."""

    store: Path
    archive: "Archive"
    reviews: "Reviews"
    recordings: "Recordings"
    trials: "Trials"
    options: Options

    @property
    def store_id(self) -> str:
        """Return a name of the store under which a browser keeps what it could not send yet."""
        return sha256(str(self.store.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]

    @property
    def usual_port(self) -> int:
        """Return the port at which this store is served where no other is asked for: always the same."""
        return _FIRST_PORT + int(self.store_id, 16) % _N_PORTS
