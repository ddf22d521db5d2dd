"""`metier train`: make a model from a configuration and data."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from rich.table import Table

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

    With `data_sets` in the configuration, --data is the folder that holds the folders of the sets.

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
    _need_torch()
    import sys

    from metier.cli.terminal import console
    from metier.data.skillspan import find_split
    from metier.evaluation.record import make_record, write_record
    from metier.training.config import read_config
    from metier.training.matrix import MatrixConfig, run_matrix

    settings = read_config(config, MatrixConfig)
    with _progress() as progress:
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
    _need_torch()
    from metier.training.tagger_folder import average_taggers

    average_taggers(members, data=data, output=output)
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
    _need_torch()
    from metier.taxonomy.esco import read_esco
    from metier.training.config import read_config
    from metier.training.language_model import LanguageModelConfig, train_language_model

    settings = read_config(config, LanguageModelConfig)
    if settings.relations and esco is None:
        raise ConfigError(f"{config} asks for relations; give the release they come from with --esco FOLDER.")
    taxonomies = [read_esco(esco, language=language) for language in settings.relation_languages] if esco else []
    with _progress() as progress:
        train_language_model(
            settings,
            texts=text,
            taxonomies=taxonomies if settings.relations else (),
            output=output,
            progress=progress,
        )
    typer.echo(f"Wrote {output}.", err=True)


@app.command("distil")
def distil(
    config: Config,
    text: Annotated[list[Path], typer.Option("--text", help="Postings: files or folders, as for `metier annotate`.")],
    esco: Annotated[Path, typer.Option(help="An ESCO release folder, with descriptions.")],
    output: Output = Path("runs/encoder"),
) -> None:
    """Train a shallower, faster encoder to give the vectors of a deeper one; it needs no labels.

    What it writes is an encoder for the other trainings: `encoder = "runs/encoder/weights"`.

    Example: `metier train distil configs/linker-en-shallow.toml --text postings/ --esco esco`
    """
    _need_torch()
    from metier.taxonomy.esco import read_esco
    from metier.training.config import read_config
    from metier.training.distillation import DistillationConfig, distil_encoder

    settings = read_config(config, DistillationConfig)
    taxonomy = read_esco(esco)
    with _progress() as progress:
        distil_encoder(settings, texts=text, taxonomy=taxonomy, output=output, progress=progress)
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
    _need_torch()
    from metier.training.config import read_config
    from metier.training.titles import TitlesConfig, train_titles

    settings = read_config(config, TitlesConfig)
    with _progress() as progress:
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
    _need_torch()
    from metier.training.config import read_config
    from metier.training.title_sequence import TitleSequenceConfig, train_title_sequence

    settings = read_config(config, TitleSequenceConfig)
    with _progress() as progress:
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
    _need_torch()
    from metier.training.config import read_config
    from metier.training.title_bi_encoder import TitleBiEncoderConfig, train_title_bi_encoder

    settings = read_config(config, TitleBiEncoderConfig)
    with _progress() as progress:
        train_title_bi_encoder(settings, data=data, esco=esco, output=output, progress=progress)
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
