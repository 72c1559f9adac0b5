"""The files of one call's results: which are there, and removing those of an earlier run that are not renewed."""

from collections.abc import Sequence
from pathlib import Path

from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.report import CallReport
from cxaudio.sinks.export_sink import ExportSink
from cxaudio.sinks.files import storing
from cxaudio.sinks.result_names import ALWAYS, CLEAN, ON_REQUEST

__all__ = ["EarlierResults", "result_files"]


def result_files(folder: Path) -> list[Path]:
    """Return the results that are in a call's folder, the page first."""
    return [path for name in (*ALWAYS, *ON_REQUEST) if (path := folder / name).is_file()]


class EarlierResults:
    """Keep a folder from holding exports of two runs, whose roles or settings may differ; a `Sink`.

    Only files that cxaudio writes itself are removed, and only from a folder that held a report when the call began. A
    call that breaks off removes nothing.

    Parameters
    ----------
    folder : Path
        Where the results go.
    exports : sequence of ExportSink
        What this run writes; they are closed before this sink.
    clean : bool
        Whether this run writes ``clean.wav``.
    """

    def __init__(self, folder: Path, exports: Sequence[ExportSink], *, clean: bool) -> None:
        self._folder = folder
        self._exports = exports
        self._clean = clean
        self._used = False

    def open(self, call: CallInfo) -> None:
        """Look whether the folder holds a report."""
        self._used = (self._folder / "report.json").is_file()

    def write(self, analysed: Analysed) -> None:
        """Do nothing: only the end matters."""

    def close(self, report: CallReport | None) -> None:
        """Remove what is left of the earlier run.

        Raises
        ------
        StoreError
            If a file cannot be removed.
        """
        if report is None or not self._used:
            return
        kept = {path for export in self._exports for path in export.written}
        if self._clean:
            kept.add(self._folder / CLEAN)
        old = [path for name in ON_REQUEST if (path := self._folder / name) not in kept]
        for path in old:
            with storing(path):
                path.unlink(missing_ok=True)
        for folder in {path.parent for path in old} - {self._folder}:
            with storing(folder):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
