"""Sinks for the results of one call."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.replay.request import Outputs
from cxaudio.sinks.exports import EXPORTS, Export

if TYPE_CHECKING:
    from cxaudio.model.ports import Sink
    from cxaudio.model.provenance import Provenance

__all__ = ["make_sinks"]


def make_sinks(outputs: Outputs, provenance: "Provenance", *, recordings: Sequence[Path]) -> "list[Sink]":
    """Make the sinks for the requested results.

    `report.json` is written last: where it exists, all the rest does. What an earlier run left in the folder, and this
    one does not write, is removed right before it.
    """
    from cxaudio.sinks.clean_wav import CleanWavSink
    from cxaudio.sinks.export_sink import ExportSink
    from cxaudio.sinks.files import storing
    from cxaudio.sinks.jsonl import JsonlSink
    from cxaudio.sinks.page.html import HtmlSink
    from cxaudio.sinks.report_json import report_json
    from cxaudio.sinks.result_files import EarlierResults

    folder = outputs.folder
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    sinks: list[Sink] = [JsonlSink(folder / "events.jsonl", provenance)]
    if outputs.suppressor is not None:
        sinks.append(CleanWavSink(folder / "clean.wav"))
    exports = [ExportSink(folder, EXPORTS[name]) for name in dict.fromkeys(outputs.export)]
    sinks += exports
    sinks.append(
        HtmlSink(
            folder / "report.html",
            recordings=recordings,
            embed_audio=outputs.embed_audio,
            anonymous=outputs.anonymous,
            language=outputs.page_language,
            index=outputs.index,
        )
    )
    sinks.append(EarlierResults(folder, exports, clean=outputs.suppressor is not None))
    sinks.append(ExportSink(folder, Export("report.json", report_json)))
    return sinks
