"""The documentation is built strictly, asks no network, covers every setting and column, and its notebook runs."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cxaudio.analysis.pacing_rules import RULES
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


def test_comments_are_those_right_above_a_key(pages):
    text = "# Of a\n# and of b.\na = 1\nb = 2\n[x]\n# Of c.\nc = 3\n"
    assert {("", "a"): "Of a and of b.", ("", "b"): "Of a and of b.", ("x", "c"): "Of c."} == pages.comments(text)


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
