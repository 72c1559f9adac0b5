"""The documentation is built strictly, asks no network, covers every setting and column, and its notebook runs."""

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

from cxaudio.analysis.pacing_rules import RULES
from cxaudio.archive.asking.duck import FAILURES
from cxaudio.archive.columns import CALLS, EVENTS
from cxaudio.cli.app import app
from cxaudio.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_pages", DOCS / "hooks" / "reference_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_loads_nothing_from_elsewhere(site):
    """Links may lead out; scripts, styles, pictures and fonts may not."""
    loaded = re.compile(r"""<(?:script|img|iframe|source)[^>]+src="(https?:)?//|<link[^>]+href="(https?:)?//""")
    from_style = re.compile(r"""url\(["']?(https?:)?//|@import""")
    built = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert len([path for path in built if path.suffix == ".html"]) >= 14
    found = [
        path.name
        for path in built
        if (loaded if path.suffix == ".html" else from_style).search(path.read_text(encoding="utf-8"))
    ]
    assert [] == found


def test_the_settings_page_has_every_setting_with_its_default_and_reason(pages):
    text = pages.settings_page()
    sections = Settings.json_schema()["properties"]
    for section, schema in sections.items():
        for key in schema.get("properties", {}):
            assert f"| `{section}.{key}` |" in text
    assert "| `turns.long_pause_s` | number | 3.0 | An own pause this long ends a turn." in text


def test_the_columns_page_has_every_key_of_the_schema(pages):
    schema = json.loads((ROOT / "cxaudio" / "schemas" / "report-1.json").read_text(encoding="utf-8"))
    text = pages.columns_page()
    for key in schema["properties"]:
        assert re.search(rf"^\| `{key}(\[\])?` \|", text, re.MULTILINE), key
    assert "| `sides.agent.turns[].articulation_rate` | number or null |" in text


def test_the_report_page_of_the_documentation_explains_every_rule():
    text = (DOCS / "report.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"| **{rule.texts['en'][f'rule.{rule.name}']}** |" in text


def test_the_archive_page_has_every_column_of_a_store_in_its_order():
    text = (DOCS / "archive.md").read_text(encoding="utf-8")
    for name, columns in (("calls", CALLS), ("events", EVENTS), ("failures", FAILURES)):
        table = text.partition(f"## Columns of `{name}`\n")[2].partition("\n## ")[0]
        told = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \|$", table, re.MULTILINE)
        sides = [row for row in told if row[0].startswith("SIDE_")]
        first = told.index(sides[0]) if sides else 0
        spread = [
            (name.replace("SIDE", side), kind, meaning.replace("the side", f"the {side}"))
            for side in ("agent", "customer")
            for name, kind, meaning in sides
        ]
        told = told[:first] + spread + told[first + len(sides) :]
        assert [(column.name, column.type, column.meaning) for column in columns] == told


def archive_commands() -> list[list[str]]:
    """Return the commands of the page about archives, with what is written in several lines joined."""
    text = (DOCS / "archive.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line.partition(" > ")[0])[1:] for line in lines if line.startswith("cxaudio ")]


@pytest.mark.parametrize("words", archive_commands(), ids=" ".join)
def test_every_command_of_the_archive_page_is_understood(words):
    command = typer.main.get_command(app)
    context = command.make_context("cxaudio", list(words), resilient_parsing=False)
    while hasattr(command, "resolve_command"):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    assert context.params


@pytest.mark.slow
def test_the_notebook_runs(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    assert [] == [cell for cell in notebook.cells if cell.get("outputs")], "kept without results"
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", path)
        patch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
        ).execute()
    printed = "".join(out.get("text", "") for cell in notebook.cells for out in cell.get("outputs", []))
    assert re.search(r"agent [\d.]+ s of speech", printed)
