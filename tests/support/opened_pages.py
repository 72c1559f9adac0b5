"""Pages of a served workbench in a browser, each as one visitor sees it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from support.workbench_server import Client


@contextmanager
def opened_pages(browser: Any, clients: Mapping[str, Client]) -> Iterator[Callable[..., Any]]:
    """Give a function that opens a page as a visitor, by name; all pages are closed in the end.

    A page's ``faults`` are what it wrote into the console, its ``loads`` has an entry for each time it was loaded.
    """
    contexts = []

    def open_page(
        path: str,
        *,
        visitor: str = "anna",
        width: int = 1280,
        theme: str = "light",
        language: str = "en",
        **options: Any,
    ) -> Any:
        client = clients[visitor]
        address = f"http://{client.host}"
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=address, **options)
        contexts.append(context)
        assert client.cookie is not None
        name, value = client.cookie.split("=", 1)
        kept = {name: value, "cxaudio_theme": theme, "cxaudio_language": language}
        context.add_cookies([{"name": key, "value": text, "url": address} for key, text in kept.items()])
        page = context.new_page()
        page.faults, page.loads = [], []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
        page.on("load", lambda _: page.loads.append(1))
        page.goto(path)
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
