"""Programs are run in turn, each from its own checkout, and a failure is said."""

from pathlib import Path

import pytest

from benchmarks.whole_processes import Program, in_turn, run_once


def test_programs_run_in_turn_from_their_folders(tmp_path: Path) -> None:
    """A first run of each is not counted."""
    write = "import os, sys; open(sys.argv[1], 'a').write(os.path.basename(os.getcwd()))"
    log = tmp_path / "log"
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
    runs = in_turn([Program(tmp_path / name, ("-c", write, str(log))) for name in ("A", "B")], n_runs=2)
    assert "ABABAB" == log.read_text(encoding="utf-8")
    assert [2, 2] == [len(done) for done in runs]
    assert all(cost.cpu_s > 0 and cost.peak_mb > 1 for done in runs for cost in done)


def test_a_program_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    """A failing run must not become a fast one."""
    with pytest.raises(SystemExit, match="status 3:\nno such call"):
        run_once(Program(tmp_path, ("-c", "import sys; print('no such call', file=sys.stderr); sys.exit(3)")))


def test_the_memory_of_this_process_is_not_counted_as_the_programs(tmp_path: Path) -> None:
    """A benchmark that holds a long call must not hide how small the program is."""
    held = bytearray(80 << 20)
    held[::4096] = b"1" * len(held[::4096])
    assert run_once(Program(tmp_path, ("-c", "pass"))).peak_mb < 40
    assert run_once(Program(tmp_path, ("-c", "x = b'1' * (60 << 20)"))).peak_mb > 60
