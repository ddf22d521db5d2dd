"""`metier weak label | evaluate | groups`."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli import groups
from metier.cli.terminal import note, on_terminal, progress
from metier.errors import ConfigError, InputError

if TYPE_CHECKING:
    from metier.data.skillspan import TaggedSentence
    from metier.domain import Posting
    from metier.pipelines.weak import WeakMethods
    from metier.protocols import Tagger

_LABEL_NOTES = """
Examples:

`metier weak label postings.jsonl -o weak/train.jsonl`

`metier weak label postings/ -o weak/train.jsonl.gz --dev weak/dev.jsonl.gz --balanced --limit 20000`
"""
_EVALUATE_NOTES = """
Examples:

`metier weak evaluate --data skillspan --method exact --method rules-tuned`

`metier weak evaluate --data skillspan --split dev --corpus postings/ --json -o results/weak-supervision.json`
"""
_TUNING_SENTENCES = 500  # of the train split, where thresholds may be tuned
_Method = "One of exact, lemma, parts-of-speech, iso-…, aoc-…, wse-…, rules, rules-demand, rules-tuned."
_Encoder = Annotated[
    str,
    typer.Option(help="What compares: a shipped tagger or linker, a folder, sentence-transformers/all-MiniLM-L6-v2."),
]
_Taxonomy = Annotated[str, typer.Option(help="Whose skills to look for: a shipped taxonomy, or a folder.")]
_Corpus = Annotated[
    list[str] | None,
    typer.Option(help="Postings to look labels up in, for aoc-… and wse-…; repeat it for more."),
]
_CorpusLimit = Annotated[int, typer.Option(min=1, help="Sentences to read of these postings.")]
_Threads = Annotated[int, typer.Option(min=1, help="Processors to use.")]
_NoProgress = Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(help="Find spans without labelled sentences (extra `weak`).", no_args_is_help=True)
    commands.command(epilog=_LABEL_NOTES)(label)
    commands.command(epilog=_EVALUATE_NOTES)(evaluate)
    commands.command("groups", epilog=groups.WEAK_NOTES)(groups.weak_groups)
    app.add_typer(commands, name="weak")


def label(
    paths: Annotated[list[str], typer.Argument(help="Postings: files, folders, or `-` for standard input.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write, in the format of SkillSpan.")],
    dev: Annotated[Path | None, typer.Option(help="Write the sentences of every tenth posting here instead.")] = None,
    method: Annotated[str, typer.Option(help=_Method)] = "rules-tuned",
    above: Annotated[float, typer.Option(help="Threshold of the methods that compare cosines.")] = 0.8,
    balanced: Annotated[
        bool, typer.Option("--balanced", help="No more sentences without spans than with spans.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many sentences.")] = None,
    language: Annotated[str, typer.Option(help="Pass over postings in another language.")] = "en",
    encoder: _Encoder = "linker",
    taxonomy: _Taxonomy = "esco",
    corpus: _Corpus = None,
    corpus_limit: _CorpusLimit = 20_000,
    threads: _Threads = 2,
    no_progress: _NoProgress = False,
) -> None:
    """Label the sentences of unlabelled postings, for `metier train tagger` to learn from.

    A file that ends in .gz is packed. Rows that cannot be read are left out and counted; the exit code is then 1.
    """
    from metier.pipelines.weak import label_postings

    methods = load_methods(encoder, taxonomy=taxonomy, corpus=corpus or (), corpus_limit=corpus_limit, threads=threads)
    finder = methods.finder(method, above=above)
    rows = _Rows(paths)
    with progress("sentences", shown=not no_progress) as advance:
        labelled = label_postings(rows.postings(), finder, balanced=balanced, language=language)
        sentences = list(_taken(labelled, limit=limit, advance=advance))
    if not sentences:
        raise InputError(f"{', '.join(paths)} gave no sentence; give postings in the language '{language}'.")
    _write_split(sentences, output, dev)
    if rows.n_bad:
        note(f"error: {rows.n_bad} rows could not be read, and were left out.")
        raise typer.Exit(1)


def evaluate(
    data: Annotated[Path, typer.Option(help="A file of tagged sentences, or a folder with a file per split.")],
    split: Annotated[str, typer.Option(help="Which file of the folder.")] = "dev",
    method: Annotated[list[str] | None, typer.Option(help=f"{_Method} Repeat it; by default all.")] = None,
    tagger: Annotated[
        list[str] | None, typer.Option(help="Also measure this trained tagger in the same way; repeat it for more.")
    ] = None,
    encoder: _Encoder = "linker",
    taxonomy: _Taxonomy = "esco",
    corpus: _Corpus = None,
    corpus_limit: _CorpusLimit = 20_000,
    limit: Annotated[int | None, typer.Option(min=1, help="Sentences to measure on; by default all.")] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the figures to this file, with what made them.")
    ] = None,
    threads: _Threads = 2,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")] = False,
    no_progress: _NoProgress = False,
) -> None:
    """Compare the methods: strict and loose F1 over spans, skill and knowledge merged.

    Methods that compare cosines are measured at eleven thresholds; the best on this data is shown, as in the paper,
    and beside it the threshold that is best on 500 sentences of the train split, where the folder has one.
    """
    from metier.data.skillspan import find_split, read_skillspan

    path = find_split(data, split)
    sentences = read_skillspan(path)[:limit]
    if not sentences:
        raise InputError(f"{path} is empty; expected a tagged sentence per line.")
    names = _chosen_methods(method, with_corpus=bool(corpus), with_tagger=bool(tagger))
    methods = load_methods(encoder, taxonomy=taxonomy, corpus=corpus or (), corpus_limit=corpus_limit, threads=threads)
    tuning = _tuning_sentences(data)
    figures: dict[str, Any] = {}
    with progress("methods", shown=not no_progress) as advance:
        for name, model in _models(names, methods, tagger or ()):
            figures[name] = _measure(model, sentences, tuning=tuning if name in names else [], name=name, seed=seed)
            advance()
    result = {"encoder": encoder, "split": split, "n_sentences": len(sentences), "methods": figures}
    if output is not None:
        _write_figures(output, result, data=path, model=encoder, seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(result, ensure_ascii=False))
    else:
        _show(figures, title=f"{path.name}, {encoder}")


def load_methods(
    encoder: str, *, taxonomy: str, corpus: Sequence[str], corpus_limit: int, threads: int
) -> "WeakMethods":
    """Load what the methods are built from; a seam for tests."""
    from metier.pipelines.weak import WeakMethods, corpus_sentences, load_encoder
    from metier.taxonomy.taxonomy import Taxonomy

    return WeakMethods(
        taxonomy=Taxonomy.load(taxonomy),
        encoder=load_encoder(encoder, threads=threads),
        corpus=corpus_sentences(_Rows(corpus).postings(), limit=corpus_limit) if corpus else [],
    )


class _Rows:
    """Postings as they are read, and how many rows gave none."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self.n_bad = 0

    def postings(self) -> "Iterator[Posting]":
        from metier.data.postings import read_postings
        from metier.domain import Posting

        for row in read_postings(self._paths):
            if isinstance(row, Posting):
                yield row
            else:
                self.n_bad += 1


