"""Convert texts, paths and whole numbers of a command line without pydantic, which takes 0.15 s to import.

Newer typers convert every parameter by pydantic, also one that was not given; older ones need nothing of this.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

__all__ = ["convert_plainly"]


def convert_plainly(command: Any) -> Any:
    """Let a command, and those below it, convert their plain parameters without pydantic.

    Parameters
    ----------
    command : click command
        As ``typer.main.get_command`` gives it; is changed.

    Returns
    -------
    click command
        The same.
    """
    parameters = command.get_params
    command.get_params = lambda context: [_converted_plainly(each) for each in parameters(context)]
    for below in getattr(command, "commands", {}).values():
        convert_plainly(below)
    return command


def _converted_plainly(parameter: Any) -> Any:
    described = getattr(parameter, "type_descriptor", None)
    if described is not None and not isinstance(parameter.get_runtime_param, _Converter):
        parameter.get_runtime_param = _Converter(parameter, described.annotation)
    return parameter


def _path(text: str) -> Path:
    if os.path.exists(text) and not os.access(text, os.R_OK):
        raise ValueError(text)
    return Path(text)


_PLAIN: Mapping[Any, Callable[[Any], Any]] = {str: str, Path: _path, int: int}


class _Converter:
    """Stand in for the function of a parameter that makes its converter, and be that converter.

    Parameters
    ----------
    parameter : click parameter
        Converts by itself what is not plain here, and says what is wrong.
    annotation : type
        What its values become.
    """

    def __init__(self, parameter: Any, annotation: Any) -> None:
        self._by_itself = parameter.get_runtime_param
        self._several = get_origin(annotation) is list
        kind = get_args(annotation)[0] if self._several else annotation
        self._plain = None if parameter.type_descriptor.is_ranged else _PLAIN.get(kind)

    def __call__(self) -> "_Converter":
        return self

    def coerce(self, value: Any, **context: Any) -> Any:
        """Return the value that a command gets."""
        if value is None and not self._several:
            return None
        if self._plain is not None:
            try:
                return [self._plain(each) for each in value or ()] if self._several else self._plain(value)
            except ValueError:  # typer says what is wrong
                pass
        return self._by_itself().coerce(value, **context)
