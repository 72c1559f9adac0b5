"""Rows of commits are kept, replaced and read back from the file of results."""

from pathlib import Path

from benchmarks.commits import COLUMNS, kept_rows, with_row
from benchmarks.results import markdown_table, write_section


def _row(commit: str, hour: str) -> list[str]:
    return [commit, hour, *["–"] * (len(COLUMNS) - 2)]


def test_rows_are_read_back_from_the_section_that_was_written(tmp_path: Path) -> None:
    """What one commit wrote is there when the next adds its own."""
    file = tmp_path / "RESULTS.md"
    rows = [_row("17d800b", "10.60"), _row("db2598e", "18.30")]
    write_section(file, "Commit by commit", command="c", seeds="2", tables=markdown_table(COLUMNS, rows))
    write_section(file, "Another", command="c", seeds="2", tables=markdown_table(["commit"], [["0000000"]]))
    assert rows == kept_rows(file.read_text(encoding="utf-8"))


def test_a_table_with_other_columns_is_begun_anew(tmp_path: Path) -> None:
    """Figures of other columns would stand in the wrong place."""
    file = tmp_path / "RESULTS.md"
    write_section(file, "Commit by commit", command="c", seeds="2", tables=markdown_table(["commit"], [["17d800b"]]))
    assert [] == kept_rows(file.read_text(encoding="utf-8"))


def test_a_commit_that_is_measured_again_keeps_its_place() -> None:
    """There is one row a commit, and the order is that of the history."""
    rows = [_row("17d800b", "10.60"), _row("db2598e", "18.30")]
    assert [_row("17d800b", "9.90"), rows[1]] == with_row(rows, _row("17d800b", "9.90"))
    assert [*rows, _row("abcdef0", "5.00")] == with_row(rows, _row("abcdef0", "5.00"))
