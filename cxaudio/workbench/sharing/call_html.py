"""A call as one file: the report page without names, which opens from a disk and uses no network."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from cxaudio.sinks.page.html import page_of_facts
from cxaudio.sinks.page.page_audio import PageAudio
from cxaudio.workbench.sharing.embedded_sound import SOURCE_START

__all__ = ["call_html"]

_BYTES_AT_ONCE = 3 << 18  # of sound; a multiple of three, so that pieces of Base64 can be joined


def call_html(facts: Mapping[str, Any], *, sound: memoryview | None = None, language: str = "en") -> Iterator[bytes]:
    """Yield the page of a call to be given away, a piece at a time: an hour of sound is 60 MB and more.

    Parameters
    ----------
    facts : mapping
        As `cxaudio.workbench.sharing.anonymous.anonymous_facts` gives them; whatever is in them is in the page.
    sound : memoryview, optional
        As `cxaudio.workbench.sharing.embedded_sound.embedded_sound` gives it.
    language : str
        BCP 47 tag of the language that the page opens in; a reader can switch.

    Yields
    ------
    bytes
        Joined, they are HTML. It has a content security policy, and leads nowhere. The same facts give the same bytes.
    """
    audio = None if sound is None else PageAudio(sources=(SOURCE_START,), name=facts["call"]["id"], kind="embedded")
    page = page_of_facts(facts, audio=audio, language=language)
    if sound is None:
        yield page.encode("utf-8")
        return
    # Quotes are escaped in every text of the facts, so that only their own key can look like this.
    before, found, after = page.rpartition(f'"sources":["{SOURCE_START}')
    yield f"{before}{found}".encode()
    for start in range(0, len(sound), _BYTES_AT_ONCE):
        yield b64encode(sound[start : start + _BYTES_AT_ONCE])
    yield after.encode("utf-8")
