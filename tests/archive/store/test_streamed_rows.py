"""Tables as streams of bytes: the same texts as the slower writers make, and never a cell that a spreadsheet runs."""

import io
import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxaudio.archive.asking.plain_values import named_rows
from cxaudio.archive.store.streamed_rows import FORMATS, batches_of, streamed_rows
from cxaudio.errors import UsageError
from cxaudio.sinks.csv_text import csv_text

COLUMNS = [("a", "text"), ("n", "integer"), ("x", "number"), ("b", "boolean"), ("t", "time")]
NAMES = [name for name, _ in COLUMNS]
TEXTS = [
    None, "", "=1", "  +x", "\u3000=1", "\xa0-1", 'say "hi", you', "l1\nl2", "l1\r\n=2", "\x00=1", "a\x00b", "-", "@x",
    "＝1", "\t1", "\r1", "a-b", "\ufeff=1", "\u2028=1", "\x1c=1", "é中\U0001f600", "\\", "\x7f", "\u200b=",
    "x\n\u3000@", "\x85=1", "\v=", "\f+", '"', ",", "\n",
]  # fmt: skip
NUMBERS = [0.0, -0.0, 28.0, 1.5, None, math.nan, math.inf, -math.inf, -0.1234, 1234567.0, 582.053]
START = datetime(2026, 1, 2, 3, 4, 5)


def row_of(place: int) -> dict:
    return {
        "a": TEXTS[place % len(TEXTS)],
        "n": place if place % 3 else None,
        "x": NUMBERS[place % len(NUMBERS)],
        "b": (True, False, None)[place % 3],
        "t": None if place % 4 == 0 else START + timedelta(milliseconds=7 * (place % 2)),
    }


def plain(rows):
    return list(named_rows(NAMES, [tuple(row.values()) for row in rows]))


def text_of(format: str, rows) -> str:
    return b"".join(streamed_rows(format, COLUMNS, batches_of(COLUMNS, rows))).decode()


def test_csv_is_that_of_the_other_writer():
    rows = [row_of(place) for place in range(len(TEXTS) * len(NUMBERS))]
    assert csv_text(plain(rows), NAMES) == text_of("csv", rows)


def test_json_lines_are_those_of_the_other_writer():
    rows = [row_of(place) for place in range(len(TEXTS) * len(NUMBERS))]
    expected = "".join(f"{json.dumps(row, ensure_ascii=False, allow_nan=False)}\n" for row in plain(rows))
    assert expected == text_of("jsonl", rows)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none(), max_size=5))
def test_whatever_text_comes_both_writers_agree(texts):
    rows = [{**row_of(place), "a": text} for place, text in enumerate(texts)]
    assert csv_text(plain(rows), NAMES) == text_of("csv", rows)
    assert [row["a"] for row in rows] == [json.loads(line)["a"] for line in text_of("jsonl", rows).split("\n")[:-1]]


def test_a_parquet_file_has_all_values():
    from pyarrow import parquet

    rows = [row_of(place) for place in range(25_000)]
    pieces = list(streamed_rows("parquet", COLUMNS, batches_of(COLUMNS, rows)))
    found = parquet.read_table(io.BytesIO(b"".join(pieces)))
    assert len(pieces) > 1
    assert NAMES == found.column_names
    assert [row["a"] for row in rows] == found.column("a").to_pylist()
    assert [row["n"] for row in rows] == found.column("n").to_pylist()
    assert [None if row["t"] is None else row["t"].replace(tzinfo=UTC) for row in rows] == [
        None if time is None else time.astimezone(UTC) for time in found.column("t").to_pylist()
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_a_table_without_rows_is_a_whole_file(format):
    content = b"".join(streamed_rows(format, COLUMNS, []))
    if format == "csv":
        assert "\ufeffa,n,x,b,t\r\n" == content.decode()
    elif format == "jsonl":
        assert b"" == content
    else:
        from pyarrow import parquet

        assert 0 == parquet.read_table(io.BytesIO(content)).num_rows


@pytest.mark.parametrize("format", FORMATS)
def test_the_first_piece_comes_with_the_first_batch_and_no_batch_is_read_ahead(format):
    taken: list[int] = []

    def batches():
        for number in range(5):
            taken.append(number)
            yield from batches_of(COLUMNS, [row_of(place) for place in range(100)])

    pieces = streamed_rows(format, COLUMNS, batches())
    assert next(pieces)
    assert [0] == taken


def test_a_name_of_a_column_that_is_a_formula_is_harmless():
    columns = [("=1+1", "integer")]
    assert (
        "\ufeff'=1+1\r\n2\r\n" == b"".join(streamed_rows("csv", columns, batches_of(columns, [{"=1+1": 2}]))).decode()
    )


def test_an_unknown_format_is_refused():
    with pytest.raises(UsageError, match="the format 'xlsx' is not known; choose csv, jsonl, parquet"):
        streamed_rows("xlsx", COLUMNS, [])
