"""Describe once how a frozen value stands in files; writing, reading and the JSON Schema are derived from it.

The type of a dataclass field says most. What it does not say stands beside it in ``Annotated`` as a `Written`: another
name, decimals, a range, when the key is left out, a sentence for the schema. Further rules for every value:

* a position or length in samples becomes seconds, to the millisecond;
* a float that is not finite becomes null;
* an `IntEnum` is written by its name in lower case, a `StrEnum` by its value;
* a tuple becomes a list, a dataclass an object.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, IntEnum, StrEnum, auto
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, Union, cast, get_args, get_origin

from cxaudio.model.timebase import Timebase

__all__ = [
    "DEFINITIONS",
    "Count",
    "Description",
    "Evidence",
    "Figure",
    "Form",
    "Length",
    "Level",
    "Omit",
    "Position",
    "Rate",
    "Scope",
    "Share",
    "TimeSpan",
    "Written",
    "describe",
    "rounded",
]

Value = TypeVar("Value")
Schema = dict[str, Any]

DEFINITIONS: Mapping[str, Schema] = {
    "time": {
        "type": "number",
        "minimum": 0,
        "description": "Seconds from the start of the call, to the millisecond.",
    },
    "time_or_unknown": {
        "type": ["number", "null"],
        "minimum": 0,
        "description": "Seconds from the start of the call; null while it lasts.",
    },
    "share": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "rate": {
        "type": ["number", "null"],
        "minimum": 0,
        "description": "Syllables a second; null where there are too few.",
    },
    "evidence": {"type": "object", "additionalProperties": {"type": ["number", "string", "null", "boolean"]}},
}
"""Schemas that many fields share, by the name they have in ``$defs``."""


class Scope(NamedTuple):
    """What a value needs to know of the call in which it is written or read."""

    clock: Timebase  # samples to seconds and back
    two_sided: bool = True  # False: keys that need two sides are left out
    side: Any = None  # the side under whose key a value is read


Writer = Callable[[Any], Any]
"""Returns a value as plain values, in the call for which it was made."""


class Form(NamedTuple):
    """How one field is written and read, and its schema."""

    writer: Callable[[Scope], Writer | None]  # made once a call, for thousands of values; None: they stand as they are
    read: Callable[[Any, Scope], Any]
    schema: Schema


class Omit(Enum):
    """When the key of a field is left out."""

    NEVER = auto()
    ALWAYS = auto()  # it is written in another place, or not at all
    BY_PLACE = auto()  # always: the key under which the value stands says it
    ONE_SIDED = auto()  # in a one-sided report
    EMPTY = auto()  # where there is nothing in it
    IN_OLDER_FILES = auto()  # always written; files of earlier versions lack it


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the type of a field does not say; where several set the same item, the outermost counts."""

    key: str | None = None  # name in files; the attribute's where left out
    description: str | None = None  # sentence in the schema
    samples: bool | None = None  # an int counts samples, and is written in seconds
    digits: int | None = None  # decimals of a float
    exact: bool | None = None  # a float is always finite, and written with all its digits
    known: bool | None = None  # never null in files
    minimum: float | None = None
    maximum: float | None = None
    definition: str | None = None  # name in `DEFINITIONS` of the schema
    or_null: str | None = None  # the same, where the field may be None
    form: Form | None = None  # in place of all that is derived from the type
    omit: Omit | None = None

    def over(self, other: "Written") -> "Written":
        """Return these statements, completed by those of `other`."""
        return Written(
            **{
                spec.name: getattr(other, spec.name) if getattr(self, spec.name) is None else getattr(self, spec.name)
                for spec in fields(self)
            }
        )


def rounded(value: float | None, digits: int) -> float | None:
    """Round a number as files hold it; None where it is None or not finite.

    Examples
    --------
    >>> rounded(-26.41827, 2), rounded(-0.00001, 4), rounded(float("nan"), 4)
    (-26.42, 0.0, None)
    """
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0  # + 0.0: no negative zero


def _rounder(digits: int) -> Writer:
    """Return `rounded` for a number of decimals, twice as fast: most of what is written are such figures."""
    scale = 10.0**digits

    def write(value: float | None) -> float | None:
        if value is None:
            return None
        scaled = float(value) * scale
        if -1e9 < scaled < 1e9:
            whole = round(scaled)
            if -0.499 < scaled - whole < 0.499:  # no tie, whatever the product was rounded by
                return whole / scale  # the float nearest to the decimal number, as `round` gives it
        return rounded(value, digits)

    return write


