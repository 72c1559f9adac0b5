"""Write the attributes that templates read as a module, so that `vulture` sees their use.

Run as ``python tests/support/write_names_in_templates.py`` after a change of a template.
"""

from keyword import iskeyword
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
WRITTEN = Path(__file__).with_name("names_in_templates.py")
HEAD = '''"""Attributes that templates read, for vulture; written by write_names_in_templates.py."""

from typing import Any

__all__ = ["read_by_templates"]


def read_by_templates(value: Any) -> tuple[Any, ...]:
    """Read every attribute that a template reads."""
    return (
'''
TAIL = "    )\n"


def templates() -> list[Path]:
    """Return all templates of pages."""
    folders = (ROOT / "cxaudio" / "workbench" / "templates", ROOT / "cxaudio" / "web")
    return sorted(path for folder in folders for path in folder.rglob("*.html"))


def names_in(template: str) -> set[str]:
    """Return the attributes that a template reads."""
    return {found.attr for found in Environment().parse(template).find_all(nodes.Getattr)}


def names_in_templates() -> str:
    """Return the module."""
    names: set[str] = set()
    for path in templates():
        names |= names_in(path.read_text(encoding="utf-8"))
    return HEAD + "".join(f"        value.{name},\n" for name in sorted(names) if not iskeyword(name)) + TAIL


if __name__ == "__main__":
    WRITTEN.write_text(names_in_templates(), encoding="utf-8")
