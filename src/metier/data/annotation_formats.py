"""The annotation formats by name: recognising, reading, writing, and converting one into another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from metier.data import brat, conll, docbin, german_ict, label_studio, span_lines
from metier.data.format_names import Format
from metier.data.packed_text import read_objects, read_text, write_whole
from metier.data.skillspan import TaggedSentence, read_skillspan, skillspan_row
from metier.data.span_tags import from_tagged, n_orphans, to_tagged
from metier.data.spanned_text import SpannedText, WordCut, cut_sentences, relabelled, with_words
from metier.data.tables import json_line
from metier.errors import ConfigError, InputError

Tell = Callable[[str], None]


_ENDINGS: Final = {".conll": Format.CONLL, ".spacy": Format.DOCBIN, "": Format.BRAT}  # that leave no doubt


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion wrote."""

    n_rows: int
    n_spans: dict[str, int]  # by label


def recognise(path: Path) -> Format:
    """Tell the format of a file from what it holds.

    Args:
        path: A file, packed with gzip or not, or a folder.

    Returns:
        Its format.

    Raises:
        InputError: If it cannot be read, is empty, or is none of the formats.
    """
    if path.is_dir():
        return Format.BRAT
    if path.suffix == ".spacy":
        return Format.DOCBIN
    lines = (line for line in read_text(path).split("\n") if line.strip())
    first = next((line for line in lines if "\t" in line or not line.startswith(("#", "-DOCSTART-"))), None)
    if first is None:
        raise InputError(f"{path} is empty; expected annotated text.")
    if "\t" in first:
        return Format.CONLL
    if first.lstrip().startswith("["):
        return Format.LABEL_STUDIO
    if first.lstrip().startswith("{"):
        return _of_object(path)
    raise InputError(f"{path} is none of {', '.join(Format)}; name its format with --from.")


def read_annotations(path: Path, *, form: Format | None = None, tell: Tell) -> list[SpannedText]:
    """Read annotated texts.

    Args:
        path: A file, packed with gzip or not, or a folder.
        form: Its format; None: recognise it.
        tell: Called with a sentence for each thing that was mended or left out.

    Returns:
        The texts in file order.

    Raises:
        InputError: If it cannot be read, or a row is not what it should be; the message names the row.
        MissingExtra: If a package that reads the format is not installed.
    """
    if not path.exists():
        raise InputError(f"There is no file or folder {path}; give one that holds annotations.")
    chosen = form or recognise(path)
    if path.is_dir() != (chosen == Format.BRAT):
        raise InputError(f"{path} is a {'folder' if path.is_dir() else 'file'}, which {chosen} is not kept in.")
    return _READERS[chosen](path, tell=tell)


def output_format(path: Path, *, form: Format | None) -> Format:
    """Choose the format to write.

    Args:
        path: Where it is to go.
        form: The format that was asked for; None: what the ending says.

    Returns:
        The format, one that can be written.

    Raises:
        ConfigError: If the ending leaves it open, or the format is only read.
    """
    chosen = form or _ENDINGS.get(Path(path.name.removesuffix(".gz")).suffix)
    if chosen is None:
        raise ConfigError(f"{path} could be in several formats; give --to with one of {', '.join(_WRITERS)}.")
    if chosen not in _WRITERS:
        raise ConfigError(f"{chosen} is only read; give --to with one of {', '.join(_WRITERS)}.")
    return chosen


def write_annotations(
    rows: Sequence[SpannedText], path: Path, *, form: Format, cut: WordCut = "metier", tell: Tell
) -> Converted:
    """Write annotated texts.

    Args:
        rows: As read, maybe with other labels.
        path: A file, or for BRAT a new folder; it appears when it is whole.
        form: A format that can be written.
        cut: How to cut a text that has no words, where the format needs words. SkillSpan and CoNLL hold sentences: such
            a text becomes several rows. A text that has words stays one row.
        tell: Called with a sentence if spans were widened to whole words.

    Returns:
        What was written.

    Raises:
        InputError: If a row does not fit the format, or nothing can be written there; the message names the row.
        MissingExtra: If a package that writes the format is not installed.
    """
    if form in (Format.SKILLSPAN, Format.CONLL):
        rows = [part for row in rows for part in (cut_sentences(row, cut=cut) if row.words is None else [row])]
    if form not in (Format.LABEL_STUDIO, Format.BRAT):
        rows = _widened(rows, cut, tell)
    if form is Format.CONLL and (n_empty := sum(not row.words for row in rows)):
        tell(f"{n_empty} empty rows were left out")
    _WRITERS[form](rows, path)
    labels = [span.label for row in rows for span in row.spans]
    return Converted(len(rows), {label: labels.count(label) for label in sorted(set(labels))})


