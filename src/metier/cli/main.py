"""The `metier` command: one sub-command per file of this folder."""

import ctypes
import os
import sys
from typing import Annotated, Final, cast

import typer

from metier.cli import (
    agreement,
    analyse,
    annotate,
    bench,
    convert,
    datastore,
    evaluate,
    index,
    link,
    match,
    models,
    simulate,
    taxonomy,
    title,
    train,
    weak,
)
from metier.errors import ConfigError, MetierError

_ARENA_MAX: Final = -8  # `M_ARENA_MAX` of glibc's malloc.h
_N_ARENAS: Final = 2

# Newer typers carry a click of their own: its root error is found through a name that both have.
_Misuse = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[2])

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
match.register(app)
index.register(app)
taxonomy.register(app)
title.register(app)
evaluate.register(app)
analyse.register(app)
bench.register(app)
train.register(app)
models.register(app)
simulate.register(app)
convert.register(app)
agreement.register(app)
datastore.register(app)
weak.register(app)


def run() -> None:
    """Run the command line; exit 0 when done, 1 when something failed, 2 when misused, 130 when interrupted."""
    # metier keeps the processors busy by itself; a BLAS that does so too only gets in the way (measured: 9 %)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _share_arenas()
    code = 0
    try:
        code = app(standalone_mode=False)  # what a command exits with, or None
    except typer.Abort:
        _stop("interrupted", 130)
    except _Misuse as error:
        error.show()
        sys.exit(2)
    except ConfigError as error:
        _stop(str(error), 2)
    except MetierError as error:
        _stop(str(error), 1)
    except KeyboardInterrupt:
        _stop("interrupted", 130)
    except BrokenPipeError:  # the reader has gone; what is still held back has nowhere to go either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    if code == 130:
        _stop("interrupted", 130)
    sys.exit(code or 0)


def _share_arenas() -> None:
    """Let the threads of this process, and of those it starts, take memory from two arenas (measured: a third less).

    glibc gives each new thread an arena of its own, up to eight per processor, and none gives back what it once took.
    """
    if sys.platform != "linux" or "MALLOC_ARENA_MAX" in os.environ:
        return
    os.environ["MALLOC_ARENA_MAX"] = str(_N_ARENAS)  # read by a process when it starts
    try:
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _N_ARENAS)
    except (AttributeError, OSError):  # another C library
        return


def _stop(message: str, code: int) -> None:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)
