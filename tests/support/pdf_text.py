"""The text of a PDF, for PDFs as reportlab writes them; small, so that no test needs a library that reads PDF."""

import base64
import re
import zlib

_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(content: bytes) -> str:
    """Return all that is written on the sheets, one line a text."""
    wide = _wide_fonts(content)
    found: list[str] = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        drawn = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        font = b""
        pattern = rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj|\b(ET)\b"
        for name, text, end in re.findall(pattern, drawn, re.DOTALL):
            if name:
                font = name
            elif end:
                found.append("\n")
            else:
                found.append(_unescaped(text).decode("utf-16-be" if font in wide else "cp1252"))
    return "".join(found)


def n_sheets(content: bytes) -> int:
    """Return how many sheets a PDF has."""
    return len(re.findall(rb"/Type /Page\b(?!s)", content))


def _wide_fonts(content: bytes) -> set[bytes]:
    """Return the fonts whose texts have two bytes a sign."""
    objects = dict(re.findall(rb"(\d+) 0 obj\r?\n(.*?)endobj", content, re.DOTALL))
    names = dict(re.findall(rb"/(F\d+) (\d+) 0 R", content))
    return {name for name, number in names.items() if b"/Type0" in objects[number]}


def _unescaped(text: bytes) -> bytes:
    def plain(match: "re.Match[bytes]") -> bytes:
        sign = match[1]
        return bytes([int(sign, 8)]) if sign.isdigit() else _ESCAPES.get(sign, sign)

    return re.sub(rb"\\([0-7]{3}|.)", plain, text, flags=re.DOTALL)
