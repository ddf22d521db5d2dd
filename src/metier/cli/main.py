"""The `metier` command: one sub-command per file of this folder."""

import sys
from typing import Annotated

import click
import typer

from metier.cli import annotate, bench, evaluate, link, models, taxonomy, train
from metier.errors import ConfigError, MetierError

app = typer.Typer(
    name="metier",
    help="Reads the job market: skills in postings, linked to ESCO; offline, on a CPU.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(version("metier"))
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Hold the options that come before the sub-command."""


annotate.register(app)
link.register(app)
taxonomy.register(app)
evaluate.register(app)
bench.register(app)
train.register(app)
models.register(app)


def run() -> None:
    """Run the command line; exit 0 when done, 1 when something failed, 2 when misused, 130 when interrupted."""
    try:
        app(standalone_mode=False)
    except click.exceptions.Abort:
        _stop("interrupted", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except ConfigError as error:
        _stop(str(error), 2)
    except MetierError as error:
        _stop(str(error), 1)
    except KeyboardInterrupt:
        _stop("interrupted", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _stop(message: str, code: int) -> None:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)
