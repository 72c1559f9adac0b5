"""The wheel holds all it needs and nothing else, and runs from any folder."""

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel; hatchling needs no network for it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (path,) = folder.glob("cxaudio-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Unpack the wheel, as an installation does."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_installed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the unpacked wheel, out of reach of the checkout."""
    environment = os.environ | {"PYTHONPATH": str(folder), "XDG_CONFIG_HOME": str(folder / "no-config")}
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_everything_that_is_no_code_is_in_it(wheel):
    """Settings, schema, pages, texts and weights: all files but those that bundles are made of."""
    held = set(zipfile.ZipFile(wheel).namelist())
    beside = {
        path.relative_to(ROOT).as_posix()
        for package in ("cxaudio", "dsp")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    beside -= {name for name in beside if re.match(r"cxaudio/web/(hud|index)/", name)}
    settings = {f"cxaudio/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "config").rglob("*.toml")}
    assert beside | settings <= held
    for needed in (
        "cxaudio/config/defaults.toml",
        "cxaudio/config/layouts.toml",
        "cxaudio/config/pacing/zh.toml",
        "cxaudio/config/headsets/generic.toml",
        "cxaudio/schemas/report-1.json",
        "cxaudio/web/built/call.js",
        "cxaudio/web/built/hud.js",
        "cxaudio/web/built/index.js",
        "cxaudio/web/workbench/review.js",
        "cxaudio/workbench/templates/call.html",
        "cxaudio/i18n/workbench/call.zh-Hans.toml",
        "cxaudio/py.typed",
        "dsp/py.typed",
    ):
        assert needed in held


def test_nothing_else_is_in_it(wheel):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cxaudio", "dsp"}
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".pyc", ".wav", ".part"))]
    scripts = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".js")}
    served = re.compile(r"cxaudio/web/(call|shared|workbench)/[a-z_]+\.js")
    bundles = {name for name in scripts if not served.fullmatch(name)}
    assert {f"cxaudio/web/built/{page}.js" for page in ("call", "hud", "index")} == bundles


def test_it_is_small_enough_to_hand_on(wheel):
    assert wheel.stat().st_size < 5_000_000


def test_its_parts_are_ours(installed):
    """``dsp`` is a common name: what is imported must be this one."""
    done = run_installed(installed, "-c", "import dsp, cxaudio; print(dsp.__file__); print(cxaudio.__file__)")
    assert done.stderr == ""
    assert [Path(line).parent.parent for line in done.stdout.split()] == [installed, installed]
    assert set(packages_distributions().get("dsp", ["cxaudio"])) == {"cxaudio"}, (
        "another package of the name is installed"
    )


def test_it_finds_its_own_settings(installed):
    done = run_installed(installed, "-m", "cxaudio", "config", "show", "--json")
    assert done.returncode == 0, done.stderr
    sources = set(json.loads(done.stdout)["sources"].values())
    assert all(Path(source).is_relative_to(installed / "cxaudio" / "config") for source in sources)


def test_it_has_the_command(wheel):
    archive = zipfile.ZipFile(wheel)
    (entry,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert "cxaudio = cxaudio.__main__:main" in archive.read(entry).decode()


def test_it_replays_a_call(installed, tmp_path):
    """Without extras, from its own folder: a recording gives a report, and what replay does not need is not loaded."""
    code = (
        "import sys, numpy, soundfile, cxaudio\n"
        "sound = numpy.random.default_rng(1).normal(0, 0.01, (16000, 2))\n"
        f"soundfile.write({str(tmp_path / 'call.wav')!r}, sound, 8000)\n"
        f"report = cxaudio.replay({str(tmp_path / 'call.wav')!r}, agent='left', out={str(tmp_path / 'out')!r})\n"
        "print(report.duration_s)\n"
        "print([name for name in ('sounddevice', 'typer', 'librosa', 'rich') if name in sys.modules])\n"
    )
    done = run_installed(installed, "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["2.0", "[]"]
    assert {"report.json", "report.html", "events.jsonl"} <= set(os.listdir(tmp_path / "out"))