def _write_evidence(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write named figures; a name that ends in ``db`` or ``dbov`` has two decimals, every other four."""
    return {
        name: value
        if value is None or isinstance(value, str | bool | int)
        else rounded(value, 2 if name.rsplit("_", 1)[-1] in ("db", "dbov") else 4)
        for name, value in values.items()
    }


def _unchanged(value: Any, scope: Scope) -> Any:
    return value


def _as_it_is(scope: Scope) -> Writer | None:
    return None


Position = Annotated[int, Written(samples=True, definition="time", or_null="time_or_unknown")]
"""Samples since the call began."""
Length = Annotated[int, Written(samples=True, minimum=0)]
"""A number of samples, 0 or more."""
TimeSpan = Annotated[int, Written(samples=True)]
"""A difference of positions in samples; may be negative."""
Count = Annotated[int, Written(minimum=0)]
Level = Annotated[float, Written(digits=2)]
"""dB, dBov."""
Figure = Annotated[float, Written(digits=4)]
Share = Annotated[float, Written(digits=4, or_null="share", minimum=0, maximum=1)]
"""0..1."""
Rate = Annotated[float, Written(digits=4, or_null="rate", minimum=0)]
"""Syllables a second."""
Evidence = Annotated[
    Mapping[str, float | str | None],
    Written(definition="evidence", form=Form(lambda scope: _write_evidence, _unchanged, DEFINITIONS["evidence"])),
]
"""Further figures behind a flag or nudge, by name."""


class _Field(NamedTuple):
    """One field of a described dataclass."""

    attribute: str
    key: str
    form: Form
    omit: Omit
    many: bool  # a tuple


class Description(Generic[Value]):
    """How a frozen dataclass stands in files.

    Parameters
    ----------
    kind : type
        The dataclass.
    exact : bool
        Whether its floats are always finite, and written with all their digits: those of settings.
    """

    def __init__(self, kind: type[Value], *, exact: bool = False) -> None:
        self.kind = kind
        described = (_field(spec.name, spec.type, exact=exact or None) for spec in fields(cast(Any, kind)))
        self._fields = tuple(field for field in described if field.omit is not Omit.ALWAYS)
        self._written = tuple(field for field in self._fields if field.omit is not Omit.BY_PLACE)
        self._left_out_if_empty = tuple(field.key for field in self._written if field.omit is Omit.EMPTY)
        self._writers: dict[tuple[int, bool], Callable[[Value], dict[str, Any]]] = {}  # by rate, and by sides

    def write(self, value: Value, scope: Scope) -> dict[str, Any]:
        """Return a value as plain values, in the order of its fields."""
        return self.writer(scope)(value)

    def writer(self, scope: Scope) -> Callable[[Value], dict[str, Any]]:
        """Return what writes the values of a call; it is made once for each rate and number of sides."""
        of = scope.clock.sample_rate, scope.two_sided
        if of not in self._writers:
            self._writers[of] = self._new_writer(scope)
        return self._writers[of]

    def _new_writer(self, scope: Scope) -> Callable[[Value], dict[str, Any]]:
        written = [field for field in self._written if scope.two_sided or field.omit is not Omit.ONE_SIDED]
        steps = tuple((field.key, field.form.writer(scope)) for field in written)
        names = [field.attribute for field in written]
        # At once, in C; a single attribute comes without its tuple.
        values_of = attrgetter(*names) if len(names) > 1 else lambda value: [getattr(value, name) for name in names]

        def write(value: Value) -> dict[str, Any]:
            return {
                key: found if step is None else step(found)
                for (key, step), found in zip(steps, values_of(value), strict=True)
            }

        if not self._left_out_if_empty:
            return write

        def write_what_is_there(value: Value) -> dict[str, Any]:
            found = write(value)
            for key in self._left_out_if_empty:
                if not found[key]:
                    del found[key]
            return found

        return write_what_is_there

    def read_fields(self, values: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
        """Return the attributes that `write` gave; unknown keys are passed over.

        Raises
        ------
        KeyError
            If a key is missing that is always written.
        ValueError
            If a word is none of its enumeration.
        """
        found: dict[str, Any] = {}
        for attribute, key, form, omit, many in self._fields:
            if omit is Omit.BY_PLACE:
                found[attribute] = scope.side
            elif omit is Omit.NEVER or key in values:
                found[attribute] = form.read(values[key], scope)
            else:
                found[attribute] = () if many else None
        return found

    def read(self, values: Mapping[str, Any], scope: Scope) -> Value:
        """Return the value whose fields `write` gave; raises as `read_fields` does."""
        return self.kind(**self.read_fields(values, scope))

    def schema(self) -> Schema:
        """Return the JSON Schema of what `write` gives; it refers to `DEFINITIONS`."""
        return {
            "type": "object",
            "required": [field.key for field in self._written if field.omit is Omit.NEVER],
            "properties": {field.key: field.form.schema for field in self._written},
        }


_described: dict[tuple[type, bool], Description[Any]] = {}


def describe(kind: type[Value], *, exact: bool = False) -> Description[Value]:
    """Return the description of a frozen dataclass, made from its annotations.

    Parameters
    ----------
    kind : type
        The dataclass.
    exact : bool
        Whether its floats are always finite, and written with all their digits: those of settings.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Pause:
    ...     start: Position
    ...     length: Annotated[Length, Written(key="length_s")]
    ...     level_db: Level | None
    >>> scope = Scope(Timebase(8000))
    >>> describe(Pause).write(Pause(8000, 12, -30.1234), scope)
    {'start': 1.0, 'length_s': 0.002, 'level_db': -30.12}
    >>> describe(Pause).read({"start": 1.0, "length_s": 0.002, "level_db": None}, scope)
    Pause(start=8000, length=16, level_db=None)
    """
    if (kind, exact) not in _described:
        _described[kind, exact] = Description(kind, exact=exact)
    return _described[kind, exact]


def _field(attribute: str, annotation: Any, *, exact: bool | None = None) -> _Field:
    kind, written, optional = _unfolded(annotation)
    written = written.over(Written(exact=exact))
    if written.omit is Omit.ALWAYS:
        return _Field(attribute, attribute, Form(_as_it_is, _unchanged, {}), Omit.ALWAYS, many=False)
    form = written.form or _form(kind, written, optional)
    if written.definition is not None or written.or_null is not None:
        name = written.or_null if optional else written.definition
        if name is not None:
            form = form._replace(schema={"$ref": f"#/$defs/{name}"})
    if written.description is not None:
        form = form._replace(schema=form.schema | {"description": written.description})
    return _Field(attribute, written.key or attribute, form, written.omit or Omit.NEVER, get_origin(kind) is tuple)


def _unfolded(annotation: Any) -> tuple[Any, Written, bool]:
    """Return the bare type, everything that stands beside it, and whether it may be None."""
    written, optional = Written(), False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            for mark in reversed(annotation.__metadata__):
                if isinstance(mark, Written):
                    written = written.over(mark)
            annotation = annotation.__origin__
        elif origin in (Union, UnionType):
            rest = [kind for kind in get_args(annotation) if kind is not NoneType]
            if len(rest) != 1:
                return annotation, written, optional
            annotation, optional = rest[0], True
        else:
            return annotation, written, optional


def _form(kind: Any, written: Written, optional: bool) -> Form:
    form = _plain_form(kind, written)
    if not optional:
        return form
    writer, read, schema = form
    if written.known:
        pass
    elif "enum" in schema:
        schema = {"enum": [*schema["enum"], None]}
    elif isinstance(schema["type"], str):
        schema = schema | {"type": [schema["type"], "null"]}
    of_float = kind is float  # which writes None itself
    return Form(writer if of_float else lambda scope: _written_or_none(writer(scope)), _read_or_none(read), schema)


def _written_or_none(write: Writer | None) -> Writer | None:
    if write is None:
        return None
    return lambda value: None if value is None else write(value)


def _read_or_none(read: Callable[[Any, Scope], Any]) -> Callable[[Any, Scope], Any]:
    if read is _unchanged:
        return read
    return lambda value, scope: None if value is None else read(value, scope)


def _of_each(write: Writer | None) -> Writer:
    return list if write is None else lambda values: [write(value) for value in values]


def _plain_form(kind: Any, written: Written) -> Form:
    limits: Schema = {
        name: limit for name, limit in (("minimum", written.minimum), ("maximum", written.maximum)) if limit is not None
    }
    if get_origin(kind) is tuple:
        item = _field("", get_args(kind)[0], exact=written.exact).form
        return Form(
            lambda scope: _of_each(item.writer(scope)),
            lambda values, scope: tuple(item.read(value, scope) for value in values),
            {"type": "array", "items": item.schema},
        )
    if is_dataclass(kind):
        inner = describe(cast(type[Any], kind))
        return Form(inner.writer, inner.read, inner.schema())
    if issubclass(kind, StrEnum):
        words = {member: member.value for member in kind}
        return Form(lambda scope: words.__getitem__, lambda value, scope: kind(value), {"enum": [*words.values()]})
    if issubclass(kind, IntEnum):
        labels = {member: member.name.lower() for member in kind}
        return Form(
            lambda scope: labels.__getitem__,
            lambda value, scope: kind[value.upper()],
            {"enum": list(labels.values())},
        )
    if kind is bool:
        return Form(lambda scope: bool, _unchanged, {"type": "boolean"})
    if kind is int and written.samples:
        return Form(
            lambda scope: scope.clock.seconds,
            lambda value, scope: scope.clock.samples(value),
            {"type": "number"} | limits,
        )
    if kind is int:
        return Form(lambda scope: int, _unchanged, {"type": "integer"} | limits)  # numpy's is no JSON
    if kind is float and written.exact:
        return Form(_as_it_is, _unchanged, {"type": "number"} | limits)
    if kind is float:
        assert written.digits is not None, "a float that stands in files needs its decimals"
        digits = written.digits
        return Form(
            lambda scope: _rounder(digits),
            _unchanged,
            {"type": "number" if written.known else ["number", "null"]} | limits,
        )
    assert kind is str, f"no form is known for {kind}"
    return Form(_as_it_is, _unchanged, {"type": "string"})
