"""`metier evaluate occupations`."""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from metier.cli.evaluate_titles import AsJson, Output, Seed, Threads
from metier.cli.terminal import console, note, on_terminal
from metier.errors import ConfigError


def occupations(
    titles: Annotated[Path | None, typer.Option(help="CSV with vacancyTitle and conceptUri.")] = None,
    melo: Annotated[Path | None, typer.Option(help="A folder of MELO data sets.")] = None,
    similarity: Annotated[Path | None, typer.Option(help="A folder of titles that people judged to be alike.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Of the folders only this set, such as usa_q_en_c_en or en; repeat it.")
    ] = None,
    system: Annotated[
        list[str] | None, typer.Option(help="For the folders, one more encoder: NAME=KIND:FOLDER; repeat it.")
    ] = None,
    model: Annotated[str, typer.Option(help="A shipped linker, or a folder.")] = "linker",
    taxonomy: Annotated[str, typer.Option(help="The taxonomy of the occupations.")] = "esco",
    threads: Threads = 2,
    seed: Seed = 0,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Measure how titles are linked to occupations, and found among labels and titles, beside character TF-IDF.

    For example:

    `metier evaluate occupations --titles titles.csv`

    `metier evaluate occupations --melo melo/ --similarity job_title_similarity/ --json -o results/occupations.json`
    """
    from metier.data.files_out import check_writable
    from metier.pipelines import occupation_evaluation as measure
    from metier.pipelines.build import build_occupations
    from metier.pipelines.title_systems import parse_system

    if not (titles or melo or similarity):
        raise ConfigError("Nothing to measure on was given; give --titles, --melo or --similarity.")
    others = [parse_system(text) for text in system or ()]
    if output is not None:
        check_writable(output)
    parts = build_occupations(linker=model, taxonomy=taxonomy, threads=threads)
    figures: dict[str, Any] = {}
    if titles:
        figures[titles.name] = measure.evaluate_jobbert(parts.linker, titles, taxonomy=parts.taxonomy, seed=seed)
    systems = measure.title_systems(parts.linker, others, threads=threads)
    for folder, evaluate in ((melo, measure.evaluate_melo), (similarity, measure.evaluate_similarity)):
        for name in measure.set_names(folder) if folder else ():
            if folder and (not only or name in only):
                figures[name] = evaluate(systems, folder, name=name, seed=seed)
                note(f"measured {name}")
    versions = [parts.linker.version, *(system or ())]
    _write(output, figures, versions, [path for path in (titles, melo, similarity) if path], seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)


def _write(
    output: Path | None, figures: Mapping[str, Any], models: Sequence[str], paths: Sequence[Path], *, seed: int
) -> None:
    if output is None:
        return
    from metier.evaluation.record import Record, source_commit, write_record
    from metier.pipelines.occupation_evaluation import files_sha256

    record = Record(
        command=" ".join(["metier", *sys.argv[1:]]),
        model="; ".join(models),
        data=", ".join(path.name for path in paths),
        data_sha256=files_sha256(paths),
        seed=seed,
        metier=version("metier"),
        commit=source_commit(),
    )
    write_record(output, figures, record)
    note(f"wrote {output}")


def _show(figures: Mapping[str, Any]) -> None:
    from rich.table import Table

    for name, found in figures.items():
        measures = list(next(iter(found["systems"].values()))["intervals"])
        table = Table("system", "titles", *(text for measure in measures for text in (measure, "95 %")), title=name)
        for system, view in found["systems"].items():
            cells = [text for measure in measures for text in _with_range(view, measure)]
            table.add_row(system, f"{view['n']:,}", *cells)
        console().print(table)


def _with_range(view: Mapping[str, Any], measure: str) -> tuple[str, str]:
    low, high = view["intervals"][measure]
    return f"{100 * view[measure]:.1f}", f"{100 * low:.1f} to {100 * high:.1f}"
