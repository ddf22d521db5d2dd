"""People for projects: retrieved, ranked where there is a ranker, and each with the reasons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import numpy as np

from metier.data.documents import has_text, section_texts
from metier.domain import Hit, Match, Profile, Project, Where
from metier.errors import InputError
from metier.matching.pair_features import pair_features
from metier.matching.ranker import Ranker
from metier.matching.reasons import SectionEncoder, SkillReasons, skill_reasons, telling_section
from metier.matching.skill_cover import SkillCover
from metier.protocols import DocumentEncoder, Floats, VectorIndex

N_EXPLAINED: Final = 10  # matches per project whose section is looked for: each is read again for it
_N_RANKED: Final = 100  # hits per project that a ranker orders, at least

ProfilesOf = Callable[[Sequence[str]], Sequence[Profile]]
WordWeights = Callable[[Project, Sequence[Profile]], Floats]


class Finder(Protocol):
    """What people are retrieved with: any `metier.protocols.Retriever`, or an `IndexFinder`."""

    def retrieve(self, projects: Sequence[Project], *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` people closest to each project; see `metier.protocols.Retriever.retrieve`."""
        ...


@runtime_checkable
class QueryEncoder(Protocol):
    """A `DocumentEncoder` that may have a side of its own for short queries."""

    @property
    def reads_queries(self) -> bool:
        """Whether it has."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Give float32 (n_texts, dim), as `encode_projects` does for projects."""
        ...


