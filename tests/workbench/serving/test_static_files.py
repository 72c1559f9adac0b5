"""Scripts and style sheets: a browser keeps them for as long as they do not change, and gets nothing else."""

import re
from collections.abc import Iterator

import pytest

from cxaudio.workbench.serving.start import open_workbench
from cxaudio.workbench.serving.static_names import static_version
from cxaudio.workbench.serving.workbench import Options
from support.asked_store import store_of
from support.workbench_server import Client, served


@pytest.fixture(scope="module")
def anna(tmp_path_factory) -> Iterator[Client]:
    store = store_of(tmp_path_factory.mktemp("static") / "store", [{}])
    with open_workbench(store, options=Options()) as workbench, served(workbench) as running:
        yield running.client("anna")


def test_a_page_names_its_files_under_their_version_and_the_browser_keeps_them(anna):
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', anna.get("/audit").text)
    assert len(addresses) > 2
    for address in addresses:
        assert address.startswith(f"/static/{static_version()}/")
        assert "private, max-age=31536000, immutable" == anna.get(address).headers["cache-control"]


def test_a_page_from_before_an_update_gets_what_there_is_now_and_keeps_nothing(anna):
    answer = anna.get("/static/0123456789abcdef/workbench/keys.js")
    assert (200, "no-cache") == (answer.status, answer.headers["cache-control"])
    assert 304 == anna.get("/static/workbench/keys.js", if_none_match=answer.headers["etag"]).status


@pytest.mark.parametrize("path", ["../settings.py", "call.html", "built/call.js", "0123456789abcdef/base.css", ""])
def test_a_version_opens_no_other_files(anna, path):
    assert anna.get(f"/static/{static_version()}/{path}").status in (400, 404)
