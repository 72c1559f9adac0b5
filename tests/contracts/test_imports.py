"""Which package may import which, found in the source without running it."""

import ast
import os
import subprocess
import sys
import tomllib
import wave
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]

# Floor by floor from the ground: each may import itself, the floors named beneath it, and no more. A module's floor is
# the longest name here that its own begins with.
GROUND = {"cxaudio.errors", "cxaudio.model"}
RULES = "cxaudio.analysis.pacing_rules"  # all of the analysis that settings and texts may see: what the rules declare
SAID = "cxaudio.laboratory.said"  # sentences that are translated later
MAY_IMPORT: dict[str, set[str]] = {
    "dsp.core": set(),
    "dsp.speech": {"dsp.core"},
    "dsp.synthesis": {"dsp.core"},
    "dsp.measurement": {"dsp.core", "dsp.synthesis"},
    "dsp": {"dsp.core", "dsp.speech", "dsp.synthesis", "dsp.measurement"},
    "cxaudio._version": set(),
    "cxaudio.versions": {"cxaudio._version"},
    "cxaudio.errors": set(),
    "cxaudio.schemas": set(),
    "cxaudio.model": {"cxaudio.errors"},
    "cxaudio.analysis": {*GROUND, "cxaudio.memory", "dsp"},
    "cxaudio.i18n": {*GROUND, RULES},
    "cxaudio.settings": {*GROUND, RULES},
    "cxaudio.memory": set(),
    "cxaudio.one_thread": set(),
    "cxaudio.worker": set(),
    "cxaudio.local_server": {"cxaudio.errors"},
    "cxaudio.devices": {*GROUND, "cxaudio.worker", "dsp"},
    "cxaudio.made": {*GROUND, "dsp"},
    "cxaudio.sources": {*GROUND, "cxaudio.devices", "dsp"},
    "cxaudio.sinks": {
        *GROUND,
        RULES,
        "cxaudio._version",
        "cxaudio.devices",
        "cxaudio.i18n",
        "cxaudio.local_server",
        "cxaudio.worker",
        "dsp",
    },
    "cxaudio.engine": GROUND,
}
PARTS = {*GROUND, "cxaudio.analysis", "cxaudio.devices", "cxaudio.engine", "cxaudio.made", "cxaudio.settings"}
PARTS |= {
    "cxaudio.memory",
    "cxaudio.one_thread",
    "cxaudio.sinks",
    "cxaudio.sources",
    "cxaudio.versions",
    "cxaudio.worker",
    "dsp",
}
MAY_IMPORT |= {
    "cxaudio.replay": PARTS,
    "cxaudio.live": {*PARTS, "cxaudio.replay"},
    "cxaudio.laboratory.said": {"cxaudio.i18n"},
    "cxaudio.laboratory.takes": {*PARTS, SAID},
    "cxaudio.laboratory.measures": {*PARTS, SAID, "cxaudio.laboratory.takes", "cxaudio.replay"},
    "cxaudio.laboratory.report": {
        *PARTS,
        SAID,
        "cxaudio.i18n",
        "cxaudio.laboratory.takes",
        "cxaudio.laboratory.measures",
    },
    "cxaudio.laboratory": {
        *PARTS,
        "cxaudio.laboratory.takes",
        "cxaudio.laboratory.measures",
        "cxaudio.laboratory.report",
    },
    "cxaudio.selftest": {*PARTS, "cxaudio.replay"},
    "cxaudio.archive": {*PARTS, "cxaudio.i18n", "cxaudio.replay"},
    "cxaudio.workbench": {
        *PARTS,
        "cxaudio._version",
        "cxaudio.archive",
        "cxaudio.i18n",
        "cxaudio.local_server",
        "cxaudio.replay",
    },
    "cxaudio.cli": {
        *PARTS,
        "cxaudio.archive",
        "cxaudio.workbench",
        "cxaudio._version",
        "cxaudio.i18n",
        "cxaudio.laboratory",
        "cxaudio.live",
        "cxaudio.replay",
        "cxaudio.selftest",
    },
    "cxaudio.__main__": {"cxaudio.cli", "cxaudio.memory", "cxaudio.one_thread"},
    "cxaudio": {*GROUND, "cxaudio._version", "cxaudio.replay"},
}

