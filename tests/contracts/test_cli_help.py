"""Every command and option says what it is for, and help comes at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cxaudio.cli.app import app, run_cli

ROOT = Path(__file__).parents[2]


def every_command(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from every_command(below, (*path, name))


COMMANDS = dict(every_command(typer.main.get_command(app)))


def test_only_what_exists_is_offered():
    assert set(COMMANDS) == {
        (),
        ("replay",),
        ("demo",),
        ("archive",),
        ("archive", "export"),
        ("archive", "purge"),
        ("archive", "query"),
        ("archive", "find"),
        ("archive", "retry"),
        ("archive", "run"),
        ("archive", "status"),
        ("archive", "summary"),
        ("archive", "verify"),
        ("archive", "whatif"),
        ("devices",),
        ("doctor",),
        ("live",),
        ("rehearse",),
        ("selftest",),
        ("version",),
        ("watch",),
        ("serve",),
        ("purge",),
        ("config",),
        ("config", "show"),
        ("config", "schema"),
        ("headset",),
        ("headset", "analyze"),
        ("headset", "compare"),
        ("headset", "profile"),
        ("headset", "measure"),
        ("headset", "demo"),
        ("headset", "signals"),
    }


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "cxaudio")
def test_every_command_has_help(path, capsys):
    assert run_cli([*path, "--help"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "Usage: cxaudio" in shown.out
    assert COMMANDS[path].help, "a sentence says what it does"


def test_every_option_has_help():
    bare = [
        (path, parameter.name)
        for path, command in COMMANDS.items()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    assert bare == []


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not tell a child's processor time")
def test_help_costs_at_most_four_tenths_of_a_second():
    """Processor time, the best of up to ten: a busy machine shares caches, and so costs more of it."""
    times: list[float] = []
    while len(times) < 10 and min(times, default=1.0) > 0.4:
        child = subprocess.Popen([sys.executable, "-m", "cxaudio", "--help"], stdout=subprocess.DEVNULL, cwd=ROOT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        times.append(usage.ru_utime + usage.ru_stime)
    assert min(times) <= 0.4
