"""Tagged sentences in, whatever the format of the file."""

from pathlib import Path

from metier.data.annotation_formats import read_annotations, recognise
from metier.data.format_names import Format
from metier.data.german_ict import read_german_ict
from metier.data.skillspan import TaggedSentence, read_skillspan
from metier.data.span_tags import to_tagged
from metier.data.spanned_text import cut_sentences, with_words


def read_tagged(path: Path) -> list[TaggedSentence]:
    """Read a file of tagged sentences.

    Args:
        path: A file or a folder in any of the annotation formats, packed with gzip or not.

    Returns:
        The sentences in file order. Texts without words are cut into sentences and words by `metier.text`, and spans
        are widened to whole words; the tags of SkillSpan files stay as they are.

    Raises:
        InputError: If the file cannot be read, or a row is not what it should be; the message names the row.
        MissingExtra: If a package that reads the format is not installed.
    """
    form = recognise(path)
    if form is Format.SKILLSPAN:
        return read_skillspan(path)
    if form is Format.GERMAN_ICT:
        return read_german_ict(path)
    tagged = []
    for row in read_annotations(path, form=form, tell=lambda _: None):
        parts = cut_sentences(row) if row.words is None else [row]
        tagged += [to_tagged(with_words(part)) for part in parts]
    return tagged
