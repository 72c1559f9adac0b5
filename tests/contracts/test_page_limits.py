"""Limits that the page's scripts and the report both apply are the same number."""

import re
from pathlib import Path

from cxaudio.model.in_step import LONGEST_S

SCRIPTS = Path(__file__).parents[2] / "cxaudio" / "web" / "call"


def test_the_page_draws_a_rate_for_as_long_as_the_time_in_step_counts_it():
    written = re.findall(r"LONGEST_GAP = (\d+);", (SCRIPTS / "rates.js").read_text(encoding="utf-8"))
    assert [f"{LONGEST_S:g}"] == written
