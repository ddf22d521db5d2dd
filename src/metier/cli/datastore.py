"""`metier datastore build | tune | add | remove | info`."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.terminal import note, on_terminal, progress
from metier.errors import ConfigError, InputError

if TYPE_CHECKING:
    from metier.data.skillspan import TaggedSentence
    from metier.tagging.datastore import Datastore
    from metier.tagging.datastore_tuning import Tuning
    from metier.tagging.nearest import NearestTagger

_AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]
_Folder = Annotated[Path, typer.Argument(help="The folder of the datastore.")]
_Model = Annotated[
    str | None, typer.Option(help="The tagger that the datastore was built for; by default it is found by its name.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(
        help="Let training words and your own corrections vote with a tagger; nothing is trained.", no_args_is_help=True
    )
    for command in (build, tune, add, remove, info):
        commands.command()(command)
    app.add_typer(commands, name="datastore")


def build(
    model: Annotated[str, typer.Argument(help="A shipped tagger, or a folder.")] = "tagger-en",
    data: Annotated[
        list[Path] | None,
        typer.Option(help="A tagged file, or a folder with `train`; repeat it. None: corrections only."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write.")] = Path("datastore"),
    without: Annotated[list[str] | None, typer.Option(help="Leave out the data set of this name; repeat it.")] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="One layer without types: skill wins, else knowledge.")
    ] = False,
    threads: Annotated[int, typer.Option(help="Processors to use.", min=1)] = 2,
) -> None:
    """Build a datastore: the vector and the tags of every word of the training sets.

    For example:

    `metier datastore build tagger-en --data skillspan/ -o my-store`

    `metier datastore build tagger-en --data skillspan/ --data green/ --data sayfullina/ --without green -o two-sets`
    """
    from metier.data.skillspan import find_split, merged_layers
    from metier.data.tagged_sets import read_tagged
    from metier.tagging.datastore_build import build_datastore
    from metier.tagging.tagger import NeuralTagger

    paths = _named(data or [], without or [])
    sets = {name: read_tagged(find_split(path, "train")) for name, path in paths.items()}
    if merge:
        sets = {name: [merged_layers(sentence) for sentence in sentences] for name, sentences in sets.items()}
    tagger = NeuralTagger.load(model, threads=threads)
    with progress("sentences", shown=True) as advance:
        store = build_datastore(tagger, sets, threads=threads, on_sentence=advance)
    store.save(output)
    note(f"{output}: {store.n_keys:,} words of {sum(store.sets.values()):,} sentences, for {store.tagger}")


def tune(
    folder: _Folder,
    data: Annotated[Path, typer.Option(help="A tagged file that is not in the datastore, or a folder with the split.")],
    split: Annotated[str, typer.Option(help="Which file of the folder.")] = "dev",
    model: _Model = None,
    merge: Annotated[bool, typer.Option("--merge", help="Of a datastore that was built so.")] = False,
    threads: Annotated[int, typer.Option(help="Processors to use.", min=1)] = 2,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the figures to this file, with what made them.")
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Find out how the neighbours should vote (k, T and lambda by the F1 on held-out sentences), and keep it.

    For example:

    `metier datastore tune my-store --data skillspan/`
    """
    from metier.data.skillspan import find_split, merged_layers
    from metier.data.tagged_sets import read_tagged
    from metier.tagging.datastore_tuning import tune_datastore

    path = find_split(data, split)
    dev = [merged_layers(sentence) if merge else sentence for sentence in read_tagged(path)]
    nearest = load_nearest(folder, model=model, threads=threads)
    with progress("settings", shown=True) as advance:
        tuning = tune_datastore(nearest.tagger, nearest.datastore, dev, on_setting=advance)
    nearest.datastore.vote = tuning.best.vote
    nearest.datastore.save(folder)
    figures = _tuning_figures(tuning)
    if output is not None:
        _write(output, figures, data=path, model=nearest.version)
    if as_json or not on_terminal():
        print(json.dumps(figures))
    else:
        _show(["", "k", "T", "lambda", "F1"], rows=_tuning_rows(tuning))


def add(
    folder: _Folder,
    text: Annotated[str | None, typer.Option(help="The text, just as the tagger reads it.")] = None,
    span: Annotated[
        list[str] | None,
        typer.Option(help="START:END:KIND of one of all its skill and knowledge spans, in characters; repeat it."),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="A tagged file instead: corrections.jsonl of a store.")] = None,
    model: _Model = None,
) -> None:
    """Correct a sentence: the next call gives the spans that you name, and no others.

    Prints the number of each entry, one per sentence; `remove` takes it.

    For example:

    `metier datastore add my-store --text "You know Rust well." --span 9:13:knowledge`

    `metier datastore add my-store --text "Find us in Java, Indonesia."`
    """
    if (text is None) == (data is None) or (data is not None and span):
        raise ConfigError("Give either --text with its --span options, or --data.")
    sentences = _read(data) if data is not None else _corrected(text or "", span or [])
    nearest = load_nearest(folder, model=model, threads=1)
    entries = [nearest.add(sentence) for sentence in sentences]
    nearest.datastore.save(folder)
    for entry in entries:
        print(entry)


def remove(
    folder: _Folder,
    entry: Annotated[int, typer.Argument(help="The number of the entry.")],
) -> None:
    """Take out an entry: a correction, or a sentence of a data set.

    For example:

    `metier datastore remove my-store 4800`
    """
    from metier.tagging.datastore import Datastore

    store = Datastore.load(folder)
    store.remove(entry)
    store.save(folder)
    note(f"removed entry {entry} of {store.set_of(entry)}")


