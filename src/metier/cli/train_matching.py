"""`metier train retriever`."""

from pathlib import Path
from typing import Annotated

import typer

from metier.cli.train_frame import Config, app, need_torch, training_progress


@app.command("retriever")
def retriever(
    config: Config,
    data: Annotated[Path, typer.Option("--data", help="The folder of a market.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model folder to write.")] = Path("runs/retriever"),
    cache: Annotated[
        Path, typer.Option(help="Where the encoder's vectors of all texts are kept, for other runs too.")
    ] = Path("runs/token-vectors"),
) -> None:
    """Train the retriever that brings projects and short queries near people; the folder is the model, ready to use.

    --data is a folder as `metier simulate market` writes it. Interactions from its split on are not looked at. An
    interrupted run goes on when the same command is given again.

    Example: `metier train retriever configs/retriever.toml --data market -o runs/retriever`
    """
    need_torch()
    from metier.training.config import read_config
    from metier.training.retriever import train_retriever
    from metier.training.retriever_config import RetrieverConfig

    settings = read_config(config, RetrieverConfig)
    with training_progress() as progress:
        train_retriever(settings, market=data, output=output, cache=cache, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)
