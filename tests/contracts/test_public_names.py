"""What ``import cxaudio`` offers: the list, the homes and the names for type checkers agree."""

import ast
import importlib
from pathlib import Path

import cxaudio

SOURCE = ast.parse(Path(cxaudio.__file__).read_text(encoding="utf-8"))


def imported(body: list[ast.stmt]) -> dict[str, str]:
    """Return name and module of every ``from ... import`` statement."""
    return {alias.name: str(s.module) for s in body if isinstance(s, ast.ImportFrom) for alias in s.names}


def for_type_checkers() -> dict[str, str]:
    (block,) = [s for s in SOURCE.body if isinstance(s, ast.If) and ast.unparse(s.test) == "TYPE_CHECKING"]
    return imported(block.body)


def test_every_public_name_is_imported_at_once_or_known_to_type_checkers():
    at_once = {name for name in imported(SOURCE.body) if name not in ("import_module", "TYPE_CHECKING", "Any")}
    assert set(cxaudio.__all__) == at_once | set(for_type_checkers())
    assert sorted(cxaudio.__all__) == dir(cxaudio)


def test_a_name_is_found_where_type_checkers_are_told_it_is():
    for name, module in for_type_checkers().items():
        assert getattr(importlib.import_module(module), name) is getattr(cxaudio, name), name


def test_every_home_is_that_of_a_public_name_and_not_the_default():
    known = for_type_checkers()
    assert cxaudio._HOMES == {name: known[name] for name in known if known[name] != "cxaudio.model.events"}


def test_replay_is_the_function_and_its_package_can_still_be_imported():
    assert callable(cxaudio.replay)
    assert importlib.import_module("cxaudio.replay.many_calls").replay_many is cxaudio.replay_many