TRACKERS = {
    f"cxaudio.analysis.{name}"
    for name in ("turns", "overlaps", "silences", "rate", "tempo", "pacing", "nudges", "quality", "holds")
}

# One importer each, and inside the function that needs it; a library of an extra may be missing.
ONE_IMPORTER = {
    "sounddevice": "cxaudio.devices.soundcard",
    "pyaudiowpatch": "cxaudio.devices.wasapi_loopback",
    "pyarrow": ("cxaudio.archive.store.parquet", "cxaudio.archive.store.streamed_rows"),
    "duckdb": "cxaudio.archive.asking.duckdb_library",
    "distributed": "cxaudio.archive.running.cluster",
    "pebble": "cxaudio.archive.running.local",
    "fsspec": ("cxaudio.archive.finding.places", "cxaudio.archive.asking.read_only_files"),  # what DuckDB may open
    "librosa": "cxaudio.laboratory.report.plots",
    "matplotlib": "cxaudio.laboratory.report.plots",
    "speechmos": "cxaudio.laboratory.measures.model_scores",
    "pystoi": "cxaudio.laboratory.measures.intelligibility",
    "reportlab": "cxaudio.workbench.sharing.pdf_sheet",
    "jinja2": (
        "cxaudio.workbench.sharing.clip_html",
        "cxaudio.sinks.page.html",
        "cxaudio.sinks.index_page.html",
        "cxaudio.laboratory.report.page",
        "cxaudio.workbench.serving.templates",
        "cxaudio.workbench.serving.entry_page",
    ),  # a template each
    "starlette": ("cxaudio.sinks.hud.server", "cxaudio.workbench.serving.app"),
    "uvicorn": "cxaudio.local_server.quiet_server",
    "typer": "cxaudio.cli",
    "webrtcvad": "dsp.speech.webrtc",
    "soxr": "dsp.core.resample",
}
AT_THE_TOP = {"typer", "webrtcvad", "soxr", "starlette", "uvicorn"}  # small, and of no use without

# Costly to start: only inside functions, or in modules that are themselves only imported inside functions. What a
# process must not have imported, by how it was started.
_HEAVY = (
    *("numpy", "scipy", "soundfile", "soxr", "webrtcvad", "sounddevice"),
    *("jinja2", "rich", "pydantic", "asyncio", "email", "importlib.metadata", "tomllib"),
    *("cxaudio.analysis", "cxaudio.live", "cxaudio.model", "cxaudio.settings", "cxaudio.sources", "dsp"),
)
NOT_IMPORTED = {
    "import": (*_HEAVY, "typer", "hashlib", "json", "shutil", "subprocess", "cxaudio.cli", "cxaudio.replay.many_calls"),
    "--help": _HEAVY,
    "replay --help": _HEAVY,
    "nosuch": _HEAVY,
    "replay --set a.b=1 nosuch.wav": ("soundfile", "sounddevice", "jinja2", "rich", "pydantic", "asyncio"),
    "replay call.wav --agent left --out results": (
        *("scipy.fft", "scipy.ndimage", "scipy.optimize", "scipy.signal", "scipy.special", "scipy.stats"),
        *("pydantic", "asyncio", "http", "rich.progress", "typer.rich_utils", "sounddevice", "starlette"),
    ),
}


class Import(NamedTuple):
    importer: str
    imported: str
    inside: bool  # a function


def modules() -> dict[str, Path]:
    found = {}
    for package in ("dsp", "cxaudio"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(name: str) -> Iterator[Import]:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, inside = waiting.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, inside)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively; write the whole name"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield Import(name, whole if whole in MODULES else node.module, inside)
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        waiting += [(child, inside) for child in ast.iter_child_nodes(node)]


IMPORTS = [found for name in MODULES for found in imports_of(name)]


def floor(name: str) -> str | None:
    packages = MAY_IMPORT.keys() - {"cxaudio"}  # its modules stand on floors of their own
    fitting = [floor for floor in MAY_IMPORT if name == floor or (floor in packages and name.startswith(f"{floor}."))]
    return max(fitting, key=len, default=None)


