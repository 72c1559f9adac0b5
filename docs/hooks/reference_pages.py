"""Write the reference pages of settings and columns from what the program itself reads and writes."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
DEFAULTS = ROOT / "config" / "defaults.toml"
REPORT_SCHEMA = ROOT / "cxaudio" / "schemas" / "report-1.json"


def on_files(files: Files, config: Any) -> Files:
    """Add the two pages to the documentation; `mkdocs` calls this once a build."""
    for name, text in (("reference/settings.md", settings_page()), ("reference/columns.md", columns_page())):
        files.append(File.generated(config, name, content=text))
    return files


# ------------------------------------------------------------------------------------------------------------ settings

_SETTINGS_INTRODUCTION = """# Settings

Every number behind what is measured and flagged, with its default and where it comes from. *Chosen* marks a number that
no source gives. Units are part of the key: `_s` seconds, `_db` and `_dbov` levels, `_share` from 0 to 1, `_hz`.

`cxaudio config show` prints the settings in use and the file each comes from. Write the keys that you change into a
file for `--config`, or into `settings.toml` in your settings folder; `--set SECTION.KEY=VALUE` sets one. This page
is made from `config/defaults.toml` and the settings' own types.
"""


def settings_page() -> str:
    """Return the reference of settings: every key with its kind, default and the reason for it."""
    from cxaudio.settings import Settings
    from cxaudio.settings.reasons import comments_of

    text = DEFAULTS.read_text(encoding="utf-8")
    values, reasons = tomllib.loads(text), comments_of(text)
    lines = [_SETTINGS_INTRODUCTION]
    for section, schema in Settings.json_schema()["properties"].items():
        keys = schema.get("properties")
        if not keys:
            continue
        lines += [f"## `{section}`", ""]
        if description := first_paragraph(str(schema.get("description", ""))):
            lines += [description, ""]
        lines += ["| key | kind | default | why |", "|---|---|---|---|"]
        for key, kind in keys.items():
            default = values.get(section, {}).get(key)
            shown = json.dumps(default) if default is not None else "by language" if section == "norms" else "–"
            reason = reasons.get((section, key), "")
            lines.append(f"| `{section}.{key}` | {kind_in_words(kind)} | {cell(shown)} | {cell(reason)} |")
        lines.append("")
    return "\n".join(lines)


def kind_in_words(schema: Mapping[str, Any]) -> str:
    """Return the kind of a setting in words."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]  # the other is "null"
    if kind == "array":
        return f"list of {kind_in_words(schema.get('items', {}))}"
    words = {"number": "number", "integer": "whole number", "boolean": "true or false", "string": "text"}
    return words.get(str(kind), "value")


# ------------------------------------------------------------------------------------------------------------- columns

_COLUMNS_INTRODUCTION = """# Columns

Every key of `report.json` (schema `cxaudio.report/1`), in the order in which it stands there. Times are seconds from
the start of the call, to the millisecond; `null` is *unknown*. Keys may be added without a new schema number.

**CSV.** `--export csv` writes a table for each list below (`tables/overlaps.csv`, `tables/rates.csv` …) whose columns
are that list's keys, and `tables/turns.csv` with both sides' turns and the column `side`. Nested keys become
`evidence.NAME`; a list without rows has no table. Files are UTF-8 with a byte-order mark (`encoding="utf-8-sig"` in
Python).

**`events.jsonl`.** The first line names the call (`"type": "call"`). Each further line is one event with its `type` and
`decided_at`, the instant at which it first could be known, and the fields of the lists below. Lines are in the order of
`decided_at`. A later line never changes an earlier one; a flag or nudge has a line for each step, joined by its id.

## report.json

| key | kind | meaning |
|---|---|---|
"""


def columns_page() -> str:
    """Return the reference of `report.json`, `events.jsonl` and the CSV tables."""
    schema = json.loads(REPORT_SCHEMA.read_text(encoding="utf-8"))
    rows = (f"| `{path}` | {cell(kind)} | {cell(meaning)} |\n" for path, kind, meaning in keys_of(schema, schema, ""))
    return _COLUMNS_INTRODUCTION + "".join(rows)


def keys_of(node: Mapping[str, Any], root: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, kind and meaning of every key below a node of a JSON Schema."""
    for name, value in node.get("properties", {}).items():
        target = resolved(value, root)
        here = f"{path}.{name}" if path else name
        items = resolved(target.get("items", {}), root)
        is_rows = "properties" in items
        meaning = value.get("description") or target.get("description") or ""
        yield here + ("[]" if is_rows else ""), json_kind(target), str(meaning)
        yield from keys_of(items if is_rows else target, root, f"{here}[]" if is_rows else here)


def resolved(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the node that a reference inside the schema points to, or the node itself."""
    return root["$defs"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node


def json_kind(node: Mapping[str, Any]) -> str:
    """Return the JSON kind of a value in words."""
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if "enum" in node:
        return ", ".join(f"`{json.dumps(value)}`" for value in node["enum"])
    kind = node.get("type", "value")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def first_paragraph(text: str) -> str:
    """Return the first paragraph of a docstring as one line."""
    return " ".join(text.strip().split("\n\n")[0].split())


def cell(text: str) -> str:
    """Return a text that cannot break a table."""
    return text.replace("|", "\\|").replace("\n", " ")
