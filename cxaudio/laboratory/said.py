"""Sentences with values in them: English to all who take them as text, translated where a page is in another language.

A measure says ``said("{n} pauses of {take}", n=3, take="speech.wav")`` in place of an f-string. The result is that
text; its translations stand in ``cxaudio/i18n/headset`` under the template.
"""

from collections.abc import Iterable, Mapping
from typing import Self

from cxaudio.i18n import headset_sentences

__all__ = ["Listed", "Said", "listed", "said", "translate"]


class Said(str):
    """A filled template that remembers what it was made of.

    Attributes
    ----------
    template : str
        English, with `str.format`'s blanks.
    values : mapping of str to object
        What stands in the blanks; texts among them are translated, too.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Self:
        """Fill the template."""
        made = super().__new__(cls, template.format(**values))
        made.template, made.values = template, dict(values)
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, object]]:  # type: ignore[override]  # copy and pickle ask for it
        return self.template, self.values

    def __str__(self) -> str:
        """Return the same text, which remembers still; an error's message stays translatable by this."""
        return self


class Listed(str):
    """Texts behind one another that remember that they are several.

    Attributes
    ----------
    parts : tuple of str
        The texts.
    joint : str
        What stands between them.
    """

    parts: tuple[str, ...]
    joint: str

    def __new__(cls, parts: Iterable[str], joint: str) -> Self:
        """Join the texts."""
        kept = tuple(parts)
        made = super().__new__(cls, joint.join(kept))
        made.parts, made.joint = kept, joint
        return made

    def __getnewargs__(self) -> tuple[tuple[str, ...], str]:  # type: ignore[override]  # copy and pickle ask for it
        return self.parts, self.joint

    def __str__(self) -> str:
        """Return the same text, which remembers still; an error's message stays translatable by this."""
        return self


# Chinese sets other marks between the parts of a list.
_JOINTS = {", ": "，", "; ": "；"}


def said(template: str, /, **values: object) -> Said:
    """Fill a template and remember it.

    Parameters
    ----------
    template : str
        English; a literal, so that a test can find it and its translations.
    **values : object
        What stands in the blanks. A text among them may be `Said` itself.

    Examples
    --------
    >>> said("{n} pauses of {take}", n=3, take="speech.wav")
    '3 pauses of speech.wav'
    """
    return Said(template, values)


def listed(parts: Iterable[str], joint: str = ", ") -> Listed:
    """Join texts and remember them; empty ones are left out.

    Examples
    --------
    >>> listed([said("{n} third octaves", n=12), "", said("ambient not known")], "; ")
    '12 third octaves; ambient not known'
    """
    return Listed(filter(None, parts), joint)


def translate(text: str, language: str) -> str:
    """Return a text in another language, in English where that has no words for it.

    Parameters
    ----------
    text : str
        `Said`, `Listed`, or any text: a text that is a template without blanks is found, too.
    language : str
        BCP 47 tag.

    Examples
    --------
    >>> translate(said("{n} third octaves", n=12), "zh-Hans"), translate(said("{n} apples", n=2), "zh-Hans")
    ('12 个 1/3 倍频程', '2 apples')
    """
    table = headset_sentences(language)
    if isinstance(text, Listed):
        joint = _JOINTS.get(text.joint, text.joint) if table else text.joint
        return joint.join(translate(part, language) for part in text.parts)
    if not isinstance(text, Said):
        return table.get(text, text)
    template = table.get(text.template)
    if template is None:
        return str(text)
    values = {
        name: translate(value, language) if isinstance(value, str) else value for name, value in text.values.items()
    }
    return template.format(**values)
