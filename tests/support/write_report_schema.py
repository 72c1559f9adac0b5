"""Write the JSON Schema of `report.json` from the model: ``python tests/support/write_report_schema.py``."""

from pathlib import Path

from cxaudio.model.report_schema import make_report_schema
from cxaudio.sinks.report_json import laid_out

SCHEMA = Path(__file__).parents[2] / "cxaudio" / "schemas" / "report-1.json"


def schema_text() -> str:
    """Return the text that the shipped file must hold."""
    return laid_out(make_report_schema()) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8", newline="\n")
