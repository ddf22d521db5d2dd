"""`metier title compare`: a sheet on which people judge the neighbours of titles, and what they said."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metier.cli.evaluate_titles import AsJson, Esco, Language, Split, Threads
from metier.cli.terminal import console, note, on_terminal
from metier.errors import ConfigError

if TYPE_CHECKING:
    from metier.evaluation.title_answers import AnswerTally


def compare(
    data: Annotated[Path | None, typer.Option(help="A folder that holds postings/*.jsonl, packed or not.")] = None,
    system: Annotated[
        list[str] | None,
        typer.Option(help="NAME=KIND:FOLDER, given twice. Kinds: job2vec, word-sum (of a job2vec folder), bi-encoder."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The page to write.")] = None,
    answers: Annotated[
        list[Path] | None, typer.Option(help="Count what a sheet gave to download; repeat it for more judges.")
    ] = None,
    esco: Esco = None,
    split: Split = Split.TEST,
    language: Language = None,
    n_titles: Annotated[int, typer.Option("--titles", "-n", min=1, help="Titles to judge.")] = 100,
    seed: Annotated[int, typer.Option(help="Of the titles and the sides.")] = 0,
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Show the nearest titles by two systems side by side, for people to judge; or count what they said.

    The page needs no network. Sides are shuffled, and the page names no system; the answers that it gives to
    download say who stood where.

    For example:

    `metier title compare --data data/ --system joaps=job2vec:runs/titles --system sum=word-sum:runs/titles
    -o sheet.html`

    `metier title compare --answers title-answers-1a2b3c4d.json`
    """
    if answers:
        _show_tally(answers, as_json=as_json)
    elif data is None or output is None:
        raise ConfigError(
            "Give --data, two times --system and -o to make a sheet, or --answers to count what was said."
        )
    else:
        from metier.data.files_out import check_writable
        from metier.evaluation.title_page import write_sheet
        from metier.pipelines.title_evaluation import PairSource, make_title_sheet
        from metier.pipelines.title_systems import parse_system

        check_writable(output)
        sheet = make_title_sheet(
            [parse_system(text) for text in system or ()],
            PairSource(data=data, languages=language or ["en"], esco=esco),
            split=split.value,
            n_titles=n_titles,
            seed=seed,
            threads=threads,
        )
        write_sheet(output, sheet)
        note(f"wrote {output}: {len(sheet.items)} titles, seed {seed}")


def _show_tally(paths: list[Path], *, as_json: bool) -> None:
    from metier.evaluation.title_answers import read_answers, tally_answers

    tally = tally_answers([answer for path in paths for answer in read_answers(path)])
    if as_json or not on_terminal():
        print(json.dumps(tally.to_dict(), ensure_ascii=False))
    else:
        _show(tally)


def _show(tally: "AnswerTally") -> None:
    from rich.table import Table

    table = Table("choice", "titles", "%", box=None)
    counts = {**tally.preferred, "both": tally.both, "none": tally.none}
    for name, n in counts.items():
        table.add_row(name, str(n), f"{100 * n / tally.n_answers:.1f}")
    console().print(table)
    n_decided = sum(tally.preferred.values())
    console().print(
        f"{tally.n_answers} answers; left side {tally.n_left} of {n_decided}; sign test p = {tally.p_value:.3f}"
    )