def info(folder: _Folder, as_json: _AsJson = False) -> None:
    """Show what a datastore holds, and the corrections with their numbers.

    For example:

    `metier datastore info my-store`
    """
    from metier.tagging.datastore import Datastore

    facts = _facts(Datastore.load(folder))
    if as_json or not on_terminal():
        print(json.dumps(facts, ensure_ascii=False))
        return
    corrections = facts.pop("corrections")
    _show(["", ""], rows=[[key, str(value)] for key, value in facts.items()])
    if corrections:
        rows = [[str(row["entry"]), row["text"], ", ".join(row["spans"])] for row in corrections]
        _show(["entry", "correction", "spans"], rows=rows)


def load_nearest(folder: Path, *, model: str | None, threads: int) -> "NearestTagger":
    """Load a datastore and its tagger; a seam for tests."""
    from metier.tagging.datastore import Datastore
    from metier.tagging.nearest import NearestTagger
    from metier.tagging.tagger import NeuralTagger

    store = Datastore.load(folder, threads=threads)
    name = model or store.tagger.rpartition("@")[0]
    return NearestTagger(NeuralTagger.load(name, threads=threads), store)


def _named(paths: Sequence[Path], without: Sequence[str]) -> dict[str, Path]:
    """Name each data set after its folder or file."""
    named: dict[str, Path] = {}
    for path in paths:
        name = path.resolve().name if path.is_dir() else path.name.partition(".")[0]
        if name in named:
            raise ConfigError(f"Two data sets are called '{name}': {named[name]} and {path}; rename one.")
        named[name] = path
    unknown = [name for name in without if name not in named]
    if unknown:
        raise ConfigError(f"There is no data set '{unknown[0]}' to leave out, only {', '.join(named) or 'none'}.")
    return {name: path for name, path in named.items() if name not in without}


def _read(data: Path) -> list["TaggedSentence"]:
    from metier.data.tagged_sets import read_tagged

    return read_tagged(data)


def _corrected(text: str, spans: Sequence[str]) -> list["TaggedSentence"]:
    """Cut a text with its spans into sentences with tags."""
    from metier.data.span_tags import to_tagged
    from metier.data.spanned_text import SpannedText, checked, cut_sentences, with_words

    row = SpannedText(text, None, tuple(map(_span, spans)), origin="The text")
    sentences = [to_tagged(with_words(part)) for part in cut_sentences(checked(row))]
    if not sentences:
        raise InputError("The text has no words; give a sentence as it stands in the posting.")
    return sentences


def _span(given: str) -> Any:  # noqa: ANN401  # a LabelledSpan, imported where it is used
    from metier.data.spanned_text import LABELS, LabelledSpan

    start, _, rest = given.partition(":")
    end, _, kind = rest.partition(":")
    if not (start.isdecimal() and end.isdecimal() and kind.capitalize() in LABELS):
        raise ConfigError(f"Got --span {given}; expected START:END:KIND, such as 9:13:knowledge or 0:17:skill.")
    return LabelledSpan(int(start), int(end), kind.capitalize())


def _tuning_figures(tuning: "Tuning") -> dict[str, Any]:
    best_by_weight: dict[float, float] = {}
    for trial in tuning.trials:
        best_by_weight[trial.vote.weight] = max(best_by_weight.get(trial.vote.weight, 0.0), trial.f1)
    return {
        "f1_tagger": tuning.alone,
        "f1_datastore": tuning.best.f1,
        **asdict(tuning.best.vote),
        "n_trials": len(tuning.trials),
        "best_f1_by_weight": {f"{weight:.2f}": f1 for weight, f1 in sorted(best_by_weight.items())},
    }


def _tuning_rows(tuning: "Tuning") -> list[list[str]]:
    vote = tuning.best.vote
    best = [str(vote.n_neighbours), f"{vote.temperature:g}", f"{vote.weight:g}"] if vote.weight else ["", "", "0"]
    return [
        ["tagger", "", "", "", f"{100 * tuning.alone:.1f}"],
        ["with the datastore", *best, f"{100 * tuning.best.f1:.1f}"],
    ]


def _write(output: Path, figures: dict[str, Any], *, data: Path, model: str) -> None:
    from metier.evaluation.record import make_record, write_record

    write_record(output, figures, make_record(data, command=" ".join(["metier", *sys.argv[1:]]), model=model, seed=0))
    note(f"wrote {output}")


def _facts(store: "Datastore") -> dict[str, Any]:
    return {
        "version": store.version,
        "tagger": store.tagger,
        "words": store.n_keys,
        **{f"sentences of {name}": n for name, n in store.sets.items()},
        "removed": len(store.removed),
        **asdict(store.vote),
        "corrections": [
            {"entry": entry, "text": " ".join(held.sentence.words), "spans": _spans(held.sentence)}
            for entry, held in store.corrections.by_entry.items()
        ],
    }


def _spans(sentence: "TaggedSentence") -> list[str]:
    from metier.tagging.datastore import tags_of
    from metier.tagging.layers import LAYERS, spans_of, tags_to_ids

    return [
        f"{' '.join(sentence.words[start:end])} ({kind})"
        for kind in LAYERS
        for start, end in spans_of(tags_to_ids(tags_of(sentence, kind) or ()))
    ]


def _show(columns: Sequence[str], *, rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from metier.cli.terminal import console

    table = Table(*columns, show_header=any(columns), box=None)
    for row in rows:
        table.add_row(*map(Text, row))
    console().print(table)
