"""`ExportSink`: write a file that follows from the finished report alone."""

from pathlib import Path

from cxaudio.model.blocks import Analysed, CallInfo
from cxaudio.model.report import CallReport
from cxaudio.sinks.exports import Export
from cxaudio.sinks.files import write_whole

__all__ = ["ExportSink"]


class ExportSink:
    """Write one export when the call ends; a call that broke off leaves no file.

    Parameters
    ----------
    folder : Path
        Where the results go; made where it is missing.
    export : Export
        What is written.
    """

    def __init__(self, folder: Path, export: Export) -> None:
        self._folder = folder
        self._export = export
        self.written: tuple[Path, ...] = ()  # once the call has ended

    def open(self, call: CallInfo) -> None:
        """Do nothing: the report comes at the end."""

    def write(self, analysed: Analysed) -> None:
        """Do nothing: the report comes at the end."""

    def close(self, report: CallReport | None) -> None:
        """Write, unless the call broke off.

        Raises
        ------
        StoreError
            If a file cannot be written.
        """
        if report is None:
            return
        made = self._export.render(report)
        files = (
            {self._export.file: made}
            if isinstance(made, str)
            else {self._export.file.replace("*", name): text for name, text in made.items()}
        )
        for name, text in files.items():
            write_whole(self._folder / name, text)
        self.written = tuple(self._folder / name for name in files)
