"""`metier analyse tagging | compare | cross`."""

import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.analysis_view import show_analysis, show_comparison, show_cross
from metier.cli.evaluate import load_tagger
from metier.cli.terminal import note, on_terminal, progress
from metier.errors import ConfigError, InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from metier.data.skillspan import TaggedSentence

_TAGGING_NOTES = """
Examples:

`metier analyse tagging --data skillspan/ -o analysis/`

`metier analyse tagging --model my-tagger --data skillspan/ -o analysis/ --format svg`
"""
_COMPARE_NOTES = """
Repeat `--first` and `--second` to compare the means over several seeds.

Examples:

`metier analyse compare --first tagger-en --second my-tagger --data skillspan/`

`metier analyse compare --first a1 --first a2 --first a3 --second b1 --second b2 --second b3 --data dev.jsonl --json`
"""
_CROSS_NOTES = """
Each data set is a folder with the splits `train` and `dev`; each tagger has the name of the set it was trained on, and
one layer. Figures are on dev; every fifth sentence of each training set is left out of the stores, and those of the
target's training set are what a store is tuned on.

Example:

`metier analyse cross --model green=runs/green --model sayfullina=runs/sayfullina --set green=green/ --set
sayfullina=sayfullina/ -o cross/`
"""
_Data = Annotated[Path, typer.Option(help="A tagged file, or a folder with a file per split.")]
_Split = Annotated[str, typer.Option(help="Which file of the folder.")]
_Merged = Annotated[bool, typer.Option("--merged", help="One layer without types: skill wins.")]
_Seed = Annotated[int, typer.Option(help="Of the bootstrap.")]
_AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]


class _Format(StrEnum):
    PNG = "png"
    SVG = "svg"
    NONE = "none"


