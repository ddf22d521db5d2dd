"""`metier train projection | fine-tuned | ranker`."""

from pathlib import Path
from typing import Annotated

import typer

from metier.cli.train_frame import Config, Output, app, need_torch, training_progress

Market = Annotated[Path, typer.Option("--data", help="The folder of a market.")]
Model = Annotated[Path, typer.Option("-o", "--output", help="The model folder to write.")]


@app.command("projection")
def projection(config: Config, data: Market, output: Model = Path("runs/match-projection")) -> None:
    """Train a projection for projects and one for profiles over a frozen encoder; the folder is the model.

    --data is a folder as `metier simulate market` writes it. Interactions from its split on are not looked at.

    Example: `metier train projection configs/match-projection.toml --data market -o runs/match-projection`
    """
    need_torch()
    from metier.training.config import read_config
    from metier.training.projection import ProjectionConfig, train_projection

    settings = read_config(config, ProjectionConfig)
    with training_progress() as progress:
        train_projection(settings, data=data, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("fine-tuned")
def fine_tuned(config: Config, data: Market, output: Output = Path("runs/match-fine-tuned")) -> None:
    """Train a whole encoder on the feedback of a market, documents as one text each.

    `metier models export` then makes the form that runs without torch. An interrupted run goes on when the same
    command is given again.

    Example: `metier train fine-tuned configs/match-fine-tuned.toml --data market -o runs/match-fine-tuned`
    """
    need_torch()
    from metier.training.config import read_config
    from metier.training.fine_tuned import FineTunedConfig, train_fine_tuned

    settings = read_config(config, FineTunedConfig)
    with training_progress() as progress:
        train_fine_tuned(settings, data=data, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("ranker")
def ranker(
    config: Config,
    data: Market,
    retriever: Annotated[
        str, typer.Option(help="Whose hits are ranked: KIND:FOLDER, as for `metier evaluate retrieval --system`.")
    ] = "sections",
    output: Model = Path("runs/match-ranker"),
) -> None:
    """Train the second stage of matching on the feedback of a market; the folder is the model, ready to use.

    It is trained and calibrated before the market's split and measured after it. Needs the extra `match` too.

    Example: `metier train ranker configs/match-ranker.toml --data market --retriever retriever:runs/retriever`
    """
    need_torch()
    from metier.pipelines.build import build_skill_cover
    from metier.pipelines.matching_systems import load_document_encoder
    from metier.training.config import read_config
    from metier.training.ranker import RankerConfig, train_ranker

    settings = read_config(config, RankerConfig)
    kind, _, folder = retriever.partition(":")
    encoder = load_document_encoder(kind, folder)
    with training_progress() as progress:
        train_ranker(settings, data=data, encoder=encoder, output=output, progress=progress, cover=build_skill_cover())
    typer.echo(f"Wrote {output}.", err=True)
