"""`metier weak groups` and `metier evaluate groups`."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from metier.cli.terminal import console, json_lines, note, on_terminal, plain, progress
from metier.errors import ConfigError, InputError

if TYPE_CHECKING:
    from metier.data.text_lists import ListRow
    from metier.domain import MentionKind
    from metier.taxonomy.concept_search import ConceptSearch

WEAK_NOTES: Final = """
Examples:

`metier weak groups spans.csv --column span --kind-column kind -o groups.csv`

`metier weak groups spans.txt --language da --web`
"""
EVALUATE_NOTES: Final = """
Examples:

`metier evaluate groups --data kompetencer --model runs/groups --split dev`

`metier evaluate groups --data kompetencer --model runs/groups --cross-validate --json -o results/groups-da.json`
"""
_COLUMNS: Final = {name: "VARCHAR" for name in ("span", "kind", "code", "concept", "uri")}
_Threads = Annotated[int, typer.Option(min=1, help="Processors to use.")]
_AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]
_NoProgress = Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")]
_Skillspan = Annotated[
    Path | None, typer.Option(help="The folder of SkillSpan, for the sentences of English spans, if it looks at them.")
]


def weak_groups(
    path: Annotated[str, typer.Argument(metavar="FILE", help="A table, a text with a span per line, or `-`.")],
    column: Annotated[str | None, typer.Option(help="The column of the table that holds the spans.")] = None,
    kind_column: Annotated[
        str | None, typer.Option(help="The column that says `skill` or `knowledge`; else both kinds will do.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the spans, such as en or da.")] = "en",
    taxonomy: Annotated[str, typer.Option(help="Where to search: a shipped taxonomy, or a folder.")] = "esco",
    web: Annotated[bool, typer.Option("--web", help="Ask ESCO's web service instead; answers are kept.")] = False,
    esco_version: Annotated[str, typer.Option(help="Of the web service.")] = "v1.0.9",
    cache: Annotated[Path | None, typer.Option(help="The folder that keeps the service's answers.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file: .jsonl, .csv or .parquet.")
    ] = None,
    as_json: _AsJson = False,
    no_progress: _NoProgress = False,
) -> None:
    """Label spans with ESCO groups by what a search finds for them (Zhang, Jensen and Plank, 2022).

    A span that nothing is found for has the group K99 and no concept. If the web service gives no answer, nothing is
    written; what it answered is kept, and the same command goes on from there.
    """
    from metier.data.text_lists import open_list
    from metier.linking.distant_labels import distant_label

    search = load_search(taxonomy, web=web, version=esco_version, cache=cache)
    with (
        open_list(path, column=column) as rows,
        _writer(output, as_json=as_json) as write,
        progress("spans", shown=not no_progress) as advance,
    ):
        for row in _readable(rows.rows):
            kind = _kind_of(row, kind_column)
            label = distant_label(row.text, kind=kind, search=search, language=language)
            concept = label.concept
            cells = (row.text, kind, label.code, concept.title if concept else None, concept.uri if concept else None)
            write(dict(zip(_COLUMNS, cells, strict=True)))
            advance()


def evaluate_groups(
    data: Annotated[Path, typer.Option(help="The folder of Kompetencer.")],
    model: Annotated[Path, typer.Option(help="The folder that `metier train groups` wrote.")] = Path("runs/groups"),
    split: Annotated[str, typer.Option(help="train, dev or test; of English, or of --language.")] = "dev",
    language: Annotated[str, typer.Option(help="en or da.")] = "en",
    cross_validate: Annotated[
        bool, typer.Option("--cross-validate", help="Danish train in five folds: zero-shot, few-shot, alone.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="How often the folds are dealt.")] = 5,
    skillspan: _Skillspan = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    threads: _Threads = 2,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the figures to this file, with what made them.")
    ] = None,
    as_json: _AsJson = False,
    no_progress: _NoProgress = False,
) -> None:
    """Measure a group classifier: F1 weighted by class and not, accuracy, 95 % intervals, beside the majority class."""
    from metier.data.kompetencer import group_file
    from metier.evaluation.groups import evaluate_groups as measure
    from metier.linking.groups import GroupClassifier
    from metier.pipelines.group_evaluation import guesses_of_split

    loaded = GroupClassifier.load(model, threads=threads)
    with progress("folds", shown=not no_progress and cross_validate) as advance:
        if cross_validate:
            from metier.training.group_folds import cross_validate_danish

            language, split = "da", "train"
            gold, guesses = cross_validate_danish(loaded, folder=model, data=data, n_seeds=seeds, advance=advance)
        else:
            gold, guesses = guesses_of_split(loaded, data=data, language=language, split=split, skillspan=skillspan)
    systems = {name: measure(gold, *repeats, seed=seed).to_dict() for name, repeats in guesses.items()}
    figures = {"language": language, "split": split, "cross_validated": cross_validate, "systems": systems}
    if output is not None:
        _write_record(output, figures, group_file(data, language=language, split=split), loaded.version, seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)


def load_search(taxonomy: str, *, web: bool, version: str, cache: Path | None) -> "ConceptSearch":
    """Load what is searched; a seam for tests."""
    if web:
        from metier.taxonomy.web_api import EscoApi

        return EscoApi(version=version, cache=cache)
    if cache is not None:
        raise ConfigError("--cache is of the web service; give --web too, or leave it out.")
    from metier.linking.label_search import LabelSearch
    from metier.taxonomy.taxonomy import Taxonomy

    return LabelSearch(Taxonomy.load(taxonomy))


def _readable(rows: "Iterator[Any]") -> "Iterator[ListRow]":
    from metier.data.text_lists import ListRow

    for row in rows:
        if not isinstance(row, ListRow):
            raise InputError(f"{row.source}, row {row.row}: {row.reason}")
        if row.text:
            yield row


def _kind_of(row: "ListRow", column: str | None) -> "MentionKind | None":
    if column is None:
        return None
    if column not in row.cells:
        raise InputError(f"There is no column '{column}' among {', '.join(row.cells)}.")
    kind = str(row.cells[column]).strip().casefold()
    if kind == "skill":
        return "skill"
    if kind == "knowledge":
        return "knowledge"
    raise InputError(f"The span '{row.text}' is of the kind {kind!r}; expected skill or knowledge.")


def _writer(output: Path | None, *, as_json: bool) -> AbstractContextManager[Callable[[Mapping[str, Any]], None]]:
    if output is not None:
        from metier.data.tables import open_rows

        return open_rows(output, columns=_COLUMNS)
    return nullcontext(json_lines() if as_json or not on_terminal() else _show_row)


def _show_row(row: Mapping[str, Any]) -> None:
    print(f"{row['code']:<10}{plain(row['span'])}" + (f"  →  {plain(row['concept'])}" if row["concept"] else ""))


def _write_record(output: Path, figures: Mapping[str, Any], path: Path, model: str, *, seed: int) -> None:
    from metier.evaluation.record import make_record, write_record

    command = " ".join(["metier", *sys.argv[1:]])
    write_record(output, figures, make_record(path, command=command, model=model, seed=seed))
    note(f"wrote {output}")


def _show(figures: Mapping[str, Any]) -> None:
    from rich.table import Table

    measures = ("weighted_f1", "macro_f1", "accuracy")
    table = Table("system", "spans", *(text for name in measures for text in (name, "95 %")))
    for name, found in figures["systems"].items():
        ranges = {key: [f"{100 * end:.1f}" for end in found["intervals"][key]] for key in measures}
        cells = [text for key in measures for text in (f"{100 * found[key]:.1f}", " to ".join(ranges[key]))]
        table.add_row(name, f"{found['n']:,}", *cells)
    console().print(table)
    classes = Table("class", "right", "guessed", "F1", title=next(iter(figures["systems"])))
    for code, one in next(iter(figures["systems"].values()))["classes"].items():
        classes.add_row(code, f"{one['n_true']:,}", f"{one['n_guessed']:,}", f"{100 * one['f1']:.1f}")
    console().print(classes)
