"""The shipped schema describes what is written: every report is valid, and no key is missing from it."""

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cxaudio.model.report import CallReport
from cxaudio.model.report_schema import make_report_schema
from cxaudio.schemas import report_schema
from support.sample_reports import mono_report, sample_report
from support.small_call import NOTICE, call_info, events, mono_events, report
from support.write_report_schema import SCHEMA, schema_text


def closed(schema: Any) -> Any:
    """The same schema where no key may be added, so that a key nobody described is found."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        out["additionalProperties"] = False
    return out


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(report(call_info(notices=(NOTICE,))), id="two-sided"),
        pytest.param(report(call_info(channels=(0, None), two_sided=False), mono_events()), id="mono"),
        pytest.param(report(made=()), id="silent"),
        pytest.param(report(made=[e for e in events() if e.type == "flag"][:1]), id="open-flag"),
    ],
)
def test_every_report_is_valid_and_every_key_described(found):
    validator = Draft202012Validator(closed(report_schema()))
    assert [] == [f"{e.json_path}: {e.message}" for e in validator.iter_errors(found.to_dict())]


@pytest.mark.parametrize(
    "contents", [sample_report(3), sample_report(60), mono_report()], ids=["3 min", "60 min", "mono"]
)
def test_the_sample_reports_of_other_tests_are_valid_and_are_read_without_loss(contents):
    validator = Draft202012Validator(closed(report_schema()))
    assert [] == [f"{e.json_path}: {e.message}" for e in validator.iter_errors(contents)]
    assert contents == CallReport.from_dict(contents).to_dict()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda values: values.update(schema="cxaudio.report/2"),
        lambda values: values["sides"]["agent"].update(talk_share=1.2),
        lambda values: values["flags"][0].update(severity="bad"),
        lambda values: values["overlaps"][0].update(kind="crosstalk"),
        lambda values: values["call"].pop("duration_s"),
        lambda values: values["tempo"][0].update(start=-1),
        lambda values: values["settings"].update(digest="md5:0"),
    ],
)
def test_the_schema_refuses_what_is_wrong(spoil):
    values = copy.deepcopy(report().to_dict())
    assert Draft202012Validator(report_schema()).is_valid(values)
    spoil(values)
    assert not Draft202012Validator(report_schema()).is_valid(values)


def test_the_shipped_schema_is_the_one_that_the_model_describes():
    """Write it anew with ``python tests/support/write_report_schema.py``."""
    assert schema_text() == SCHEMA.read_text(encoding="utf-8")
    assert make_report_schema() == report_schema()