_Picture = Annotated[_Format, typer.Option("--format", help="Of the pictures; none: write JSON only.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(help="See where a tagger errs, and whether another is better.", no_args_is_help=True)
    commands.command(epilog=_TAGGING_NOTES)(tagging)
    commands.command(epilog=_COMPARE_NOTES)(compare)
    commands.command(epilog=_CROSS_NOTES)(cross)
    app.add_typer(commands, name="analyse")


def tagging(
    data: _Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write, a JSON file per analysis.")],
    model: Annotated[str, typer.Option(help="A shipped tagger, or a folder.")] = "tagger-en",
    split: _Split = "dev",
    training: Annotated[
        Path | None, typer.Option(help="What the tagger was trained on; by default the train split of the folder.")
    ] = None,
    data_set: Annotated[
        str | None, typer.Option(help="Whose heads to use, of a tagger that was trained on several data sets.")
    ] = None,
    merged: _Merged = False,
    picture: _Picture = _Format.PNG,
    seed: _Seed = 0,
    as_json: _AsJson = False,
) -> None:
    """Break a tagger's F1 down: by length, frequency in training, source, seen or not; sort its errors."""
    from metier.data.skillspan import find_split
    from metier.evaluation.analysis import analyse_tagging

    path, trained_on = find_split(data, split), _training_file(data, training)
    sentences, known = _read(path, merged=merged), _read(trained_on, merged=merged) if trained_on else None
    _prepare(output, picture)
    tagger = load_tagger(model, data_set=data_set)
    with progress("analyses", shown=True) as advance:
        analysis = analyse_tagging(tagger, sentences, training=known, seed=seed, progress=advance)
    subject = f"{_set_name(data)} {path.name.split('.')[0]} · {tagger.version}"
    _write_analysis(output, analysis, data=path, training=trained_on, model=tagger.version, seed=seed)
    if picture is not _Format.NONE:
        from metier.evaluation.plots import draw_analysis

        _draw(output, picture, figures=draw_analysis(analysis, subject=subject))
    if as_json or not on_terminal():
        print(json.dumps(analysis, ensure_ascii=False))
    else:
        show_analysis(analysis, title=subject)


def compare(
    first: Annotated[list[str], typer.Option(help="A shipped tagger, or a folder; repeat it for more seeds.")],
    second: Annotated[list[str], typer.Option(help="What it is compared with; repeat it for more seeds.")],
    data: _Data,
    split: _Split = "dev",
    merged: _Merged = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the figures to this file.")] = None,
    seed: _Seed = 0,
    as_json: _AsJson = False,
) -> None:
    """Tell whether one tagger is really better than another: paired bootstrap; over seeds, Almost Stochastic Order."""
    from metier.data.skillspan import find_split
    from metier.evaluation.comparison import compare_taggers

    path = find_split(data, split)
    sentences = _read(path, merged=merged)
    sides = [[load_tagger(name) for name in names] for names in (first, second)]
    versions = [" + ".join(tagger.version for tagger in side) for side in sides]
    with progress("taggers", shown=True) as advance:
        compared = compare_taggers(*sides, sentences=sentences, seed=seed, progress=advance)
    layers = {layer: figures.to_dict() for layer, figures in compared.items()}
    figures = {"first": versions[0], "second": versions[1], "layers": layers}
    if output is not None:
        _write(output, figures, data=path, model=" against ".join(versions), seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show_comparison(layers, title=f"{versions[0]} against {versions[1]}, {path.name}")


def cross(
    model: Annotated[list[str], typer.Option(help="NAME=FOLDER: a tagger, and the set it was trained on; repeat it.")],
    data_set: Annotated[list[str], typer.Option("--set", help="NAME=FOLDER: a data set; repeat it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write: cross.json and a picture.")],
    datastores: Annotated[
        Path | None, typer.Option(help="A folder to keep the stores in; a later run takes them from there.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Processors to use.")] = 2,
    picture: _Picture = _Format.PNG,
    seed: _Seed = 0,
    as_json: _AsJson = False,
) -> None:
    """Measure the tagger of each data set on all of them, without a datastore and with three."""
    from metier.pipelines.cross_data import cross_with_stores

    models, sets = _named(model, option="--model"), _named(data_set, option="--set")
    _prepare(output, picture)
    with progress("measures", shown=True) as advance:
        found = cross_with_stores(models, sets, datastores=datastores, seed=seed, threads=threads, progress=advance)
    subject = ", ".join(found["models"].values())
    _write_cross(output / "cross.json", found, sets=sets, seed=seed)
    if picture is not _Format.NONE:
        from metier.evaluation.plots import draw_cross

        title = f"F1 across data sets, with and without neighbours\n{', '.join(sets)} dev · {subject}"
        _draw(output, picture, figures={"cross": draw_cross(found["figures"], title=title, caption=found["note"])})
    if as_json or not on_terminal():
        print(json.dumps(found, ensure_ascii=False))
    else:
        show_cross(found["figures"], gains=found["mean_gain"], title=subject)


def _named(options: Sequence[str], *, option: str) -> dict[str, Path]:
    pairs = [value.partition("=") for value in options]
    if any(not (name and path) for name, _, path in pairs) or len({name for name, _, _ in pairs}) < len(pairs):
        raise ConfigError(f"Got {option} {', '.join(options)}; expected NAME=FOLDER, each name once.")
    return {name: Path(path) for name, _, path in pairs}


def _training_file(data: Path, training: Path | None) -> Path | None:
    from metier.data.skillspan import find_split

    if training is not None:
        return find_split(training, "train")
    if data.is_file():
        note("note: no training set is known for a single file; give --training to see frequencies and unseen strings.")
        return None
    return find_split(data, "train")


def _read(path: Path, *, merged: bool) -> "list[TaggedSentence]":
    from metier.data.skillspan import merged_layers
    from metier.data.tagged_sets import read_tagged

    return [merged_layers(sentence) if merged else sentence for sentence in read_tagged(path)]


def _set_name(data: Path) -> str:
    return data.resolve().parent.name if data.is_file() else data.resolve().name


def _prepare(folder: Path, picture: _Format) -> None:
    """Fail now, not after the minutes of tagging."""
    if picture is not _Format.NONE:
        from metier.evaluation.plots import require_matplotlib

        require_matplotlib()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made ({error.strerror}); give another folder.") from error


def _write_analysis(
    folder: Path,
    analysis: Mapping[str, Mapping[str, Any]],
    *,
    data: Path,
    training: Path | None,
    model: str,
    seed: int,
) -> None:
    from metier.evaluation.record import file_sha256

    source = {"data": training.name, "data_sha256": file_sha256(training)} if training else None
    for name, figures in analysis.items():
        _write(folder / f"{name}.json", {**figures, "training": source}, data=data, model=model, seed=seed)


def _draw(folder: Path, picture: _Format, *, figures: "Mapping[str, Figure]") -> None:
    from metier.evaluation.plots import save_figure

    for name, figure in figures.items():
        path = folder / f"{name}.{picture.value}"
        save_figure(figure, path)
        note(f"wrote {path}")


def _write(path: Path, figures: Mapping[str, Any], *, data: Path, model: str, seed: int) -> None:
    from metier.evaluation.record import make_record, write_record

    command = " ".join(["metier", *sys.argv[1:]])
    write_record(path, figures, make_record(data, command=command, model=model, seed=seed))
    note(f"wrote {path}")


def _write_cross(path: Path, found: Mapping[str, Any], *, sets: Mapping[str, Path], seed: int) -> None:
    from dataclasses import replace

    from metier.data.skillspan import find_split
    from metier.evaluation.record import file_sha256, make_record, write_record

    files = {name: find_split(folder, "dev") for name, folder in sets.items()}
    record = make_record(
        next(iter(files.values())),
        command=" ".join(["metier", *sys.argv[1:]]),
        model=", ".join(found["models"].values()),
        seed=seed,
    )
    names = ", ".join(f"{name}/{file.name}" for name, file in files.items())
    hashes = ", ".join(map(file_sha256, files.values()))
    write_record(path, found, replace(record, data=names, data_sha256=hashes))
    note(f"wrote {path}")
