"""What the commands of `metier train` share: their group, their arguments, and how they show what they do."""

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


def need_torch() -> None:
    """Refuse to train where the extra is not installed."""
    from importlib.util import find_spec

    if not (find_spec("torch") and find_spec("transformers") and find_spec("sklearn")):
        raise MissingExtra("train", "Training")
    from metier.nn.starting_weights import quiet_transformers

    quiet_transformers()


@contextmanager
def training_progress() -> Iterator[Callable[[str, float], None]]:
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