@dataclass(frozen=True, slots=True)
class IndexFinder:
    """Searches an index with the vectors of the encoder that it was built with."""

    index: VectorIndex
    encoder: DocumentEncoder

    def retrieve(self, projects: Sequence[Project], *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` people closest to each project; see `metier.protocols.VectorIndex.search`."""
        return self.index.search(encode_asked(self.encoder, projects), k=k, where=where)


def encode_asked(encoder: DocumentEncoder, projects: Sequence[Project]) -> Floats:
    """Give one vector per project; one that is nothing but a title is read as a short query where that is possible.

    Args:
        encoder: Of projects, perhaps a `QueryEncoder` too.
        projects: Any.

    Returns:
        float32 (n_projects, dim), in order.
    """
    vectors = encoder.encode_projects(projects)
    if isinstance(encoder, QueryEncoder) and encoder.reads_queries:
        rows = [row for row, project in enumerate(projects) if _is_query(project)]
        if rows:
            vectors[rows] = encoder.encode_queries([section_texts(projects[row])["title"] for row in rows])
    return vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Finds people for projects, and says why.

    `profiles_of` gives the people of some ids, in any order; one whom it does not know is left out. `encoder` is
    asked which section speaks for a match; None: no section is named. `words` weighs the words that are shared, for
    the ranker; None: not known.
    """

    finder: Finder
    profiles_of: ProfilesOf
    cover: SkillCover
    encoder: DocumentEncoder | None = None
    ranker: Ranker | None = None
    words: WordWeights | None = None

    def match(
        self, projects: Sequence[Project], *, k: int, where: Where = (), n_explained: int = N_EXPLAINED
    ) -> list[list[Match]]:
        """Find the `k` people who fit each project best.

        Args:
            projects: Each with some text.
            k: Matches per project; fewer if fewer people pass the filter.
            where: What every match must fulfil.
            n_explained: The first few matches of each project whose `section` is looked for.

        Returns:
            One list per project, in order: by falling probability where there is a ranker, which then orders a
            hundred hits at least; else by falling similarity, `probability` being None. Ties keep the order of the
            finder.

        Raises:
            InputError: If a project has no text.
        """
        _check_texts(projects)
        n_hits = k if self.ranker is None else max(k, _N_RANKED)
        found = self.finder.retrieve(projects, k=n_hits, where=where)
        ids = dict.fromkeys(hit.id for hits in found for hit in hits)
        people = {profile.id: profile for profile in self.profiles_of(list(ids))}
        return [
            self._matches(project, [hit for hit in hits if hit.id in people], people, k=k, n_explained=n_explained)
            for project, hits in zip(projects, found, strict=True)
        ]

    def _matches(
        self, project: Project, hits: Sequence[Hit], people: Mapping[str, Profile], *, k: int, n_explained: int
    ) -> list[Match]:
        profiles = [people[hit.id] for hit in hits]
        skills = skill_reasons(project, profiles, cover=self.cover)
        probabilities = self._probabilities(project, hits, profiles)
        order = sorted(range(len(hits)), key=lambda row: -(probabilities[row] or 0.0))[:k]
        sections = self._sections(project, [profiles[row] for row in order[:n_explained]])
        return [
            _match(project, hits[row], skills[row], probability=probabilities[row], section=sections.get(hits[row].id))
            for row in order
        ]

    def _probabilities(
        self, project: Project, hits: Sequence[Hit], profiles: Sequence[Profile]
    ) -> Sequence[float | None]:
        if self.ranker is None:
            return [None] * len(hits)
        features = pair_features(
            [(project, profile) for profile in profiles],
            cosines=np.array([hit.similarity for hit in hits], dtype=np.float32),
            bm25=None if self.words is None else self.words(project, profiles),
            cover=self.cover,
        )
        found: list[float] = self.ranker.probabilities(features).tolist()
        return found

    def _sections(self, project: Project, people: Sequence[Profile]) -> dict[str, str | None]:
        if not people or self.encoder is None or not isinstance(self.encoder, SectionEncoder):
            return {}
        [query] = encode_asked(self.encoder, [project])
        return {profile.id: telling_section(profile, query, encoder=self.encoder) for profile in people}


def match_profiles(
    profiles: Sequence[Profile], *, encoder: DocumentEncoder, cover: SkillCover, ranker: Ranker | None = None
) -> Matcher:
    """Make a matcher over people who are held in memory.

    Args:
        profiles: With different ids; those without a word are never found.
        encoder: Gives them and the projects their vectors.
        cover: Compares skills.
        ranker: Orders what is found; None: the cosines do.

    Returns:
        A matcher that compares every project with everybody.

    Raises:
        MissingExtra: If there is a ranker and what it needs is not installed.
    """
    from metier.index.exact import ExactIndex

    vectors = encoder.encode_profiles(profiles)
    rows = np.flatnonzero(vectors.any(axis=1)).tolist()
    index = ExactIndex(encoder.dim)
    index.upsert([profiles[row].id for row in rows], vectors[rows], [profiles[row].facts for row in rows])
    people = {profile.id: profile for profile in profiles}
    return Matcher(
        finder=IndexFinder(index, encoder),
        profiles_of=lambda ids: [people[one] for one in ids],
        cover=cover,
        encoder=encoder,
        ranker=ranker,
        words=None if ranker is None else _word_weights(profiles),
    )


def match_index(folder: Path, *, encoder: DocumentEncoder, cover: SkillCover, ranker: Ranker | None = None) -> Matcher:
    """Make a matcher over people who are in an index.

    Args:
        folder: That `metier index build` wrote.
        encoder: The one that the index was built with.
        cover: Compares skills.
        ranker: Orders what is found, without looking at shared words; None: the cosines do.

    Returns:
        A matcher that searches the index.

    Raises:
        VectorIndexError: If the index cannot be read.
        IndexMismatch: If it was built with another encoder.
    """
    from metier.index.generations import open_generations
    from metier.pipelines.index_profiles import read_indexed_profiles

    return Matcher(
        finder=IndexFinder(open_generations(folder, encoder_version=encoder.version), encoder),
        profiles_of=lambda ids: read_indexed_profiles(folder, ids),
        cover=cover,
        encoder=encoder,
        ranker=ranker,
    )


def _is_query(project: Project) -> bool:
    return [name for name, text in section_texts(project).items() if text] == ["title"]


def _check_texts(projects: Sequence[Project]) -> None:
    for project in projects:
        if not has_text(project):
            raise InputError(
                f"The project '{project.id}' has no text to compare; give it a title, a description or skills."
            )


def _match(
    project: Project, hit: Hit, skills: SkillReasons, *, probability: float | None, section: str | None
) -> Match:
    return Match(
        project_id=project.id,
        profile_id=hit.id,
        probability=probability,
        similarity=hit.similarity,
        shared=skills.shared,
        missing=skills.missing,
        section=section,
    )


def _word_weights(profiles: Sequence[Profile]) -> WordWeights:
    from metier.matching.bm25 import Bm25

    words = Bm25(profiles)
    columns = {profile.id: column for column, profile in enumerate(profiles)}
    return lambda project, some: words.compare([project])[0][[columns[profile.id] for profile in some]]
