"""`metier convert`."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from metier.data.format_names import Format
from metier.errors import ConfigError

_NOTES = """
Formats: `skillspan` (JSON lines of words and two layers of tags), `conll` (tabs, one or two tag columns), `spans` (JSON
lines of Prodigy), `label-studio` (its JSON export), `brat` (a folder of .txt and .ann), `docbin` (spaCy; extra
`spacy`), `german-ict` (only read).

With `--dev`, where the file does not name its postings, 25 sentences in a row count as one.

Examples:

`metier convert export.json train.jsonl --to skillspan`

`metier convert train.jsonl tasks.json --to label-studio`

`metier convert brat-folder/ train.conll --label-map Tool=knowledge --label-map Duty=skill --label-map Place=`

`metier convert kompetencer_danish_train.conll danish/train.conll --dev danish/dev.conll`
"""


class Words(StrEnum):
    """How to cut texts that come without words."""

    METIER = "metier"
    SPACE = "space"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog=_NOTES)(convert)


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A file, maybe packed with gzip, or a BRAT folder.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file, or the new BRAT folder, to write.")],
    read_as: Annotated[
        Format | None, typer.Option("--from", help="The format of IN; by default what it holds.")
    ] = None,
    write_as: Annotated[
        Format | None, typer.Option("--to", help="The format of OUT; by default what its ending says.")
    ] = None,
    label_map: Annotated[
        list[str] | None, typer.Option(help="OLD=NEW renames a label, OLD= leaves its spans out; may be repeated.")
    ] = None,
    words: Annotated[
        Words,
        typer.Option(help="How to cut texts without words: as metier does, or a sentence per line, words by space."),
    ] = Words.METIER,
    dev: Annotated[
        Path | None, typer.Option(help="Write every fifth posting here instead, to tune on; see the notes below.")
    ] = None,
) -> None:
    """Convert annotated texts from one format to another."""
    from metier.cli.terminal import note
    from metier.data.annotation_formats import output_format, read_annotations, with_labels, write_annotations
    from metier.data.held_out import hold_out

    form = output_format(target, form=write_as)

    def tell(message: str) -> None:
        note(f"note: {message}")

    rows = read_annotations(source, form=read_as, tell=tell)
    rows = with_labels(rows, parse_labels(label_map or []))
    parts = [(target, rows)] if dev is None else list(zip((target, dev), hold_out(rows), strict=True))
    for path, some in parts:
        written = write_annotations(some, path, form=form, cut=words.value, tell=tell)
        counts = ", ".join(f"{n:,} {label}" for label, n in written.n_spans.items()) or "no spans"
        note(f"{path}: {form}, {written.n_rows:,} rows, {counts}")


def parse_labels(pairs: Sequence[str]) -> dict[str, str]:
    """Read the values of `--label-map`.

    Args:
        pairs: Each `OLD=NEW`.

    Returns:
        Old name -> new name.

    Raises:
        ConfigError: If one has no equals sign or no old name.
    """
    labels = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (old and equals):
            raise ConfigError(f"--label-map got '{pair}'; expected OLD=NEW, such as Tool=knowledge.")
        labels[old] = new
    return labels
