"""`metier taxonomy build | info | search`."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.domain import Occupation
from metier.errors import ConfigError

if TYPE_CHECKING:
    from metier.taxonomy.search import Found
    from metier.taxonomy.taxonomy import Taxonomy

_SHIPPED = "esco"
_BUILD_NOTES = """
A CSV file of your own needs the columns `id` and `label`; it may have `alternatives` (separated by `|`),
`description`, `parent` (the id of another row) and `kind` (`skill` or `knowledge`).

Examples:

`metier taxonomy build ESCO-v1.2.0/ -o esco-v1.2`

`metier taxonomy build skills.csv --name Acme --version 2025-01 -o acme`
"""
_INFO_NOTES = """
Examples:

`metier taxonomy info`

`metier taxonomy info acme --json`
"""
_SEARCH_NOTES = """
Examples:

`metier taxonomy search python`

`metier taxonomy search "data engineer" --kind occupation --json`
"""
_AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]


class _Kind(StrEnum):
    SKILL = "skill"
    OCCUPATION = "occupation"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(help="Build, look at and search a taxonomy of skills and occupations.", no_args_is_help=True)
    commands.command(epilog=_BUILD_NOTES)(build)
    commands.command(epilog=_INFO_NOTES)(info)
    commands.command(epilog=_SEARCH_NOTES)(search)
    app.add_typer(commands, name="taxonomy")


def build(
    source: Annotated[Path, typer.Argument(help="A folder of ESCO CSV files, or one CSV file of your own.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write.")],
    name: Annotated[
        str | None, typer.Option(help="What to call a taxonomy of your own; by default as its file.")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Such as v1.1.1; by default what the release's names say.")
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(help="Language of the labels; repeat it to keep labels in more languages. By default en."),
    ] = None,
    linker: Annotated[str, typer.Option(help="Whose vectors to add: a shipped linker, or a folder.")] = "linker",
    facts_only: Annotated[bool, typer.Option("--facts-only", help="Add no vectors; nothing can link to it.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="Processors to use.")] = 2,
) -> None:
    """Build a taxonomy index from a release of ESCO or from a CSV file of your own."""
    languages = language or ["en"]
    taxonomy = (
        _read_release(source, name=name, version=version, languages=languages)
        if source.is_dir()
        else _read_file(source, name=name, version=version, languages=languages)
    )
    for note in taxonomy.notes:
        print(f"note: {note}", file=sys.stderr)
    if facts_only:
        taxonomy.save(output)
    else:
        _save_with_vectors(taxonomy, output, linker=linker, threads=threads)
    print(
        f"{output}: {taxonomy.name} {taxonomy.version}, {len(taxonomy.skills):,} skills, "
        f"{len(taxonomy.occupations):,} occupations, {taxonomy.sha256[:8]}",
        file=sys.stderr,
    )


def _save_with_vectors(taxonomy: "Taxonomy", output: Path, *, linker: str, threads: int) -> None:
    from metier.cli.terminal import progress
    from metier.pipelines.index_taxonomy import index_taxonomy

    with progress("labels and descriptions", shown=True) as advance:
        index_taxonomy(taxonomy, output, linker=linker, threads=threads, progress=advance)


def info(
    taxonomy: Annotated[str, typer.Argument(help="A folder, or the shipped one.")] = _SHIPPED,
    as_json: _AsJson = False,
) -> None:
    """Show what a taxonomy index holds."""
    from metier.taxonomy.taxonomy import Taxonomy

    facts = _summary(Taxonomy.load(taxonomy))
    if as_json or not _is_terminal():
        print(json.dumps(facts, ensure_ascii=False))
        return
    groups = facts.pop("groups")
    _show(["", ""], rows=[[key, _cell(value)] for key, value in facts.items()])
    _show(["group", "label", "skills"], rows=[list(map(str, group.values())) for group in groups])


def search(
    text: Annotated[str, typer.Argument(help="A label, its beginning, or some words of it.")],
    taxonomy: Annotated[str, typer.Option(help="A folder, or the shipped one.")] = _SHIPPED,
    kind: Annotated[_Kind | None, typer.Option(help="Skills only, or occupations only.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Concepts at most.")] = 10,
    as_json: _AsJson = False,
) -> None:
    """Search labels: equal ones first, then by beginning, then by shared words."""
    from metier.taxonomy.search import search as search_labels
    from metier.taxonomy.taxonomy import Taxonomy

    loaded = Taxonomy.load(taxonomy)
    hits = search_labels(loaded, text, kind=kind.value if kind else None, limit=limit)
    rows = [_row(loaded, hit) for hit in hits]
    if not rows:
        print(f"{loaded.name} has no label that shares a word with '{text}'.", file=sys.stderr)
    elif as_json or not _is_terminal():
        print("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    else:
        _show(list(rows[0]), rows=[[value or "" for value in row.values()] for row in rows])


def _read_release(folder: Path, *, name: str | None, version: str | None, languages: Sequence[str]) -> "Taxonomy":
    from metier.taxonomy.esco import read_esco

    if name not in (None, "ESCO"):
        raise ConfigError(f"A release folder is always named ESCO, got --name {name}; leave the option out.")
    return read_esco(folder, language=languages[0], other_languages=languages[1:], version=version)


def _read_file(path: Path, *, name: str | None, version: str | None, languages: Sequence[str]) -> "Taxonomy":
    from metier.taxonomy.own import read_own

    if len(languages) > 1:
        raise ConfigError(f"A CSV file has labels in one language, got {', '.join(languages)}; give one.")
    own_name = name or path.name.split(".")[0]
    return read_own(path, name=own_name, version=version or "unknown", language=languages[0])


def _summary(taxonomy: "Taxonomy") -> dict[str, Any]:
    counts = Counter(map(taxonomy.group, taxonomy.skills))
    return {
        "name": taxonomy.name,
        "version": taxonomy.version,
        "languages": list(taxonomy.languages),
        "sha256": taxonomy.sha256,
        "n_skills": len(taxonomy.skills),
        "n_skill_alternatives": sum(len(skill.alternatives) for skill in taxonomy.skills),
        "n_occupations": len(taxonomy.occupations),
        "n_occupation_alternatives": sum(len(job.alternatives) for job in taxonomy.occupations),
        "groups": [
            {"group": code, "label": taxonomy.group_label(code) if code else "", "n_skills": n}
            for code, n in sorted(counts.items())
        ],
    }


def _row(taxonomy: "Taxonomy", hit: "Found") -> dict[str, str | None]:
    return {
        "label": hit.concept.label,
        "kind": "occupation" if isinstance(hit.concept, Occupation) else hit.concept.kind,
        "group": taxonomy.group(hit.concept),
        "matched": hit.label,
        "uri": hit.concept.uri,
    }


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _cell(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _show(columns: Sequence[str], *, rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, show_header=any(columns), box=None)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
