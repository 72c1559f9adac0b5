"""The commands of docs/deploying.md: the programs know every option that is written there."""

import re
import shlex
import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
import typer.main

from cxaudio.cli.app import app

TEXT = (Path(__file__).parents[2] / "docs" / "deploying.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = {"cxaudio": ("archive", "watch"), "dask": ("scheduler", "worker", "ssh")}
LINES = [line for block in BLOCKS for line in block.replace("\\\n", "").splitlines()]
INSIDE = re.findall(r"`((?:cxaudio|dask) [^`]*--[^`]*)`", TEXT)


def words_after(program, line):
    """Return the arguments of a program in a line of a shell; None where it is not in it."""
    words = shlex.split(re.sub(r"\$\w+", "1", line), comments=True)
    for number, word in enumerate(words):
        after = words[number + 1 :]
        if word.rpartition("/")[2] == program and after and after[0] in COMMANDS[program]:
            return after[: next((n for n, each in enumerate(after) if each in ("&", ">>", "|")), len(after))]
    return None


def found(program):
    return [words for line in [*LINES, *INSIDE] if (words := words_after(program, line)) is not None]


@pytest.mark.parametrize("words", found("cxaudio"), ids=" ".join)
def test_every_command_of_cxaudio_can_be_read(words):
    command = typer.main.get_command(app)
    path = []
    while hasattr(command, "commands"):
        path.append(words[0])
        command, words = command.commands[words[0]], words[1:]
    with command.make_context(" ".join(path), list(words)) as context:
        assert context.params


@pytest.mark.parametrize("words", found("dask"), ids=" ".join)
def test_every_command_of_dask_can_be_read(words, monkeypatch):
    name, *arguments = words
    command = import_module(f"distributed.cli.dask_{name}").main
    if name == "worker":
        assert "--nanny" not in arguments
    with command.make_context(name, arguments) as context:
        assert context.params


def test_all_commands_were_found():
    assert len(found("cxaudio")) >= 8
    assert {"scheduler", "worker", "ssh"} == {words[0] for words in found("dask")}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash, as the commands do")
@pytest.mark.parametrize("block", [block for block in BLOCKS if not block.startswith("0 20 ")])
def test_every_block_is_a_script_of_a_shell(block):
    assert 0 == subprocess.run(["bash", "-n"], input=block, text=True, check=False).returncode


def test_the_figures_of_batches_and_waiting_are_those_of_the_code():
    import inspect

    from cxaudio.archive.running.cluster import ClusterEngine

    defaults = inspect.signature(ClusterEngine).parameters
    assert f"batches of about {defaults['batch_s'].default:.0f} s of work" in TEXT
    assert f"cxaudio waits {defaults['wait_s'].default:.0f} s for the first" in TEXT
