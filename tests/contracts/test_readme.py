"""The README's blocks are those that CI runs, its commands exist, and its links have a target."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from cxaudio.cli.app import app
from cxaudio.replay.known_layouts import known_layouts

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash, in which .ci/run is written")
@pytest.mark.parametrize("number", [1, 2])
def test_what_ci_runs_is_what_the_readme_says(number):
    done = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run"), "block", str(number)], capture_output=True, text=True, check=True
    )
    assert blocks("sh")[number - 1] == done.stdout


def test_ci_runs_both_blocks_and_every_check():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for needed in (
        "readme_block 1 >",
        "readme_block 2 >",
        "ruff check .",
        "ruff format --check .",
        "bin/mypy",
        "npm run lint && npm test",
        "skipped",
    ):
        assert needed in script


def test_the_first_two_blocks_are_complete_and_leave_the_system_s_python_alone():
    """A new environment first, then only its own programs."""
    for block in blocks("sh")[:2]:
        first, *rest = block.splitlines()
        assert first == "python3 -m venv .venv"
        assert all(line.startswith(".venv/bin/") for line in rest)
    demo, tests = blocks("sh")[:2]
    assert demo.endswith(".venv/bin/cxaudio demo\n")
    assert tests.endswith(".venv/bin/python -m pytest\n")


def test_the_windows_form_stands_beside_each():
    """The same commands with Windows' names of the same programs."""

    def on_windows(line: str) -> str:
        line = line.replace("python3 -m venv", "py -m venv").replace("'", '"')
        return re.sub(r"\.venv/bin/(\w+)", r".venv\\Scripts\\\1", line)

    for unix, windows in zip(blocks("sh")[:2], blocks("powershell"), strict=True):
        assert [on_windows(line) for line in unix.splitlines()] == windows.splitlines()
    for number in (0, 1):
        between = README.partition(blocks("sh")[number])[2].partition(blocks("powershell")[number])[0]
        assert between == "```\n\nOn Windows:\n\n```powershell\n", "right behind it"


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if re.match(r"(\.venv/bin/)?cxaudio ", line)]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_of_the_readme_is_understood(words):
    """Parse a command as the program does, without running it."""
    command = typer.main.get_command(app)
    context = command.make_context("cxaudio", list(words), resilient_parsing=False)
    while hasattr(command, "resolve_command"):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    assert context.params is not None
    if (layout := context.params.get("layout")) is not None:
        assert layout in known_layouts()


def test_its_links_lead_to_files_that_are_there():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_it_promises_the_exit_codes_that_are():
    from cxaudio.errors import AudioFormatError, ConfigError, DeviceError, SelfTestError, StoreError, UsageError

    assert [UsageError.exit_code, ConfigError.exit_code] == [2, 2]
    assert [AudioFormatError.exit_code, StoreError.exit_code, DeviceError.exit_code] == [3, 3, 4]
    assert SelfTestError.exit_code == 5
    (sentence,) = re.findall(r"^Exit codes: [^.]*\.", README, re.MULTILINE | re.DOTALL)
    assert re.findall(r"\b(\d+) ", sentence) == ["0", "1", "2", "3", "4", "5", "130"]
