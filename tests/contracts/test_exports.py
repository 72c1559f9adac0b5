"""An export is one function and one line in `EXPORTS`: the rest is derived from it, or demanded here."""

import re
from pathlib import Path

import pytest

from cxaudio.cli.app import run_cli
from cxaudio.errors import UsageError
from cxaudio.replay.request import Outputs
from cxaudio.replay.result_sinks import make_sinks
from cxaudio.sinks.exports import EXPORTS, Export
from support.small_call import call_info, provenance, report

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_exactly_the_files_of_the_exports():
    (row,) = re.findall(r"^\| (.*?) \| with `--export`:", README, re.MULTILINE)
    assert [f"`{export.file}`" for export in EXPORTS.values()] == row.split(", ")


def test_the_readme_s_example_asks_for_every_export():
    assert ",".join(EXPORTS) in re.findall(r"--export (\S+)", README)


def test_the_help_lists_every_export(capsys):
    assert run_cli(["replay", "--help"]) == 0
    assert f"Comma-separated: {', '.join(EXPORTS)}." in " ".join(capsys.readouterr().out.split())


def test_every_export_has_a_module_of_its_name():
    for name, export in EXPORTS.items():
        module = export.render.__module__
        assert "cxaudio.sinks.exports" == module.rpartition(".")[0], name
        assert export.render.__name__ == module.rpartition(".")[2]


def test_an_export_gives_text_and_the_same_again():
    found = report()
    for name, export in EXPORTS.items():
        once, again = export.render(found), export.render(found)
        assert once == again, name
        assert isinstance(once, str) == ("*" not in export.file), name


def write_all(folder: Path, names: tuple[str, ...]) -> set[str]:
    for sink in make_sinks(Outputs(folder=folder, export=names), provenance(), recordings=[]):
        sink.open(call_info())
        sink.close(report())
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_export_added_at_run_time_is_offered_and_written(tmp_path, monkeypatch):
    """The proof that one line is enough."""
    with pytest.raises(UsageError, match="export 'words' is not known"):
        Outputs(folder=tmp_path, export=("words",))
    monkeypatch.setitem(EXPORTS, "words", Export("words.txt", lambda found: f"{len(found.flags)} flags\n"))
    monkeypatch.setitem(EXPORTS, "many", Export("many/*.txt", lambda found: {"a": "1", "b": "2"}))
    written = write_all(tmp_path, ("words", "many"))
    assert {"events.jsonl", "report.html", "report.json", "words.txt", "many/a.txt", "many/b.txt"} == written
    assert "1 flags\n" == (tmp_path / "words.txt").read_text(encoding="utf-8")
