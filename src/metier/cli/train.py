"""`metier train`: make a model from a configuration and data; here taggers and language models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli import train_baselines, train_linking, train_matching, train_titles
from metier.cli.train_frame import Config, Data, Output, app, need_torch, training_progress
from metier.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

# the others put their commands into the group
__all__ = ["register", "train_baselines", "train_linking", "train_matching", "train_titles"]


def register(parent: typer.Typer) -> None:
    """Add the command."""
    parent.add_typer(app, name="train")


@app.command("tagger")
def tagger(config: Config, data: Data, output: Output = Path("runs/tagger")) -> None:
    """Train a tagger on data in the format of SkillSpan.

    With `data_sets` in the configuration, --data is the folder that holds the folders of the sets.

    An interrupted run goes on when the same command is given again. `metier models export` then makes
    the small int8 form that `metier annotate --model` reads.

    Example: `metier train tagger configs/tagger-en.toml --data skillspan -o runs/tagger-en`
    """
    need_torch()
    from metier.training.config import read_config
    from metier.training.tagger import TaggerConfig, train_tagger

    settings = read_config(config, TaggerConfig)
    with training_progress() as progress:
        train_tagger(settings, data=data, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("matrix")
def matrix(
    config: Config,
    data: Data,
    output: Output = Path("runs/matrix"),
    split: Annotated[str, typer.Option(help="What to measure on.")] = "dev",
    jobs: Annotated[int, typer.Option(help="Trainings at the same time.", min=1)] = 2,
    results: Annotated[Path | None, typer.Option(help="Write the figures to this JSON file.")] = None,
) -> None:
    """Train and measure taggers in all combinations of tasks, decoders and encoders, with several seeds.

    Runs that are there are not trained again: an interrupted matrix goes on, and another split is only measured.

    Example: `metier train matrix configs/tagger-matrix.toml --data skillspan --results results/tagger-matrix.json`
    """
    need_torch()
    import sys

    from metier.cli.terminal import console
    from metier.data.skillspan import find_split
    from metier.evaluation.record import make_record, write_record
    from metier.training.config import read_config
    from metier.training.matrix import MatrixConfig, run_matrix

    settings = read_config(config, MatrixConfig)
    with training_progress() as progress:
        figures = run_matrix(settings, data=data, split=split, output=output, jobs=jobs, progress=progress)
    console().print(_matrix_table(figures))
    if results:
        command = " ".join(["metier", *sys.argv[1:]])
        record = make_record(find_split(data, split), command=command, model=config.name, seed=settings.seeds[0])
        write_record(results, figures, record)
        typer.echo(f"Wrote {results}.", err=True)


@app.command("average")
def average(
    members: Annotated[list[Path], typer.Argument(help="Weights folders of taggers that began from the same encoder.")],
    data: Data,
    output: Output = Path("runs/average"),
) -> None:
    """Average the weights of taggers that began from the same encoder, and calibrate the result on dev.

    They may differ in seed, in recipe and in further data sets. The result is as fast as one of them.

    Example: `metier train average runs/tagger-1 runs/tagger-2 runs/tagger-3 --data skillspan -o runs/tagger-en`
    """
    need_torch()
    from metier.training.tagger_folder import average_taggers

    average_taggers(members, data=data, output=output)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("committee")
def committee(
    members: Annotated[list[Path], typer.Argument(help="Exported taggers; of any kind and beginning.")],
    data: Data,
    output: Output = Path("runs/committee"),
) -> None:
    """Join exported taggers to one that the mean of their scores decides, tuned and calibrated on dev.

    It finds more than any of them, and takes as long as all of them together. The folder can be used as it is; the name
    of the data's folder chooses the heads of members that were trained on several data sets.

    Example: `metier train committee runs/green-a-int8 runs/green-b-int8 --data data/green -o runs/committee-green`
    """
    need_torch()
    from metier.training.tagger_folder import join_taggers

    join_taggers(members, data=data, output=output)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("language-model")
def language_model(
    config: Config,
    text: Annotated[list[Path], typer.Option("--text", help="Postings: files or folders, as for `metier annotate`.")],
    esco: Annotated[Path | None, typer.Option(help="An ESCO release folder, for relation prediction.")] = None,
    output: Output = Path("runs/language-model"),
) -> None:
    """Go on training a masked language model on job text, and on relations in ESCO if the configuration asks.

    What it writes is an encoder for the other trainings: `encoder = "runs/language-model/weights"`. On several
    GPUs: `accelerate launch $(which metier) train language-model ...`.

    Example: `metier train language-model configs/language-model-en.toml --text postings/ --esco esco`
    """
    need_torch()
    from metier.taxonomy.esco import read_esco
    from metier.training.config import read_config
    from metier.training.language_model import LanguageModelConfig, train_language_model

    settings = read_config(config, LanguageModelConfig)
    if settings.relations and esco is None:
        raise ConfigError(f"{config} asks for relations; give the release they come from with --esco FOLDER.")
    taxonomies = [read_esco(esco, language=language) for language in settings.relation_languages] if esco else []
    with training_progress() as progress:
        train_language_model(
            settings,
            texts=text,
            taxonomies=taxonomies if settings.relations else (),
            output=output,
            progress=progress,
        )
    typer.echo(f"Wrote {output}.", err=True)


def _matrix_table(figures: dict[str, Any]) -> "Table":
    from rich.table import Table

    table = Table(title=f"strict span F1 on {figures['split']}, mean ± deviation over {len(figures['seeds'])} seeds")
    columns = ("skill", "knowledge", "pooled")
    for name in ("encoder, tasks, decoder", *columns):
        table.add_column(name, justify="right" if name in columns else "left")
    for cell in figures["cells"]:
        table.add_row(cell["name"], *(_spread(cell[column]) for column in columns))
    for encoder, gain in figures["gains"].items():
        table.add_row(f"{encoder}, gain", *(_spread(gain[column]) for column in columns))
    return table


def _spread(value: dict[str, Any]) -> str:
    deviation = "" if value["deviation"] is None else f" ± {100 * value['deviation']:.1f}"
    return f"{100 * value['mean']:.1f}{deviation}"
