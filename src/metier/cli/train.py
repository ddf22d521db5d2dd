"""`metier train`: make a model from a configuration and data."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from metier.errors import MissingExtra

Config = Annotated[Path, typer.Argument(help="A TOML file, such as configs/tagger-en.toml.")]
Data = Annotated[Path, typer.Option("--data", help="The folder that holds the data sets.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="The weights folder to write.")]

app = typer.Typer(help="Train a model from a configuration and data (extra `train`).", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the command."""
    parent.add_typer(app, name="train")


@app.command("tagger")
def tagger(config: Config, data: Data, output: Output = Path("runs/tagger")) -> None:
    """Train a tagger on data in the format of SkillSpan.

    An interrupted run goes on when the same command is given again. `metier models export` then makes
    the small int8 form that `metier annotate --model` reads.

    Example: `metier train tagger configs/tagger-en.toml --data skillspan -o runs/tagger-en`
    """
    _need_torch()
    from metier.training.config import read_config
    from metier.training.tagger import TaggerConfig, train_tagger

    settings = read_config(config, TaggerConfig)
    with _progress() as progress:
        train_tagger(settings, data=data, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("linker")
def linker(
    config: Config,
    data: Data,
    esco: Annotated[Path, typer.Option(help="An ESCO release folder, with descriptions.")],
    output: Output = Path("runs/linker"),
) -> None:
    """Train a linker on the taxonomy's own words and on labelled sentences.

    Example: `metier train linker configs/linker-en.toml --data data --esco data/esco -o runs/linker-en`
    """
    _need_torch()
    from metier.taxonomy.esco import read_esco
    from metier.training.config import read_config
    from metier.training.linker import LinkerConfig, train_linker

    settings = read_config(config, LinkerConfig)
    taxonomy = read_esco(esco)
    with _progress() as progress:
        train_linker(settings, taxonomy=taxonomy, data=data, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


def _need_torch() -> None:
    from importlib.util import find_spec

    if not (find_spec("torch") and find_spec("transformers") and find_spec("sklearn")):
        raise MissingExtra("train", "Training")
    from metier.nn.starting_weights import quiet_transformers

    quiet_transformers()


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """A bar with the time left on a terminal; a line per finished epoch elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=1.0)

        def show(doing: str, share: float) -> None:
            if ", loss" not in doing:
                console.print(doing, highlight=False)
            bar.update(task, description=doing, completed=share)

        yield show
