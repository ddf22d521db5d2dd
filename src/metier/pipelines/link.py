"""What the entries of a list mean: each different text is looked up once, however long the list is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from metier.artifacts import read_artifact, read_kind
from metier.data.text_lists import ListRow
from metier.domain import Candidate, Concept, Link, Mention, Span
from metier.errors import InputError
from metier.linking.forms import has_plural_acronym
from metier.pipelines import build
from metier.pipelines.titles import OccupationRanker
from metier.protocols import Linker
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.job_titles import clean_title

ROWS_PER_CALL: Final = 8192  # read at once: two processors are busy, and seldom wait for one another
_MOST_REMEMBERED: Final = 100_000  # different texts; bounds memory at some dozens of megabytes


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means: `concept` is None where the linker abstains, `probability` too where there is no text."""

    concept: Concept | None
    probability: float | None
    candidates: tuple[Candidate, ...] = ()


NOTHING: Final = Meaning(None, None)


class Meanings(Protocol):
    """Looks texts up."""

    def key(self, text: str) -> str:
        """Give what is looked up in place of a text: texts with one key mean the same."""
        ...

    def of(self, keys: Sequence[str]) -> list[Meaning]:
        """Give the meaning of each key, in order."""
        ...


@dataclass(frozen=True, slots=True)
class SkillMeanings:
    """What a linker says of texts that name a skill each; case counts in acronyms such as `APIs` only."""

    linker: Linker
    n_candidates: int = 0

    def key(self, text: str) -> str:
        """Give the text without case; see `Meanings`."""
        return text if has_plural_acronym(text) else text.lower()

    def of(self, keys: Sequence[str]) -> list[Meaning]:
        """Take each key for one mention that fills its text; see `Meanings`."""
        mentions = [[Mention(Span(0, len(key)), key, "skill", 1.0)] for key in keys]
        return [
            Meaning(link.concept, link.probability, link.candidates[: self.n_candidates])
            for [link] in self.linker.link(keys, mentions)
        ]


@dataclass(frozen=True, slots=True)
class OccupationMeanings:
    """What a linker says of job titles."""

    linker: OccupationRanker
    n_candidates: int = 0

    def key(self, text: str) -> str:
        """Give the clean title; see `Meanings`."""
        return clean_title(text).title

    def of(self, keys: Sequence[str]) -> list[Meaning]:
        """Rank the occupations of each title; see `Meanings`."""
        return [self._meaning(ranked) for ranked in self.linker.rank(keys, k=max(self.n_candidates, 1))]

    def _meaning(self, ranked: Sequence[Candidate]) -> Meaning:
        if not ranked:
            return Meaning(None, 0.0)
        best = ranked[0]
        concept = best.concept if best.probability >= self.linker.least_probability else None
        return Meaning(concept, best.probability, tuple(ranked[: self.n_candidates]))


def link_rows(rows: Iterable[ListRow], *, meanings: Meanings) -> Iterator[tuple[ListRow, Meaning]]:
    """Say what each row of a list means, a few thousand at a time.

    Args:
        rows: Any number of them.
        meanings: Looks texts up; each key once, as long as no more than 100,000 have been seen.

    Yields:
        Each row and its meaning, in order; a row without a text means nothing.
    """
    remaining = iter(rows)
    known: dict[str, Meaning] = {}
    while chunk := list(islice(remaining, ROWS_PER_CALL)):
        keys = [meanings.key(row.text) for row in chunk]
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        new = list(dict.fromkeys(key for row, key in zip(chunk, keys, strict=True) if row.text and key not in known))
        known |= zip(new, meanings.of(new), strict=True)
        for row, key in zip(chunk, keys, strict=True):
            yield row, known[key] if row.text else NOTHING


def link_texts(texts: Iterable[str], *, linker: Linker) -> Iterator[Link]:
    """Link plain texts, a few thousand at a time; each is taken for one mention that fills it.

    Args:
        texts: Such as `python` or `project planning`; none empty.
        linker: Says what they mean.

    Yields:
        One link per text, in order.
    """
    remaining = iter(texts)
    while chunk := list(islice(remaining, ROWS_PER_CALL)):
        mentions = [[Mention(Span(0, len(text)), text, "skill", 1.0)] for text in chunk]
        for links in linker.link(chunk, mentions):
            yield from links


@dataclass(frozen=True, slots=True)
class ListLinking:
    """What links a list, and the taxonomy that it links to."""

    meanings: Meanings
    taxonomy: Taxonomy


def load_list_linking(
    *,
    linker: str | Path = "linker",
    taxonomy: str | Path = "esco",
    occupations: bool = False,
    reranker: str | Path | None = None,
    threads: int = 2,
    min_precision: float | None = None,
    language: str | None = None,
    n_candidates: int = 0,
) -> ListLinking:
    """Load what links a list of skills, or of job titles.

    Args:
        linker: A shipped model's name, or a folder.
        taxonomy: A shipped taxonomy's name, or a folder that `metier taxonomy build` wrote.
        occupations: The texts are job titles.
        reranker: A folder of a re-ranker; None: the linker alone. For skills only.
        threads: Processors to use; changes nothing but the time.
        min_precision: Nothing is linked below this probability, in [0, 1]; None: below the linker's own.
        language: Of the texts; None: the taxonomy's own.
        n_candidates: Kept for each text.

    Returns:
        The two, which belong together.

    Raises:
        ConfigError: If `min_precision` is no probability.
        InputError: If the linker does not read the language.
        ModelError: If a model cannot be used, or they do not belong together.
    """
    if occupations:
        jobs = build.build_occupations(linker=linker, taxonomy=taxonomy, threads=threads, min_probability=min_precision)
        # titles are compared with the labels of all languages that the index has
        _check_language(language, linker=linker, also=jobs.taxonomy.languages)
        return ListLinking(OccupationMeanings(jobs.linker, n_candidates), jobs.taxonomy)
    _check_language(language, linker=linker)
    skills = build.build_linking(
        linker=linker,
        taxonomy=taxonomy,
        reranker=reranker,
        language=language,
        threads=threads,
        min_precision=min_precision,
        n_candidates=n_candidates,
    )
    return ListLinking(SkillMeanings(skills.linker, n_candidates), skills.taxonomy)


def _check_language(language: str | None, *, linker: str | Path, also: Sequence[str] = ()) -> None:
    if language is None:
        return
    settings = read_artifact(linker, kind=read_kind(linker)).settings
    read = list(dict.fromkeys([*settings.get("languages", ["en"]), *also]))
    if language not in read:
        raise InputError(
            f"The linker {linker} reads {', '.join(read)}, not '{language}'; name one that does with --linker."
        )
