"""A headset measure is one module and one entry of `MEASURES`; everything that shows figures follows from it."""

import csv
import inspect
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from cxaudio.cli.app import run_cli
from cxaudio.laboratory import measures
from cxaudio.laboratory.measures import MEASURES, figure_specs
from cxaudio.laboratory.measures.figure import CRITERIA, Badge, CurveSpec, FigureSpec, Limit, Presence, Verdict
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import FaultKind, Takes
from cxaudio.schemas import headset_schema

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "cxaudio" / "laboratory" / "measures"
SHARED = {
    "__init__",
    "alignment",
    "estimate",
    "figure",
    "findings",
    "headset_report",
    "measure",
    "processing",
    "responses",
}
"""Modules beside the measures: their types, and what several of them compute from."""

KEY = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_]+")


def strings_of(measure: Measure) -> Counter[str]:
    """Count every string literal of the module of a measure."""
    return Counter(re.findall(r'"([^"\n]+)"', inspect.getsource(inspect.getmodule(measure.fill))))  # type: ignore[arg-type]


def test_every_measure_is_a_module_of_its_own_and_stands_in_the_tuple():
    homes = [Path(inspect.getfile(measure.fill)).stem for measure in MEASURES]
    assert sorted({path.stem for path in FOLDER.glob("*.py")} - SHARED) == sorted(homes)


def test_names_and_keys_are_unique():
    for names in (
        [measure.name for measure in MEASURES],
        [spec.key for measure in MEASURES for spec in measure.figures],
        [spec.key for measure in MEASURES for spec in measure.curves],
    ):
        assert [name for name, n in Counter(names).items() if n > 1] == []


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_fills_what_it_defines_and_nothing_else(measure):
    """A key is written once where it is defined and at least once where it is filled."""
    strings = strings_of(measure)
    own = {spec.key for spec in measure.figures}
    assert [key for key in own if strings[key] < 2] == []
    groups = {key.split(".")[0] for key in figure_specs()}
    used = {text for text in strings if KEY.fullmatch(text) and text.split(".")[0] in groups}
    assert used == own


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_every_figure_can_be_shown(measure):
    for spec in measure.figures:
        assert spec.criterion in CRITERIA, spec.key
        assert spec.about.endswith("."), spec.key


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_every_measure_has_a_test_that_names_it(measure):
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "laboratory").rglob("test_*.py"))
    keys = [spec.key for spec in measure.figures] or [spec.key for spec in measure.curves]
    assert any(f'"{key}' in tests for key in keys), keys


def test_putting_a_figure_of_another_measure_is_an_error():
    found = Findings()
    found.begin(MEASURES[0].figures, ())
    with pytest.raises(AssertionError, match=r"level\.peak_dbov is no figure of this measure"):
        found.put("level.peak_dbov", -3.0)


MADE_UP = FigureSpec(
    key="made_up.per_s",
    name="Made up",
    unit="a second",
    criterion="noise",
    role=Role.QUIET,
    badge=Badge.PROJECT,
    about="Samples above a tenth of full scale in the quiet take.",
    better="lower",
    cause="is made up",
    limits=(Limit(value=2.0, sense="at_most", badge=Badge.PROJECT, source="made for this test"),),
)
ENVELOPE = CurveSpec(
    key="made_up", name="Made up", unit="a second", x_unit="s", role=Role.QUIET, badge=Badge.PROJECT, about="Made."
)


def fill_made_up(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.QUIET):
        loud = np.abs(take.samples) > 0.1
        found.put(
            "made_up.per_s", float(loud.sum() / take.seconds), presence=Presence.FOUND, detail="loud", conditions="all"
        )
        found.draw("made_up", np.array([1.0]), np.array([float(loud.sum())]))


@pytest.fixture
def crackling(tmp_path, monkeypatch) -> Path:
    """Measure a folder with one quiet take of 30 loud samples in 10 s, with one more measure."""
    import soundfile

    made = Measure(name="made_up", figures=(MADE_UP,), curves=(ENVELOPE,), fill=fill_made_up)
    monkeypatch.setattr(measures, "MEASURES", (*MEASURES, made))
    samples = np.random.default_rng(1).normal(0, 1e-3, 160_000)
    samples[:150_000:5_000] = 0.5
    folder = tmp_path / "Crackling 1"
    folder.mkdir()
    soundfile.write(folder / "quiet.wav", samples, 16_000, subtype="PCM_16")
    return folder


@pytest.mark.slow
def test_a_measure_added_in_one_module_arrives_everywhere(crackling, tmp_path, capsys, monkeypatch):
    """In report.json, both tables, the page and the summary on the terminal, with its limit."""
    monkeypatch.setenv("COLUMNS", "200")
    out = tmp_path / "report"
    assert run_cli(["headset", "analyze", str(crackling), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    values = json.loads((out / "report.json").read_text(encoding="utf-8"))
    figure = values["figures"]["made_up.per_s"]
    assert (3.0, "found: loud", "broken") == (figure["value"], figure["text"], figure["limits"][0]["verdict"])
    assert [30.0] == values["curves"]["made_up"]["mean"]
    assert [] == list(Draft202012Validator(headset_schema()).iter_errors(values))
    figures, curves = (
        list(csv.DictReader((out / name).read_text(encoding="utf-8").splitlines()))
        for name in ("figures.csv", "curves.csv")
    )
    assert ["3"] == [row["value"] for row in figures if row["key"] == "made_up.per_s"]
    assert ["30"] == [row["mean"] for row in curves if row["key"] == "made_up"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Samples above a tenth of full scale in the quiet take." in page
    assert "is made up: 3.0" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"Made up +3\.0.a second +project +found: loud; not kept: at most 2 a second", shown)


def test_the_schema_lists_the_values_of_every_type():
    schema = headset_schema()
    figure = schema["$defs"]["figure"]["properties"]
    limit = figure["limits"]["items"]["properties"]
    assert [each.value for each in FaultKind] == schema["properties"]["faults"]["items"]["properties"]["kind"]["enum"]
    assert [each.value for each in Role] == schema["$defs"]["role"]["enum"]
    assert [each.value for each in Badge] == schema["$defs"]["badge"]["enum"]
    assert [*(each.value for each in Verdict), None] == limit["verdict"]["enum"]
