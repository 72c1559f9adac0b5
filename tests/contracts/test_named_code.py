"""Names of modules, classes and files that comments and documents put between backticks exist."""

import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ROOMS = ("cxaudio", "dsp", "tests", "benchmarks", "config", "docs")
READ = [
    path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*"))
    if path.suffix in {".py", ".toml", ".md", ".js"} and not {"built", "site"} & set(path.parts)
] + sorted(ROOT.glob("*.md"))

NAME = re.compile(r"`((?:cxaudio|dsp)(?:\.[A-Za-z_]\w*)+)(?:\(\))?`")
FILE = re.compile(r"`((?:cxaudio|dsp|tests|benchmarks|config|docs)/[\w./-]*\w\.[a-z]+)`")


def exists(name: str) -> bool:
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def without_object(text: str) -> list[str]:
    return [name for name in NAME.findall(text) if not exists(name)]


def without_file(text: str) -> list[str]:
    return [name for name in FILE.findall(text) if not (ROOT / name).exists()]


@pytest.mark.parametrize("missing", [without_object, without_file])
def test_whatever_comments_and_documents_name_between_backticks_exists(missing):
    found = {str(path.relative_to(ROOT)): missing(path.read_text(encoding="utf-8")) for path in READ}
    assert {} == {path: names for path, names in found.items() if names}


@pytest.mark.parametrize("gone", ["cxaudio.replay.no_such_function", "dsp.no_such_module", "cxaudio.model.Gone.member"])
def test_a_name_that_is_gone_is_found(gone):
    assert [gone] == without_object(f"See `{gone}` and `dsp.core.stft`.")


def test_a_file_that_is_gone_is_found():
    gone = "tests/" + "gone.py"
    assert [gone] == without_file(f"See `{gone}` and `config/defaults.toml`.")