def with_labels(rows: Sequence[SpannedText], labels: Mapping[str, str]) -> list[SpannedText]:
    """Rename labels.

    Args:
        rows: Any.
        labels: Old name -> new name; an empty one leaves the spans out, `skill` means `Skill`, and so with knowledge.

    Returns:
        The rows with the new labels.

    Raises:
        ConfigError: If a label that is to be renamed does not occur.
    """
    occurring = {label for row in rows for label in (*row.looked_for, *(span.label for span in row.spans))}
    if rows and (unknown := sorted(labels.keys() - occurring)):
        raise ConfigError(f"There is no label '{unknown[0]}' to rename, only {', '.join(sorted(occurring))}.")
    return [relabelled(row, labels) for row in rows]


def read_for_agreement(path: Path, *, labels: Mapping[str, str], tell: Tell) -> list[TaggedSentence]:
    """Read one annotator's file so that it can be compared, row by row, with those of others.

    Args:
        path: A file or a folder in any of the formats.
        labels: Old name -> new name; an empty new name leaves the spans out. Names that do not occur are no error here.
        tell: Called with a sentence for each thing that was mended or left out.

    Returns:
        A sentence per row of the file: texts without words are cut into words, not into sentences.

    Raises:
        InputError: If it cannot be read, or a row does not fit two layers of tags; the message names the row.
        MissingExtra: If a package that reads the format is not installed.
    """
    rows = [relabelled(row, labels) for row in read_annotations(path, tell=tell)]
    return [to_tagged(row) for row in _widened(rows, "metier", tell)]


def _of_object(path: Path) -> Format:
    where, row = next(read_objects(path))
    if "tokens" in row and ("tags_skill" in row or "tags_knowledge" in row):
        return Format.SKILLSPAN
    if "text" in row and "spans" in row:
        return Format.GERMAN_ICT if "sample" in row else Format.SPANS
    if "mentions" in row and "text_sha256" in row:
        raise InputError(
            f"{where} is an annotated posting, which does not hold the text; nothing can be made of it here."
        )
    raise InputError(
        f"{where} has {', '.join(map(repr, row)) or 'nothing'}; expected 'tokens' with 'tags_skill' or "
        "'tags_knowledge', or 'text' with 'spans'."
    )


def _widened(rows: Sequence[SpannedText], cut: WordCut, tell: Tell) -> list[SpannedText]:
    whole = [with_words(row, cut=cut) for row in rows]
    n_widened = sum(len(set(before.spans) - set(after.spans)) for before, after in zip(rows, whole, strict=True))
    if n_widened:
        tell(f"{n_widened} spans were widened to whole words")
    return whole


def _read_skillspan(path: Path, *, tell: Tell) -> list[SpannedText]:
    sentences = read_skillspan(path)
    n_repaired = sum(n_orphans(tags) for row in sentences for tags in (row.skill, row.knowledge) if tags)
    if n_repaired:
        tell(f"{n_repaired} spans began with I instead of B")
    return [from_tagged(row, origin=f"{path}, row {number}") for number, row in enumerate(sentences, start=1)]


def _write_skillspan(rows: Sequence[SpannedText], path: Path) -> None:
    write_whole(path, "".join(json_line(skillspan_row(to_tagged(row))) for row in rows))


def _read_german_ict(path: Path, *, tell: Tell) -> list[SpannedText]:
    del tell  # nothing is changed
    return german_ict.read_german_ict_texts(path)


_READERS: Final = {
    Format.SKILLSPAN: _read_skillspan,
    Format.CONLL: conll.read_conll,
    Format.SPANS: span_lines.read_span_lines,
    Format.LABEL_STUDIO: label_studio.read_label_studio,
    Format.BRAT: brat.read_brat,
    Format.DOCBIN: docbin.read_docbin,
    Format.GERMAN_ICT: _read_german_ict,
}
_WRITERS: Final = {
    Format.SKILLSPAN: _write_skillspan,
    Format.CONLL: conll.write_conll,
    Format.SPANS: span_lines.write_span_lines,
    Format.LABEL_STUDIO: label_studio.write_label_studio,
    Format.BRAT: brat.write_brat,
    Format.DOCBIN: docbin.write_docbin,
}
