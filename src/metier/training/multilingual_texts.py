"""The texts that a multilingual encoder is trained on: sentences of postings by language, and what a taxonomy says."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from metier.data.postings import BadRow, read_postings
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.html import read_text
from metier.text.language import identify
from metier.text.sentences import sentences as sentences_of
from metier.text.words import words as words_of


def sentences_by_language(paths: Sequence[Path]) -> dict[str, list[str]]:
    """Read the sentences of postings.

    Args:
        paths: Files or folders of postings.

    Returns:
        Language -> sentences, in file order; postings whose language is neither said nor told are left out.

    Raises:
        InputError: If a file cannot be read.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for row in read_postings([str(path) for path in paths]):
        if not isinstance(row, BadRow):
            text = read_text(row.body).text
            language = row.language or identify(text)
            if language:
                found[language] += [text[span.start : span.end] for span in sentences_of(text)]
    return found


def own_texts(taxonomy: Taxonomy) -> list[str]:
    """List what a taxonomy says in its own language: labels, alternatives and descriptions, each once."""
    told = [
        text
        for concept in taxonomy.concepts
        for text in (concept.label, *concept.alternatives, taxonomy.description(concept))
    ]
    return [text for text in dict.fromkeys(told) if text]


def release_files(release: Path, languages: Sequence[str]) -> list[Path]:
    """List the files of a release that are read for some languages."""
    stems = [f"{stem}_{language}" for language in languages for stem in ("skills", "occupations")]
    return [path for stem in stems for path in sorted(release.glob(f"{stem}.csv*"))]


def words_in(text: str) -> list[str]:
    """Cut a text into its words."""
    return [text[word.start : word.end] for word in words_of(text)]
