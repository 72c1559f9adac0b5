"""``cxaudio serve`` as a program: it prints links, and ends cleanly at Ctrl-C and SIGTERM."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cxaudio.errors import UsageError
from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.workbench import Options
from support.flagged_store import MadeCall, MadeFlag, flagged_store
from support.workbench_server import Client

ROOT = Path(__file__).parents[2]
ENDED_S = 60


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return flagged_store(tmp_path_factory.mktemp("serve") / "store", [MadeCall(flags=[MadeFlag()]), MadeCall()])


def start(
    store: Path, *options: str, stderr: int = subprocess.PIPE, stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "cxaudio", "serve", "--store", str(store), "--no-open", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, text=True
    )


def printed(server: subprocess.Popen[str]) -> dict:
    text = ""
    for line in server.stdout:
        text += line
        if line == "}\n":
            return json.loads(text)
    raise AssertionError(server.stderr.read())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_each_reviewer_and_ends_cleanly(store, ending):
    server = start(store, "--json", "--user", "anna", "--user", "ben", "--own-view", "Ada")
    try:
        said = printed(server)
        assert [("anna", False), ("ben", False), ("Ada", True)] == [
            (each["user"], each["own_view"]) for each in said["links"]
        ]
        client = Client(said["port"])
        token = said["links"][1]["url"].partition("#")[2]
        client.cookie = client.post("/", {"token": token}).headers["set-cookie"].partition(";")[0]
        assert "ben" in client.get("/calls").text
        server.send_signal(ending)
        assert ("", "") == server.communicate(timeout=ENDED_S)
        assert 0 == server.returncode
    finally:
        server.kill()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--user", " "], "1 to 80 printable"),
        (["--user", "anna", "--user", "anna"], "--user anna stands twice"),
        (["--min-calls", "1"], "--min-calls 1 would show single calls"),
        (["--file-names", "both"], "--file-names both is not known"),
        (["--port", "70000"], "port 70000 of 127.0.0.1 cannot be had"),
        (["--own-view", "Nobody"], "no call of this store is of an agent Nobody"),
        (["--page-language", "xx"], "--page-language xx is not known"),
        (["--recordings", "/nonexistent/folder"], "/nonexistent/folder"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence(store, options, message):
    server = start(store, *options)
    _, said = server.communicate(timeout=ENDED_S)
    assert 2 == server.returncode
    assert 1 == len(said.splitlines())
    assert message in said


@pytest.mark.slow
def test_a_folder_that_is_no_store_is_refused_in_one_sentence(tmp_path):
    server = start(tmp_path)
    _, said = server.communicate(timeout=ENDED_S)
    assert "is no store" in said
    assert 1 == len(said.splitlines())
    assert [] == list(tmp_path.iterdir()), "an empty folder stays one, so that a store can be made there"


@pytest.mark.slow
def test_a_store_that_nobody_may_write_into_is_refused_with_the_option_for_looking(store, monkeypatch):
    asked = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and asked(path, mode))  # root may all
    with pytest.raises(UsageError, match="--read-only"), open_workbench(store, options=Options()):
        pass
    with open_workbench(store, options=Options(read_only=True)) as workbench:
        assert workbench.archive.current().n_calls > 0


@pytest.mark.slow
def test_a_store_is_served_at_the_same_port_each_time_unless_it_is_taken(store):
    """A browser finds there after a restart what it could not send before."""
    servers = []
    try:
        servers.append(start(store, "--json"))
        first = printed(servers[0])["port"]
        servers.append(start(store, "--json"))
        assert first != printed(servers[1])["port"]
        servers[0].kill()
        servers[0].wait(ENDED_S)
        servers.append(start(store, "--json"))
        assert first == printed(servers[2])["port"]
    finally:
        for server in servers:
            server.kill()
            server.communicate(timeout=ENDED_S)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_on_a_terminal_it_says_that_it_reads_the_store(tmp_path):
    """A store of a million calls takes some time, in which nothing else is said."""
    terminal, other_end = os.openpty()
    with open(terminal, "rb", buffering=0) as shown, open(other_end, "wb", buffering=0):
        server = start(tmp_path, stderr=other_end)
        server.communicate(timeout=ENDED_S)
        assert f"reading the calls of {tmp_path} ..." in shown.read(4096).decode()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_enter_prints_a_new_link_for_one_that_was_used(store):
    terminal, other_end = os.openpty()
    with open(terminal, "wb", buffering=0) as keyboard, open(other_end, "rb", buffering=0):
        server = start(store, "--user", "anna", stdin=other_end)
        try:
            first = next(line for line in server.stdout if "anna: " in line).rpartition("#")[2].strip()
            keyboard.write(b"\n")
            same = next(line for line in server.stdout if "anna: " in line)
            assert first == same.rpartition("#")[2].strip(), "a link that was not used stays"
            port = re.search(r"127\.0\.0\.1:(\d+)", same).group(1)
            assert 204 == Client(int(port)).post("/", {"token": first}).status
            keyboard.write(b"\n")
            second = next(line for line in server.stdout if "anna: " in line).rpartition("#")[2].strip()
            assert first != second
            assert 204 == Client(int(port)).post("/", {"token": second}).status
        finally:
            server.kill()
            server.communicate()