def may_import(importer: str, imported: str) -> bool:
    own = str(floor(importer))
    return floor(imported) == own or any(
        imported == below or imported.startswith(f"{below}.") for below in MAY_IMPORT[own]
    )


def test_every_module_stands_on_a_floor():
    assert [] == [name for name in MODULES if floor(name) is None]


def test_no_module_imports_from_above():
    wrong = [
        f"{each.importer} imports {each.imported}"
        for each in IMPORTS
        if each.imported in MODULES and not may_import(each.importer, each.imported)
    ]
    assert [] == wrong


def test_the_floors_themselves_do_not_climb():
    """The table must not allow a circle of imports."""
    graph = {name: {str(floor(each)) for each in below} - {name} for name, below in MAY_IMPORT.items()}
    order = list(TopologicalSorter(graph).static_order())
    assert (
        order.index("dsp")
        < order.index("cxaudio.analysis")
        < order.index("cxaudio.replay")
        < order.index("cxaudio.cli")
    )


def test_there_is_no_circle_of_modules():
    """Also inside functions, where Python would allow it."""
    graph: dict[str, set[str]] = {name: set() for name in MODULES}
    for each in IMPORTS:
        if each.imported in MODULES and each.imported != each.importer:
            graph[each.importer].add(each.imported)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_signal_library_knows_no_call():
    assert [] == [each for each in IMPORTS if each.importer.startswith("dsp") and each.imported.startswith("cxaudio")]


def test_trackers_do_not_know_one_another():
    assert [] == [
        each for each in IMPORTS if {each.importer, each.imported} <= TRACKERS and each.importer != each.imported
    ]


def test_only_the_program_imports_the_command_line():
    assert {"cxaudio.__main__"} == {
        each.importer
        for each in IMPORTS
        if floor(each.imported) == "cxaudio.cli" and floor(each.importer) != "cxaudio.cli"
    }


@pytest.mark.parametrize("library", ONE_IMPORTER)
def test_a_library_has_one_importer(library):
    found = [each for each in IMPORTS if each.imported.split(".")[0] == library]
    home = ONE_IMPORTER[library]
    if library == "typer":  # the command line is a folder
        assert all(each.importer.startswith(f"{home}.") for each in found)
    else:
        assert {each.importer for each in found} <= ({home} if isinstance(home, str) else set(home))
    if library not in AT_THE_TOP:
        assert all(each.inside for each in found)


def test_nothing_is_imported_that_the_wheel_does_not_ask_for():
    """Third-party libraries are the core dependencies, or stand in ONE_IMPORTER behind an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {entry.split(">")[0].split("[")[0].replace("-", "_") for entry in project["dependencies"]}
    asked = {"webrtcvad" if name == "webrtcvad_wheels" else name for name in asked} | {"markupsafe"}  # jinja2's own
    ours = {"dsp", "cxaudio", *ONE_IMPORTER}
    used = {each.imported.split(".")[0] for each in IMPORTS} - ours - sys.stdlib_module_names
    assert used <= asked


@pytest.mark.parametrize("command", NOT_IMPORTED)
def test_a_process_starts_without_what_it_does_not_need(command, tmp_path):
    """Importing is most of what a short command costs; this counts modules, since a clock would tell of the machine."""
    with wave.open(str(tmp_path / "call.wav"), "wb") as call:
        call.setparams((2, 2, 8_000, 0, "NONE", ""))
        call.writeframes(bytes(4 * 8_000))
    code = "import sys, cxaudio; heavy, arguments = sys.argv[1].split(), sys.argv[2:]\n"
    if command != "import":
        code += "from cxaudio.__main__ import main; sys.argv[1:] = arguments\ntry: main()\nexcept SystemExit: pass\n"
    code += "print('imported:', *[name for name in heavy if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code, " ".join(NOT_IMPORTED[command]), *command.split()],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1].strip() == "imported:"
    assert ("--out" in command) == (tmp_path / "results" / "report.json").is_file()


def test_no_module_that_replays_costs_scipy_signal_at_its_import():
    """It alone takes 0.7 s, a tenth of what an hour's call may take."""
    top = [each for each in IMPORTS if not each.inside and each.imported.startswith(("scipy.signal", "scipy.stats"))]
    assert top == []
