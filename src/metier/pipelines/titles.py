"""What a user asks about job titles: what a description may be called, what is like a title, what a column means."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import islice
from typing import Any, Final, Protocol

import numpy as np

from metier.domain import Candidate, Concept, Occupation, Posting, TitleSuggestion
from metier.errors import InputError
from metier.pipelines.title_colours import ExplainedDescription, ExplainedTitle
from metier.protocols import Encoder, Floats
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.html import read_text
from metier.text.job_titles import clean_title, title_key
from metier.text.language import identify
from metier.text.words import words as words_of
from metier.titles.job2vec import WordWeight
from metier.titles.nearest import NearestTitles

FEWEST_WORDS: Final = 5  # the widest n-gram that the shipped model reads; of less nothing can be said
_CHUNK: Final = 1024  # titles mapped at once
_MOST_REMEMBERED: Final = 500_000  # different titles; bounds memory at a few hundred megabytes


class TitleModel(Protocol):
    """A space of titles and descriptions, such as `metier.titles.bi_encoder.BiEncoder`."""

    @property
    def version(self) -> str:
        """Name and content hash."""
        ...

    @property
    def titles(self) -> Encoder:
        """Gives titles their vectors; zeros for one without a known word."""
        ...

    @property
    def descriptions(self) -> Encoder:
        """Gives descriptions theirs, in the same space."""
        ...

    @property
    def known(self) -> tuple[str, ...]:
        """What may be suggested."""
        ...

    @property
    def known_languages(self) -> tuple[str, ...]:
        """The language of each of them."""
        ...

    @property
    def known_vectors(self) -> Floats:
        """Their vectors: float32 (n_titles, dim)."""
        ...

    @property
    def least_cosine(self) -> float:
        """Below it, a title is not near."""
        ...

    def explain(self, description: str, title: str) -> list[WordWeight]:
        """Say which words of a description bring it near a title."""
        ...


class OccupationRanker(Protocol):
    """Links titles to occupations, such as `metier.linking.occupations.OccupationLinker`."""

    @property
    def version(self) -> str:
        """Name and content hash."""
        ...

    @property
    def least_probability(self) -> float:
        """Below it, `link` gives none."""
        ...

    def rank(self, titles: Sequence[str], *, k: int) -> list[list[Candidate]]:
        """List the occupations that each title may mean, by falling probability."""
        ...

    def link(self, titles: Sequence[str]) -> list[Candidate | None]:
        """Give the occupation that each title means, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Titles for a description, by falling cosine, or why there are none."""

    titles: tuple[TitleSuggestion, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PredictedTitle:
    """A title that a description may have."""

    title: str
    cosine: float
    occupation: Candidate | None  # None: no occupation is probable enough
    words: tuple[WordWeight, ...]  # of the description as it came; those that speak for the title, in text order

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "title": self.title,
            "cosine": round(self.cosine, 4),
            "occupation": _candidate_to_dict(self.occupation) if self.occupation else None,
            "words": [
                {"start": word.span.start, "end": word.span.end, "weight": round(word.weight, 4)} for word in self.words
            ],
        }


@dataclass(frozen=True, slots=True)
class TitlePrediction:
    """What a description may be called; `reason` says why `titles` is empty."""

    titles: tuple[PredictedTitle, ...]
    language: str | None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "language": self.language,
            "titles": [title.to_dict() for title in self.titles],
            "abstained": self.reason,
        }


@dataclass(frozen=True, slots=True)
class SimilarTitles:
    """What is like a title."""

    title: str  # clean; empty where nothing is left of it
    titles: tuple[TitleSuggestion, ...]  # by falling cosine
    occupations: tuple[Candidate, ...]  # by falling probability, their labels in the language that was asked for

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "title": self.title,
            "titles": [{"title": near.title, "cosine": round(near.cosine, 4)} for near in self.titles],
            "occupations": [_candidate_to_dict(occupation) for occupation in self.occupations],
        }


@dataclass(frozen=True, slots=True)
class MappedTitle:
    """A raw title, clean, and what it means."""

    raw: str
    title: str
    seniority: str | None
    occupation: Candidate | None
    isco_label: str

    def to_dict(self) -> dict[str, Any]:
        """Give one row of a table: plain values, None where nothing was found."""
        found = _candidate_to_dict(self.occupation) if self.occupation else {}
        return {
            "raw": self.raw,
            "title": self.title,
            "seniority": self.seniority,
            "occupation_uri": found.get("uri"),
            "occupation": found.get("label"),
            "isco": found.get("isco"),
            "isco_label": self.isco_label or None,
            "probability": found.get("probability"),
        }


class TitleReader:
    """Reads job titles and descriptions; every part is fixed when it is made."""

    def __init__(self, *, linker: OccupationRanker, taxonomy: Taxonomy, model: TitleModel | None = None) -> None:
        """Put the parts together; `build_titles` does it for the shipped ones.

        Args:
            linker: Says which occupation a title means.
            taxonomy: What it links to.
            model: The space of titles and descriptions; None: no title is ever suggested.
        """
        self.linker = linker
        self.taxonomy = taxonomy
        self.model = model
        self._languages = frozenset(model.known_languages) if model else frozenset[str]()
        self._nearest = NearestTitles(model.descriptions, model.known, model.known_vectors) if model else None

    @property
    def versions(self) -> dict[str, str | None]:
        """What results are stamped with; `titles` is None without a model."""
        return {
            "metier": version("metier"),
            "titles": self.model.version if self.model else None,
            "linker": self.linker.version,
            "taxonomy": f"{self.taxonomy.name} {self.taxonomy.version}",
        }

    def suggest(
        self, texts: Sequence[str], *, k: int, languages: Sequence[str | None] | None = None
    ) -> list[Suggestions]:
        """Give the nearest titles of each description, without what they mean.

        Args:
            texts: Plain text.
            k: Titles per description at most.
            languages: Of the texts, where they are known; None: they are looked for.

        Returns:
            One per text; where it has no titles, the reason.
        """
        spoken = [identify(text) for text in texts] if languages is None else languages
        reasons = [self._refused(text, language) for text, language in zip(texts, spoken, strict=True)]
        readable = [text for text, reason in zip(texts, reasons, strict=True) if reason is None]
        found = iter(self._nearest.predict(readable, k=k) if self._nearest else ())
        return [Suggestions((), reason) if reason else self._near_enough(next(found)) for reason in reasons]

    def predict(self, descriptions: Sequence[str], *, k: int) -> list[TitlePrediction]:
        """Say what each description may be called, what that means, and by which words.

        Args:
            descriptions: Plain text or HTML.
            k: Titles per description at most.

        Returns:
            One per description; its words point into the description as it came.
        """
        sources = [read_text(description) for description in descriptions]
        languages = [identify(source.text) for source in sources]
        suggested = self.suggest([source.text for source in sources], k=k, languages=languages)
        different = list(dict.fromkeys(near.title for found in suggested for near in found.titles))
        meant = dict(zip(different, self.linker.link(different), strict=True))
        predictions = []
        for source, language, found in zip(sources, languages, suggested, strict=True):
            titles = []
            for near in found.titles:
                words = [
                    replace(word, span=source.original_span(word.span)) for word in self._words(source.text, near.title)
                ]
                titles.append(PredictedTitle(near.title, near.cosine, meant[near.title], tuple(words)))
            predictions.append(TitlePrediction(tuple(titles), language, found.reason))
        return predictions

    def similar(self, title: str, *, k: int, language: str | None = None) -> SimilarTitles:
        """Find the titles and the occupations that are nearest to a title.

        Args:
            title: As it came or clean; it need not be known.
            k: Titles, and occupations, at most.
            language: Titles only in this one, and labels of occupations too; None: titles in any, and labels in the
                taxonomy's first.

        Returns:
            Both lists may be empty: a title without a word is like nothing. Titles equal to the given one are left
            out. An occupation without a label in the language keeps its own.

        Raises:
            InputError: If the taxonomy was not built in the language.
        """
        if language is not None and language not in self.taxonomy.languages:
            built = ", ".join(self.taxonomy.languages)
            raise InputError(
                f"{self.taxonomy.name} was built in {built}, not in '{language}'; "
                "build it with that too (metier taxonomy build --language) and name it with --taxonomy."
            )
        [occupations] = self.linker.rank([title], k=k)
        return SimilarTitles(
            title=clean_title(title).title,
            titles=self._titles_near(title, k=k, language=language),
            occupations=tuple(
                replace(found, concept=self._in_language(found.concept, language)) for found in occupations
            ),
        )

    def map(self, titles: Iterable[str]) -> Iterator[MappedTitle]:
        """Say what each title means; equal titles are looked up once.

        Args:
            titles: As they came, any number of them.

        Yields:
            One per title, in order.
        """
        remaining = iter(titles)
        meant: dict[str, Candidate | None] = {}
        while chunk := list(islice(remaining, _CHUNK)):
            clean = [clean_title(raw) for raw in chunk]
            if len(meant) > _MOST_REMEMBERED:
                meant.clear()
            new = [title for title in dict.fromkeys(one.title for one in clean) if title not in meant]
            meant |= dict(zip(new, self.linker.link(new), strict=True))
            for raw, one in zip(chunk, clean, strict=True):
                occupation = meant[one.title]
                yield MappedTitle(raw, one.title, one.seniority, occupation, self._isco_label(occupation))

    def occupations(self, titles: Sequence[str], *, k: int) -> list[tuple[Candidate, ...]]:
        """List what each title may mean, if it means anything.

        Args:
            titles: As they came or clean.
            k: Occupations per title at most.

        Returns:
            One tuple per title, by falling probability; empty where no occupation is probable enough.
        """
        least = self.linker.least_probability
        return [
            tuple(found) if found and found[0].probability >= least else () for found in self.linker.rank(titles, k=k)
        ]

    def _refused(self, text: str, language: str | None) -> str | None:
        """Say why a description cannot have a title; None if it may."""
        n_words = sum(any(map(str.isalpha, text[word.start : word.end])) for word in words_of(text))
        if self.model is None:
            return "no model of titles is there"
        if n_words == 0:
            return "the description is empty"
        if n_words < FEWEST_WORDS:
            return f"the description has {n_words} word{'s' * (n_words > 1)} only"
        if language is not None and language.split("-")[0] not in self._languages:
            return f"the language '{language}' is not known to the model"
        return None

    def _near_enough(self, found: Sequence[TitleSuggestion]) -> Suggestions:
        least = self.model.least_cosine if self.model else 0.0
        near = tuple(title for title in found if title.cosine >= least)
        return Suggestions(near, None if near else "nothing is near")

    def _words(self, text: str, title: str) -> list[WordWeight]:
        return self.model.explain(text, title) if self.model else []

    def _titles_near(self, title: str, *, k: int, language: str | None) -> tuple[TitleSuggestion, ...]:
        if self.model is None:
            return ()
        vector = self.model.titles.encode([title])[0]
        if not vector.any():
            return ()
        own, least = title_key(title), self.model.least_cosine
        cosines = self.model.known_vectors @ vector
        order = np.argsort(-cosines, kind="stable").tolist()
        near = (
            TitleSuggestion(self.model.known[row], float(cosines[row]))
            for row in order
            if language in (None, self.model.known_languages[row]) and title_key(self.model.known[row]) != own
        )
        return tuple(islice((found for found in near if found.cosine >= least), k))

    def _in_language(self, concept: Concept, language: str | None) -> Concept:
        label = self.taxonomy.label(concept, language) if language else None
        return replace(concept, label=label) if label else concept

    def _isco_label(self, candidate: Candidate | None) -> str:
        concept = candidate.concept if candidate else None
        return self.taxonomy.isco_label(concept.isco) if isinstance(concept, Occupation) else ""


def explained(reader: TitleReader, posting: Posting, *, k: int) -> ExplainedDescription:
    """Predict once more over the clean text, which is what a page shows.

    Args:
        reader: Predicts.
        posting: Plain text or HTML.
        k: Titles at most.

    Returns:
        What `metier.pipelines.title_colours` renders.
    """
    text = read_text(posting.body).text
    [found] = reader.predict([text], k=k)
    return ExplainedDescription(
        posting.title or posting.id,
        text,
        tuple(ExplainedTitle(title.title, title.cosine, title.words) for title in found.titles),
    )


def _candidate_to_dict(candidate: Candidate) -> dict[str, Any]:
    concept = candidate.concept
    return {
        "uri": concept.uri,
        "label": concept.label,
        "isco": concept.isco if isinstance(concept, Occupation) else "",
        "probability": round(candidate.probability, 4),
    }
