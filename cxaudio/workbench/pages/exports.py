"""Export tables of the calls of a filter: calls, flags, verdicts and samples, as CSV, JSON lines or Parquet."""

from collections.abc import Iterator

from cxaudio.archive.store.streamed_rows import FORMATS, MEDIA_TYPES
from cxaudio.workbench.pages.filter_view import address, filter_view
from cxaudio.workbench.reading.call_order import CallOrder
from cxaudio.workbench.serving.answers import Answer, file_answer, page
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.serving.route import Route
from cxaudio.workbench.sharing.exported_tables import TABLES, ExportedCalls, exported

__all__ = ["ROUTES"]


def show_exports(asked: Asked) -> Answer:
    """Show what can be exported of the calls of a filter."""
    own_view = asked.visitor.own_agent is not None
    sort = CallOrder.named(asked.query.first("sort", "worst")).name
    pairs = asked.filter.to_query()
    return page(
        asked,
        "exports.html",
        script_words=("workbench_exports.",),
        own_view=own_view,
        count=asked.snapshot.count(asked.filter.where()),
        chips=filter_view(asked, "/exports", sort=None if sort == "worst" else sort).chips,
        pairs=[*pairs, ("sort", sort)],
        to_calls=address("/calls", pairs, sort=None if sort == "worst" else sort),
        tables=[(name, table) for name, table in TABLES.items() if table.own_view or not own_view],
        formats=FORMATS,
    )


def send_export(asked: Asked) -> Answer:
    """Return a table of the calls of a filter, a piece at a time."""
    table, format = asked.path["table"], asked.path["format"]
    calls = ExportedCalls(
        snapshot=asked.snapshot,
        reviews=asked.workbench.reviews,
        chosen=asked.filter,
        order=CallOrder.named(asked.query.first("sort", "worst")),
    )
    own_view = asked.visitor.own_agent is not None
    content = _begun(exported(calls, table, format, columns=asked.query.all("column"), own_view=own_view))
    filename = f"cxaudio-{table.replace('_', '-')}.{format}"
    return file_answer(
        content, media_type=MEDIA_TYPES[format], filename=filename, headers={"cache-control": "no-store"}
    )


ROUTES: tuple[Route, ...] = (
    Route("GET", "/exports", show_exports, own_view=True),
    Route("GET", "/exports/{table}/{format}", send_export, audit="export", own_view=True),
)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Return the pieces of a file of which the first is there, so that what is refused is refused before it is sent."""
    first = next(pieces, b"")

    def all_pieces() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_pieces()
