"""The scripts that the pages carry are made of the modules beside them as these are now; needs no Node."""

import hashlib
import re
from pathlib import Path

import pytest

from cxaudio.sinks.web_files import page_script

WEB = Path(__file__).parents[2] / "cxaudio" / "web"
FIRST_LINE = re.compile(
    r'// Made by "npm run bundle" from sources sha256:([0-9a-f]{64}); what follows is sha256:([0-9a-f]{64})\n'
)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize("page", ["call", "hud", "index"])
def test_a_bundle_is_made_of_the_sources_as_they_are(page):
    """A failure means: run `npm run bundle`."""
    paths = sorted(
        path.relative_to(WEB).as_posix() for folder in (page, "shared") for path in (WEB / folder).glob("*.js")
    )
    sources = "".join(f"{path}\n{(WEB / path).read_text(encoding='utf-8')}" for path in paths)
    recorded = FIRST_LINE.match(page_script(page))
    assert recorded is not None
    assert sha256(sources) == recorded[1]


@pytest.mark.parametrize("page", ["call", "hud", "index"])
def test_a_bundle_is_as_it_was_made(page):
    first, _, rest = page_script(page).partition("\n")
    recorded = FIRST_LINE.match(f"{first}\n")
    assert recorded is not None
    assert sha256(rest) == recorded[2]
    assert rest.startswith('"use strict";\n')


@pytest.mark.parametrize("page", ["call", "hud", "index"])
def test_a_bundle_can_stand_in_a_page_and_makes_no_markup_out_of_text(page):
    script = page_script(page)
    assert not re.search(
        r"</script|<!--|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script
    )
    assert not re.search(r"https?://", script)


def test_every_folder_of_modules_has_a_bundle():
    pages = {path.parent.name for path in WEB.glob("*/page.js")}
    assert {f"{page}.js" for page in pages} == {path.name for path in (WEB / "built").iterdir()}
