"""`metier train distil | multilingual | linker | reranker | generator | groups`."""

from pathlib import Path
from typing import Annotated

import typer

from metier.cli.train_frame import Config, Data, Output, app, need_torch, training_progress


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
    need_torch()
    from metier.taxonomy.esco import read_esco
    from metier.training.config import read_config
    from metier.training.distillation import DistillationConfig, distil_encoder

    settings = read_config(config, DistillationConfig)
    taxonomy = read_esco(esco)
    with training_progress() as progress:
        distil_encoder(settings, texts=text, taxonomy=taxonomy, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("multilingual")
def multilingual(
    config: Config,
    text: Annotated[list[Path], typer.Option("--text", help="Postings in any language: files or folders.")],
    esco: Annotated[Path, typer.Option(help="An ESCO release folder, with descriptions and other languages.")],
    output: Output = Path("runs/encoder-multilingual"),
) -> None:
    """Train an encoder to give texts in many languages the vectors that another gives their translations.

    What it writes is an encoder for the other trainings: `encoder = "runs/encoder-multilingual/weights"`.

    Example: `metier train multilingual configs/encoder-multilingual.toml --text postings/ --esco esco`
    """
    need_torch()
    from metier.taxonomy.esco import read_esco
    from metier.training.config import read_config
    from metier.training.multilingual import MultilingualConfig, train_multilingual

    settings = read_config(config, MultilingualConfig)
    taxonomy = read_esco(esco)
    with training_progress() as progress:
        train_multilingual(settings, release=esco, taxonomy=taxonomy, texts=text, output=output, progress=progress)
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
    need_torch()
    from metier.taxonomy.esco import read_esco
    from metier.training.config import read_config
    from metier.training.linker import LinkerConfig, train_linker

    settings = read_config(config, LinkerConfig)
    taxonomy = read_esco(esco)
    with training_progress() as progress:
        train_linker(settings, taxonomy=taxonomy, data=data, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("reranker")
def reranker(
    config: Config,
    data: Data,
    linker: Annotated[str, typer.Option(help="The first stage: a shipped linker, or a folder.")] = "linker",
    taxonomy: Annotated[str, typer.Option(help="What it links to: a shipped taxonomy, or a folder.")] = "esco",
    output: Output = Path("runs/reranker"),
) -> None:
    """Train a cross-encoder to put a linker's best candidates in a better order.

    An interrupted run goes on when the same command is given again. `metier models export` then makes the form that
    `metier link --reranker` reads.

    Example: `metier train reranker configs/reranker.toml --data data -o runs/reranker`
    """
    need_torch()
    from metier.pipelines.build import build_linking
    from metier.training.config import read_config
    from metier.training.reranker import RerankerConfig, train_reranker

    settings = read_config(config, RerankerConfig)
    parts = build_linking(linker=linker, taxonomy=taxonomy)
    with training_progress() as progress:
        train_reranker(
            settings, linker=parts.linker, skills=parts.taxonomy.skills, data=data, output=output, progress=progress
        )
    typer.echo(f"Wrote {output}.", err=True)


@app.command("generator")
def generator(
    config: Config,
    data: Data,
    esco: Annotated[Path, typer.Option(help="An ESCO release folder, with descriptions.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The model folder to write.")] = Path("runs/generator"),
) -> None:
    """Train a linker that writes the label of a concept, and can write nothing else.

    An interrupted run goes on when the same command is given again. `metier link --model` reads what it writes.

    Example: `metier train generator configs/generator.toml --data data --esco data/esco -o runs/generator`
    """
    need_torch()
    from metier.taxonomy.esco import read_esco
    from metier.training.config import read_config
    from metier.training.generator import GeneratorConfig, train_generator

    settings = read_config(config, GeneratorConfig)
    taxonomy = read_esco(esco)
    with training_progress() as progress:
        train_generator(settings, taxonomy=taxonomy, data=data, output=output, progress=progress)
    typer.echo(f"Wrote {output}.", err=True)


@app.command("groups")
def groups(
    config: Config,
    data: Annotated[Path, typer.Option("--data", help="The folder of Kompetencer.")],
    skillspan: Annotated[
        Path | None, typer.Option(help="The folder of SkillSpan, for the sentences of English spans.")
    ] = None,
    output: Output = Path("runs/groups"),
    threads: Annotated[int, typer.Option(help="Processors that encode.", min=1)] = 2,
) -> None:
    """Train a classifier of spans into ESCO groups, on English spans and on few Danish ones.

    Example: `metier train groups configs/groups.toml --data kompetencer -o runs/groups`
    """
    need_torch()
    from metier.training.config import read_config
    from metier.training.groups import GroupConfig, train_groups

    settings = read_config(config, GroupConfig)
    measures = train_groups(settings, data=data, output=output, skillspan=skillspan, threads=threads)
    typer.echo(f"English dev: weighted F1 {measures['dev']['weighted_f1']:.3f}. Wrote {output}.", err=True)
