"""`metier train titles | title-sequence | title-bi-encoder`."""

from pathlib import Path
from typing import Annotated

import typer

from metier.cli.train_frame import Config, Data, Output, app, need_torch, training_progress


@app.command("titles")
def titles(
    config: Config,
    data: Data,
    esco: Annotated[
        Path | None, typer.Option(help="An ESCO release folder, for pairs of its occupations and for its words.")
    ] = None,
    output: Output = Path("runs/titles"),
) -> None:
    """Train job2vec on pairs of title and description; the folder is the model, ready to use.

    --data is a folder with postings/*.jsonl. An interrupted run goes on when the same command is given again.

    Example: `metier train titles configs/titles.toml --data data --esco data/esco -o runs/titles`
    """
    need_torch()
    from metier.training.config import read_config
    from metier.training.titles import TitlesConfig, train_titles

    settings = read_config(config, TitlesConfig)
    with training_progress() as progress:
        train_titles(settings, data=data, esco=esco, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("title-sequence")
def title_sequence(
    config: Config,
    data: Data,
    esco: Annotated[Path | None, typer.Option(help="An ESCO release folder, as job2vec had it.")] = None,
    output: Output = Path("runs/title-sequence"),
) -> None:
    """Train the sequence-to-sequence baseline that job2vec is compared with.

    It takes the word vectors, the languages and the length of descriptions from a trained job2vec, which the
    configuration names. An interrupted run goes on when the same command is given again.

    Example: `metier train title-sequence configs/title-sequence.toml --data data --esco data/esco`
    """
    need_torch()
    from metier.training.config import read_config
    from metier.training.title_sequence import TitleSequenceConfig, train_title_sequence

    settings = read_config(config, TitleSequenceConfig)
    with training_progress() as progress:
        train_title_sequence(settings, data=data, esco=esco, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("title-bi-encoder")
def title_bi_encoder(
    config: Config,
    data: Data,
    esco: Annotated[Path | None, typer.Option(help="An ESCO release folder, for pairs of its occupations.")] = None,
    output: Output = Path("runs/title-bi-encoder"),
) -> None:
    """Train an encoder of the BERT family to bring descriptions near their titles.

    `metier models export` then makes the form that runs without torch. An interrupted run goes on when the same
    command is given again.

    Example: `metier train title-bi-encoder configs/title-bi-encoder.toml --data data --esco data/esco`
    """
    need_torch()
    from metier.training.config import read_config
    from metier.training.title_bi_encoder import TitleBiEncoderConfig, train_title_bi_encoder

    settings = read_config(config, TitleBiEncoderConfig)
    with training_progress() as progress:
        train_title_bi_encoder(settings, data=data, esco=esco, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)
