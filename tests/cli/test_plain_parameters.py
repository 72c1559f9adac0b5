"""Parameters that need no library to be converted get the values that typer gives them."""

from pathlib import Path
from typing import Annotated

import pytest
import typer
import typer.main

from cxaudio.cli.plain_parameters import convert_plainly

app = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})
got: list[object] = []


@app.command()
def take(
    paths: Annotated[list[Path] | None, typer.Argument()] = None,
    word: Annotated[str | None, typer.Option()] = None,
    out: Annotated[Path, typer.Option()] = Path("there"),
    file: Annotated[Path | None, typer.Option()] = None,
    number: Annotated[int, typer.Option()] = 7,
    bounded: Annotated[int, typer.Option(min=1)] = 2,
    share: Annotated[float, typer.Option()] = 0.5,
    several: Annotated[list[str] | None, typer.Option()] = None,
    sure: Annotated[bool, typer.Option()] = False,
    open_: Annotated[bool | None, typer.Option("--open/--no-open")] = None,
) -> None:
    got.append((paths, word, out, file, number, bounded, share, several, sure, open_))


def values(command, arguments):
    got.clear()
    command(args=arguments, standalone_mode=False)
    return got.pop()


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "a b.wav --word x --out here --file f --number 12 --bounded 3 --share 0.25",
        "a --several x --several y --sure --open",
        "--no-open --several 1 --word 5",
    ],
)
def test_the_values_are_those_of_typer(arguments):
    expected = values(typer.main.get_command(app), arguments.split())
    found = values(convert_plainly(typer.main.get_command(app)), arguments.split())
    assert expected == found
    assert [type(each) for each in expected] == [type(each) for each in found]


@pytest.mark.parametrize("arguments", ["--number x", "--number 1.5", "--bounded 0", "--share much", "--nosuch"])
def test_what_is_wrong_is_said_as_typer_says_it(arguments):
    said = []
    for command in (typer.main.get_command(app), convert_plainly(typer.main.get_command(app))):
        with pytest.raises(Exception, match=r".") as fault:
            command(args=arguments.split(), standalone_mode=False)
        said.append((type(fault.value), fault.value.format_message()))
    assert said[0] == said[1]
