"""Write what a benchmark measured as one section of ``benchmarks/RESULTS.md``, in place of what it wrote before.

A benchmark takes two lines for it::

    add_results_option(parser)                                    # --results [FILE]
    ...
    if options.results:
        write_section(options.results, name, command=command_of("benchmarks.accuracy", parser, options), ...)

A section states the exact command, the seeds, the versions and the processor. It has no date and no path of the
computer, so that the same command on the same computer writes the same text. What stands outside of sections is left
as it is.
"""

import argparse
import hashlib
import platform
import re
import shlex
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from cxaudio._version import __version__

__all__ = [
    "add_results_option",
    "command_of",
    "made_with",
    "markdown_table",
    "processor",
    "weights_in_use",
    "write_section",
]

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "RESULTS.md"

_HEAD = """# Results

Each section between two markers was written by the command that it names, with `--results`; the same command writes it
again. The text between sections is written by hand.
"""
# They change where something is kept or how long it takes, and no figure.
_NO_FIGURE = {"results", "keep", "jobs", "json", "help"}


def add_results_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--results [FILE]``: None where it is not given, ``benchmarks/RESULTS.md`` where no file is named."""
    parser.add_argument(
        "--results",
        type=Path,
        nargs="?",
        const=RESULTS,
        help="also write the tables into this file, RESULTS.md if left out",
    )


def command_of(module: str, parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Return the command that gives these figures: every option that differs from its default, in the parser's order.

    Options that change no figure are left out. A path is given by its last part, the shared folder as ``../shared``.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> _ = parser.add_argument("--shared", type=Path), parser.add_argument("--seed", type=int, default=1)
    >>> command_of("benchmarks.accuracy", parser, parser.parse_args(["--shared", "/somewhere/shared", "--seed", "7"]))
    'python -m benchmarks.accuracy --shared ../shared --seed 7'
    """
    words = ["python", "-m", module]
    for action in parser._actions:
        value = getattr(options, action.dest, None)
        if action.dest in _NO_FIGURE or value is None or value == action.default:
            continue
        if action.option_strings:
            words.append(action.option_strings[-1])
        if value is not True:
            words += [_word(action.dest, each) for each in (value if isinstance(value, list | tuple) else [value])]
    return shlex.join(words)


def _word(name: str, value: object) -> str:
    if isinstance(value, Path):
        return "../shared" if name == "shared" else value.name
    return str(value)


def processor() -> str:
    """Return the kind of the processor, as its system names it."""
    try:
        listed = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        listed = ""
    model = re.search(r"^model name\s*:\s*(.+)$", listed, re.MULTILINE)
    return f"{platform.machine()}, {' '.join((model[1] if model else platform.processor()).split())}".rstrip(", ")


def weights_in_use() -> Mapping[str, str]:
    """Return the first eight digits of the SHA-256 of each file of weights, by its name."""
    files = sorted((ROOT / "dsp" / "speech").glob("*_weights.npz"))
    return {file.stem.removesuffix("_weights"): hashlib.sha256(file.read_bytes()).hexdigest()[:8] for file in files}


def made_with(packages: Sequence[str] = ()) -> str:
    """Return versions and processor for the line above a table.

    Parameters
    ----------
    packages : sequence of str
        Distributions besides numpy and scipy, for example the peers that were measured.
    """
    named = [f"{name} {version(name)}" for name in ("numpy", "scipy", *packages)]
    return ", ".join([f"cxaudio {__version__}", f"Python {platform.python_version()}", *named, processor()])


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; every column but the first is right-aligned.

    Examples
    --------
    >>> print(markdown_table(["rule", "found"], [["rushing", "6/6"]]))
    | rule | found |
    |---|---:|
    | rushing | 6/6 |
    """
    lines = [list(columns), ["---", *["---:"] * (len(columns) - 1)]]
    text = [f"| {' | '.join(row)} |" for row in (lines[0], *rows)]
    text.insert(1, f"|{'|'.join(lines[1])}|")
    return "\n".join(text)


def write_section(
    file: Path, name: str, *, command: str, seeds: str, tables: str, packages: Sequence[str] = (), note: str = ""
) -> None:
    """Write a section, in place of the section of this name or else at the end.

    Parameters
    ----------
    file : Path
        Created with a head of its own where it is missing.
    name : str
        The section's heading; no other benchmark may use it.
    command : str
        From `command_of`.
    seeds : str
        Which seeds made the sound, and whether anything was chosen on them.
    tables : str
        Markdown, below the heading; its own headings have three ``#`` or more.
    packages : sequence of str
        Distributions whose versions count, besides numpy and scipy.
    note : str
        What a reader must know before the figures.

    Raises
    ------
    ValueError
        If the file has the begin of the section without its end.
    """
    weights = ", ".join(f"{each} `{digest}`" for each, digest in weights_in_use().items())
    parts = [
        f"## {name}",
        f"```sh\n{command}\n```",
        f"Seeds: {seeds}. Made with {made_with(packages)}; weights (SHA-256): {weights}.",
        *([note.strip()] if note.strip() else []),
        tables.strip(),
    ]
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    section = "\n\n".join([begin, *parts, end])
    text = file.read_text(encoding="utf-8") if file.exists() else _HEAD
    before, found, rest = text.partition(begin)
    if not found:
        text = f"{text.rstrip()}\n\n{section}\n"
    else:
        _, closed, after = rest.partition(end)
        if not closed:
            raise ValueError(f"{file.name}: the section {name!r} begins and does not end; write its last marker again")
        text = f"{before}{section}{after}"
    file.write_text(text, encoding="utf-8")
