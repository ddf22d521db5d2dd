"""`metier match`, and the group of commands around it."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from metier.cli import match_audit, match_map
from metier.cli.bad_rows import BadRows, open_report
from metier.cli.match_view import show_matches, write_rows
from metier.cli.terminal import note
from metier.errors import ConfigError

if TYPE_CHECKING:
    from metier.data.posting_formats import BadRow
    from metier.domain import Profile, Project
    from metier.pipelines.match import Matcher

_STDIN: Final = "-"


def register(app: typer.Typer) -> None:
    """Add the commands to the application: `match` itself works where no other command follows it."""
    commands = typer.Typer(invoke_without_command=True)
    commands.callback()(match)
    match_map.register(commands)
    match_audit.register(commands)
    app.add_typer(commands, name="match")


def match(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option(help="The work: .json, .jsonl, .csv, .parquet, .txt, .md, or `-`; several rows are several."),
    ] = None,
    index: Annotated[Path | None, typer.Option(help="Search this folder, which `metier index build` wrote.")] = None,
    profiles: Annotated[
        Path | None, typer.Option(help="Compare with the people of this file: .jsonl, .csv, .parquet, .json.")
    ] = None,
    where: Annotated[
        str, typer.Option(help="Only who passes this filter, such as 'country=FR and day_rate<=500'.")
    ] = "",
    k: Annotated[int, typer.Option("-k", "--matches", help="Matches per project at most.", min=1)] = 10,
    ranker: Annotated[Path | None, typer.Option(help="Order by the probability of this ranker, a folder.")] = None,
    encoder: Annotated[
        str, typer.Option(help="What reads the texts: sections (the shipped encoder), or a model's folder.")
    ] = "sections",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file: .jsonl, .csv or .parquet.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines, also on a terminal.")] = False,
    threads: Annotated[int, typer.Option(help="Processors to use.", min=1)] = 2,
) -> None:
    """Find people for projects: who fits, which required skills they share and lack, and what speaks for them.

    The people are in an index or in a file. Each match has its similarity, and with a ranker the probability that
    both sides say yes, by which they are then ordered. Skills count as shared when they mean the same, in any
    language. Rows that cannot be read are listed in OUT.errors.jsonl and the run goes on; the exit code is then 1.

    For example:

    `metier match --profiles people.jsonl --project project.json`

    `metier match --index people.index --project - --where 'country=FR and day_rate<=500' -k 100 -o matches.csv`
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    from metier.index.where import parse_where

    people, work = _inputs(project, index=index, profiles=profiles)
    _check_outputs(output, html, read=(people, work))
    conditions = parse_where(where)
    bad = BadRows()
    with ExitStack() as stack:
        report = open_report(stack, output)
        projects = _read_projects(work, bad, report)
        read = None if index is not None else _read_people(people, bad, report)
        matcher = _load(people, read, encoder=encoder, ranker=ranker, threads=threads)
        matches = matcher.match(projects, k=k, where=conditions)
        ids = dict.fromkeys(one.profile_id for found in matches for one in found)
        named = {one.id: one for one in matcher.profiles_of(list(ids))}
        if output is not None:
            write_rows(output, matches)
        else:
            show_matches(projects, matches=matches, people=named, as_json=as_json)
    if html is not None:
        from metier.pipelines.match_page import write_matches

        write_matches(html, projects, matches=matches, people=named)
        note(f"wrote {html}")
    bad.stop_if_any(output)


def _refuse_options(context: typer.Context) -> None:
    """An option before the name of another command would do nothing."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise ConfigError(
                f"An option of `metier match` stands before `{context.invoked_subcommand}`, which has its own; "
                f"write: metier match {context.invoked_subcommand} ..."
            )


def _inputs(project: Path | None, *, index: Path | None, profiles: Path | None) -> tuple[Path, Path]:
    """Where the people and the projects are."""
    if (index is None) == (profiles is None):
        given = (
            "Neither --index nor --profiles was given" if index is None else "Both --index and --profiles were given"
        )
        raise ConfigError(f"{given}; give one of them: the people to choose among.")
    if project is None:
        raise ConfigError("No --project was given; name a file, or `-` to read it from standard input.")
    if str(project) == str(profiles) == _STDIN:
        raise ConfigError("Both --profiles and --project are standard input; name a file for one of them.")
    if str(project) == _STDIN and sys.stdin.isatty():
        raise ConfigError("No project was given: pipe one in, or name a file.")
    return index or profiles or Path(), project


def _check_outputs(output: Path | None, html: Path | None, *, read: tuple[Path, Path]) -> None:
    from metier.data.files_out import check_writable
    from metier.data.tables import check_ending

    if output is not None:
        check_ending(output)
    for path in filter(None, (output, html)):
        check_writable(path)
        if path.resolve() in [one.resolve() for one in read]:
            raise ConfigError(f"{path} is read and written by the same command; give another name.")
    if output is not None and html is not None and output.resolve() == html.resolve():
        raise ConfigError(f"{output} is to be two files; give --html another name.")


def _read_projects(path: Path, bad: BadRows, report: "Callable[[BadRow], None]") -> "list[Project]":
    from metier.data.documents import each_project

    return list(bad.left_out(_with_text(each_project(path), source=path), report=report))


def _with_text(rows: "Iterable[Project | BadRow]", *, source: Path) -> "Iterator[Project | BadRow]":
    from metier.data.documents import has_text
    from metier.data.posting_formats import BadRow

    for row in rows:
        if isinstance(row, BadRow) or has_text(row):
            yield row
        else:
            reason = f"the project '{row.id}' has no text to compare; give it a title, a description or skills."
            yield BadRow(str(source), None, reason)


def _read_people(path: Path, bad: BadRows, report: "Callable[[BadRow], None]") -> "list[Profile]":
    from metier.data.documents import each_profile, has_text

    people = list(bad.left_out(each_profile(path), report=report))
    n_silent = sum(not has_text(one) for one in people)
    if n_silent:
        note(f"note: {n_silent:,} of {len(people):,} profiles have no text; nobody can find them.")
    return people


def _load(
    index: Path, people: "Sequence[Profile] | None", *, encoder: str, ranker: Path | None, threads: int
) -> "Matcher":
    """A matcher over the people who were read, or, where none were, over the index."""
    from metier.matching.ranker import Ranker
    from metier.pipelines import build, match

    reader = build.build_document_encoder(encoder, threads=threads)
    cover = build.build_skill_cover(threads=threads)
    order = None if ranker is None else Ranker.load(ranker)
    if people is None:
        return match.match_index(index, encoder=reader, cover=cover, ranker=order)
    return match.match_profiles(people, encoder=reader, cover=cover, ranker=order)
