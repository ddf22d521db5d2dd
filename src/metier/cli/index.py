"""`metier index build | refresh | info | check`."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from metier.cli.terminal import note, on_terminal, plain, progress

if TYPE_CHECKING:
    from metier.pipelines.index_profiles import IndexChange

_Folder = Annotated[Path, typer.Argument(help="The folder of the index.")]
_Profiles = Annotated[Path, typer.Argument(help="Everybody: .jsonl, .csv, .parquet or .json; or `-`.")]
_Encoder = Annotated[
    str, typer.Option(help="What reads the texts: sections (the shipped encoder), or a model's folder.")
]
_Threads = Annotated[int, typer.Option(help="Processors to use.", min=1)]
_AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]
_SHOWN: Final = 20  # problems on a terminal


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(help="Keep people in an index that `metier match` searches.", no_args_is_help=True)
    for command in (build, refresh, info, check):
        commands.command()(command)
    app.add_typer(commands, name="index")


def build(
    profiles: _Profiles,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the index.")],
    encoder: _Encoder = "sections",
    threads: _Threads = 2,
) -> None:
    """Encode everybody and build an index; one that is there stays in use until the new one is ready.

    Interrupted, it goes on where it was when it is called again. A row that cannot be read ends it before anything is
    changed.

    For example:

    `metier index build people.jsonl -o people.index`
    """
    from metier.pipelines.index_profiles import build_index

    _change(build_index, profiles, output, encoder=encoder, threads=threads)


def refresh(
    profiles: _Profiles,
    index: Annotated[Path, typer.Option(help="The folder of the index.")],
    encoder: _Encoder = "sections",
    threads: _Threads = 2,
) -> None:
    """Bring an index up to date: only who is new or has changed is encoded, and who is not in the file is taken out.

    Searches go on meanwhile. With another encoder than before, everybody is encoded into a new index beside the old
    one, which takes its place in one step.

    For example:

    `metier index refresh people.jsonl --index people.index`
    """
    from metier.pipelines.index_profiles import refresh_index

    _change(refresh_index, profiles, index, encoder=encoder, threads=threads)


def info(folder: _Folder, as_json: _AsJson = False) -> None:
    """Show what an index holds, and what made it.

    For example:

    `metier index info people.index`
    """
    from metier.pipelines.index_profiles import index_info

    _show(asdict(index_info(folder)), as_json=as_json)


def check(
    folder: _Folder,
    queries: Annotated[int, typer.Option(help="Queries per filter.", min=1)] = 20,
    k: Annotated[int, typer.Option("-k", "--matches", help="Matches per query.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="Of the queries and filters.")] = 0,
    as_json: _AsJson = False,
) -> None:
    """Check that nothing is damaged or missing, and that no filter loses anybody; exit 1 if something is wrong.

    For example:

    `metier index check people.index`
    """
    from metier.pipelines.index_check import check_index

    found = asdict(check_index(folder, n_queries=queries, k=k, seed=seed))
    problems = found["problems"]
    _show(found if as_json or not on_terminal() else {**found, "problems": len(problems)}, as_json=as_json)
    for problem in problems[:_SHOWN]:
        note(problem)
    if problems:
        note(f"{len(problems)} problems; build the index again: metier index build PROFILES -o {folder}")
        raise typer.Exit(1)


def _change(work: "Callable[..., IndexChange]", profiles: Path, folder: Path, *, encoder: str, threads: int) -> None:
    from metier.data.documents import read_profiles
    from metier.pipelines.build import build_document_encoder

    people = read_profiles(profiles)
    with progress("profiles", shown=True) as advance:
        change = work(people, folder, encoder=build_document_encoder(encoder, threads=threads), on_profile=advance)
    note(
        f"{folder}: {change.n_profiles:,} people, {change.n_encoded:,} encoded, {change.n_deleted:,} taken out"
        + (f"; {change.n_without_text:,} have no text and are never found" if change.n_without_text else "")
    )


def _show(figures: dict[str, Any], *, as_json: bool) -> None:
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        if isinstance(value, dict):
            for key, number in value.items():
                print(f"{name:<20} {number:.3f}  {plain(key)}")
        else:
            print(f"{name:<20} {value:,}" if isinstance(value, int) else f"{name:<20} {plain(str(value))}")
