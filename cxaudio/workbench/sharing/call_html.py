"""A call as one file: the report page without names, which opens from a disk and uses no network."""

from collections.abc import Mapping
from typing import Any

from cxaudio.sinks.page.html import page_of_facts
from cxaudio.sinks.page.page_audio import PageAudio

__all__ = ["call_html"]


def call_html(facts: Mapping[str, Any], *, sound: PageAudio | None = None, language: str = "en") -> bytes:
    """Return the page of a call to be given away.

    Parameters
    ----------
    facts : mapping
        As `cxaudio.workbench.sharing.anonymous.anonymous_facts` gives them; whatever is in them is in the page.
    sound : PageAudio, optional
        As `cxaudio.workbench.sharing.embedded_sound.embedded_sound` gives it.
    language : str
        BCP 47 tag of the language that the page opens in; a reader can switch.

    Returns
    -------
    bytes
        HTML. It has a content security policy, and leads nowhere.
    """
    return page_of_facts(facts, audio=sound, language=language).encode("utf-8")