def _taken(
    labelled: "Iterable[TaggedSentence]", *, limit: int | None, advance: Callable[[], None]
) -> "Iterator[TaggedSentence]":
    for number, sentence in enumerate(labelled, start=1):
        yield sentence
        advance()
        if number == limit:
            return


def _write_split(sentences: "Sequence[TaggedSentence]", output: Path, dev: Path | None) -> None:
    from metier.pipelines.weak import every_tenth_posting, write_labelled

    held_out = every_tenth_posting(sentences) if dev is not None else frozenset()
    _write(output, [one for one in sentences if one.posting not in held_out], write_labelled)
    if dev is not None:
        _write(dev, [one for one in sentences if one.posting in held_out], write_labelled)


def _write(path: Path, sentences: "Sequence[TaggedSentence]", write: Callable[[Path, Any], None]) -> None:
    write(path, sentences)
    n_with = sum("B" in (*(one.skill or ()), *(one.knowledge or ())) for one in sentences)
    note(f"{path}: {len(sentences):,} sentences, {n_with:,} of them with spans")


def _chosen_methods(given: Sequence[str] | None, *, with_corpus: bool, with_tagger: bool) -> list[str]:
    """The methods to measure: those given; else all that can run, unless only taggers were asked for."""
    from metier.pipelines.weak import METHODS, NGRAM_METHODS

    unknown = [name for name in given or () if name not in METHODS]
    if unknown:
        raise ConfigError(f"There is no method '{unknown[0]}'; expected one of {', '.join(METHODS)}.")
    needy = {name for name, one in NGRAM_METHODS.items() if one.skills != "iso"} if not with_corpus else set()
    if given and needy.intersection(given):
        raise ConfigError(f"{sorted(needy.intersection(given))[0]} looks labels up in a corpus; give --corpus.")
    if given or with_tagger:
        return list(given or ())
    return [name for name in METHODS if name not in needy]


def _models(names: Sequence[str], methods: "WeakMethods", taggers: Sequence[str]) -> "Iterator[tuple[str, Tagger]]":
    for name in names:
        yield name, methods.tagger(name)
    for name in taggers:
        yield name, load_tagger(name)


def load_tagger(name: str) -> "Tagger":
    """Load a trained tagger; a seam for tests."""
    from metier.tagging.tagger import NeuralTagger

    return NeuralTagger.load(name)


def _tuning_sentences(data: Path) -> "list[TaggedSentence]":
    from metier.data.skillspan import find_split, read_skillspan

    try:
        return read_skillspan(find_split(data, "train"))[:_TUNING_SENTENCES] if data.is_dir() else []
    except InputError:
        return []


def _measure(
    model: "Tagger", sentences: "Sequence[TaggedSentence]", *, tuning: "Sequence[TaggedSentence]", name: str, seed: int
) -> dict[str, Any]:
    from metier.evaluation.weak import THRESHOLDS, measure_method
    from metier.pipelines.weak import NGRAM_METHODS

    thresholds = THRESHOLDS if name in NGRAM_METHODS else (None,)
    return measure_method(model, sentences, tuning=tuning, thresholds=thresholds, seed=seed).to_dict()


def _write_figures(output: Path, result: Mapping[str, Any], *, data: Path, model: str, seed: int) -> None:
    from metier.evaluation.record import make_record, write_record

    command = " ".join(["metier", *sys.argv[1:]])
    write_record(output, result, make_record(data, command=command, model=model, seed=seed))
    note(f"wrote {output}")


def _show(figures: Mapping[str, Any], *, title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    table.add_column("method", no_wrap=True)
    for column in ("above", "precision", "recall", "strict F1", "loose F1", "loose (legacy)", "threshold of train"):
        table.add_column(column, justify="right")
    for name, one in figures.items():
        best, tuned = one["best"], one["tuned"]
        shares = [best["strict"]["precision"], best["strict"]["recall"], best["strict"]["f1"]]
        shares += [best["loose"]["f1"], best["loose_legacy"]["f1"]]
        other = f"{_percent(tuned['strict']['f1'])} / {_percent(tuned['loose']['f1'])}" if tuned else ""
        above = "" if best["above"] is None else f"{best['above']:.1f}"
        table.add_row(name, above, *map(_percent, shares), other)
    Console().print(table)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
