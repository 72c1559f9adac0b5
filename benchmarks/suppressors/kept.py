"""Keep the figures of peers from one run to the next: they are slow, and change only with their packages."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.suppressors.suppressor import Suppressor

if TYPE_CHECKING:
    from benchmarks.suppressors.scoring import Trial

__all__ = ["KeptFigures"]


class KeptFigures:
    """A folder with a file for each peer and sound.

    A file's name is made of all that its figures depend on: the sound, what it is made of, the measures, and the peer
    with the versions of its packages. What differs in any of these is measured anew. Ours are never kept.

    Parameters
    ----------
    folder : Path or None
        Made when the first figures are kept; ``None`` keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def _file(self, suppressor: Suppressor, trial: "Trial", measures: Sequence[str]) -> Path | None:
        if self.folder is None or suppressor.own:
            return None
        what = repr((suppressor.key, suppressor.release, trial.condition, trial.sample_rate, tuple(measures)))
        digest = hashlib.sha256(what.encode() + trial.x.tobytes()).hexdigest()
        return self.folder / f"{suppressor.key}-{digest[:24]}.json"

    def read(self, suppressor: Suppressor, trial: "Trial", measures: Sequence[str]) -> dict[str, float] | None:
        """Return what an earlier run measured, or ``None``."""
        file = self._file(suppressor, trial, measures)
        if file is None or not file.exists():
            return None
        figures: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
        return figures

    def write(self, suppressor: Suppressor, trial: "Trial", measures: Sequence[str], figures: dict[str, float]) -> None:
        """Keep what was measured; a run that is stopped meanwhile leaves no half file."""
        file = self._file(suppressor, trial, measures)
        if file is None:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(figures), encoding="utf-8")
        part.replace(file)
