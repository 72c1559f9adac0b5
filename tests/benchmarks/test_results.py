"""A benchmark's section replaces only itself, and says how it was made without saying where."""

import argparse
import doctest
from pathlib import Path

import pytest

from benchmarks import results


def write(file: Path, name: str, tables: str = "| a |\n|---|", command: str = "python -m benchmarks.x") -> str:
    results.write_section(file, name, command=command, seeds="7", tables=tables)
    return file.read_text(encoding="utf-8")


def test_a_new_file_begins_with_its_head(tmp_path):
    text = write(tmp_path / "RESULTS.md", "Rates")
    assert text.startswith("# Results\n")
    assert "<!-- begin: Rates -->\n\n## Rates\n\n```sh\npython -m benchmarks.x\n```\n" in text
    assert text.endswith("<!-- end: Rates -->\n")


def test_the_same_section_is_written_in_its_old_place_and_the_rest_stays(tmp_path):
    file = tmp_path / "RESULTS.md"
    write(file, "Rates", "old")
    write(file, "Peers", "peers")
    by_hand = file.read_text(encoding="utf-8").replace("<!-- begin: Peers", "Written by hand.\n\n<!-- begin: Peers")
    file.write_text(by_hand, encoding="utf-8")
    assert write(file, "Rates", "new") == by_hand.replace("\nold\n", "\nnew\n")


def test_the_same_figures_give_the_same_bytes(tmp_path):
    first = write(tmp_path / "a.md", "Rates")
    assert first == write(tmp_path / "b.md", "Rates") == write(tmp_path / "a.md", "Rates")


def test_a_section_without_its_end_is_not_overwritten(tmp_path):
    file = tmp_path / "RESULTS.md"
    file.write_text("<!-- begin: Rates -->\nmine", encoding="utf-8")
    with pytest.raises(ValueError, match="'Rates' begins and does not end"):
        write(file, "Rates")
    assert file.read_text(encoding="utf-8") == "<!-- begin: Rates -->\nmine"


def test_the_versions_that_figures_depend_on_are_stated(tmp_path):
    from cxaudio._version import __version__

    text = write(tmp_path / "RESULTS.md", "Rates")
    for needed in (f"cxaudio {__version__}", "Python 3.", "numpy ", "scipy ", "syllables `", "Seeds: 7."):
        assert needed in text


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    made.add_argument("truth", type=Path)
    made.add_argument("--shared", type=Path)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--jobs", type=int, default=2)
    made.add_argument("--keep", type=Path)
    made.add_argument("--tempo", action="store_true")
    results.add_results_option(made)
    return made


def test_the_command_names_what_changes_figures_and_no_path_of_this_computer(tmp_path):
    words = [str(tmp_path / "rates 9501"), "--shared", str(tmp_path / "elsewhere"), "--seed", "3", "--tempo"]
    words += ["--jobs", "1", "--keep", str(tmp_path), "--results"]
    options = parser().parse_args(words)
    assert options.results == results.RESULTS
    found = results.command_of("benchmarks.x", parser(), options)
    assert found == "python -m benchmarks.x 'rates 9501' --shared ../shared --seed 3 --tempo"


def test_the_examples_of_the_module_are_right():
    assert doctest.testmod(results) == doctest.TestResults(failed=0, attempted=4)
