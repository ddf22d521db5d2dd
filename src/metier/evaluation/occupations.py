"""How well titles are brought to occupations, to labels in any language, and to titles that are alike."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from metier.data.title_benchmarks import TitleBenchmark, TitleQuery
from metier.domain import Occupation
from metier.evaluation.linking import Figure, View
from metier.index.character_ngrams import CharacterIndex
from metier.measures.intervals import mean_interval
from metier.measures.ranking import (
    Relevance,
    accuracy_at,
    average_precision,
    r_precision_at,
    reciprocal_rank,
    relevance,
)
from metier.protocols import Encoder, Floats
from metier.taxonomy.taxonomy import label_key
from metier.text.job_titles import clean_title
from metier.text.stemming import light_stem

DEPTH: Final = 1000  # a first hit beyond it adds less than 0.001 to an MRR, and counts as 0
_BLOCK: Final = 256  # queries at once; bounds memory at 256 x n_documents floats

T = TypeVar("T")
Rank = Callable[[Sequence[str]], list[list[str]]]  # titles -> URIs of occupations, best first
Compare = Callable[[Sequence[str]], Floats]  # titles -> (n_titles, n_documents), higher is closer
System = Callable[[Sequence[str]], Compare]  # documents -> how titles are compared with them


def unique_titles(queries: Iterable[TitleQuery]) -> list[TitleQuery]:
    """Give each different title once, whatever its case and white space, with all that is right for it.

    Args:
        queries: Repeats allowed.

    Returns:
        In the order in which the titles first come, as they first are written.
    """
    found: dict[str, TitleQuery] = {}
    for query in queries:
        key = label_key(query.text)
        before = found.get(key, query)
        found[key] = TitleQuery(before.text, before.relevant | query.relevant)
    return list(found.values())


def evaluate_occupations(
    systems: Mapping[str, Rank], queries: Sequence[TitleQuery], *, seed: int = 0
) -> dict[str, Any]:
    """Rank occupations for titles, as Decorte et al. (2021) do.

    Args:
        systems: By name; what they leave out counts as not found.
        queries: With URIs of occupations; each different title counts once.
        seed: Of the bootstrap over titles.

    Returns:
        Plain JSON values: `n_titles`, and per system `mrr`, `rp@10`, `acc@1` with their intervals.
    """
    different = unique_titles(queries)
    return {
        "n_rows": len(queries),
        "n_titles": len(different),
        "systems": {name: _occupation_view(rank, different, seed).to_dict() for name, rank in systems.items()},
    }


def evaluate_search(systems: Mapping[str, System], benchmark: TitleBenchmark, *, seed: int = 0) -> dict[str, Any]:
    """Rank documents for titles: labels of occupations (MELO), or titles that may be alike.

    Args:
        systems: By name.
        benchmark: Where its documents belong to concepts, a concept stands where its closest label does.
        seed: Of the bootstrap over titles.

    Returns:
        Plain JSON values: `n_documents`, and per system `map`, `mrr`, `acc@1` with their intervals.
    """
    labels = [document.label for document in benchmark.documents]
    return {
        "n_documents": len(labels),
        "systems": {name: _search_view(system(labels), benchmark, seed).to_dict() for name, system in systems.items()},
    }


def character_occupations(occupations: Sequence[Occupation]) -> Rank:
    """Give the baseline: the cosine of character TF-IDF to an occupation's closest label, over titles as they came."""
    index = CharacterIndex([(job.label, *job.alternatives) for job in occupations])

    def rank(titles: Sequence[str]) -> list[list[str]]:
        order = np.argsort(-index.cosines(titles), axis=1, kind="stable")[:, :DEPTH]
        return [[occupations[row].uri for row in rows] for rows in order.tolist()]

    return rank


def by_characters(documents: Sequence[str]) -> Compare:
    """Compare titles with documents by character TF-IDF: the baseline."""
    return CharacterIndex([(document,) for document in documents]).cosines


def by_stems(documents: Sequence[str]) -> Compare:
    """Compare titles with documents as the linker's characters do: by the runs in the words' light stems."""
    return CharacterIndex([(document,) for document in documents], form=light_stem).cosines


def by_encoder(encoder: Encoder) -> System:
    """Compare titles with documents by the cosine of their vectors."""

    def system(documents: Sequence[str]) -> Compare:
        vectors = encoder.encode(documents)
        return lambda titles: encoder.encode(titles) @ vectors.T

    return system


def fused(first: System, second: System, *, weight: float) -> System:
    """Add to the scores of one system those of another, times a weight."""

    def system(documents: Sequence[str]) -> Compare:
        one, other = first(documents), second(documents)
        return lambda titles: one(titles) + np.float32(weight) * other(titles)

    return system


def of_clean_titles(system: System) -> System:
    """Clean the titles, not the documents, as the linker does; a title of which nothing is left stays as it came."""

    def compared(documents: Sequence[str]) -> Compare:
        compare = system(documents)
        return lambda titles: compare([clean_title(title).title or title for title in titles])

    return compared


def _occupation_view(rank: Rank, queries: Sequence[TitleQuery], seed: int) -> View:
    marks = [
        relevance(rank([query.text for query in block]), [query.relevant for query in block], depth=DEPTH)
        for block in _blocks(queries)
    ]
    found = np.concatenate(marks) if marks else np.zeros((0, DEPTH), dtype=np.bool_)
    n_answers = _n_answers(query.relevant for query in queries)
    values = {
        "mrr": reciprocal_rank(found),
        "rp@10": r_precision_at(found, n_answers, k=10),
        "acc@1": accuracy_at(found, k=1),
    }
    return _view(values, len(queries), seed)


def _search_view(compare: Compare, benchmark: TitleBenchmark, seed: int) -> View:
    concepts = [benchmark.concepts.get(document.id, document.id) for document in benchmark.documents]
    answers = [
        frozenset(benchmark.concepts.get(document, document) for document in query.relevant)
        for query in benchmark.queries
    ]
    marks = list(_search_marks(compare, benchmark, concepts, answers))
    found = np.concatenate(marks) if marks else np.zeros((0, 1), dtype=np.bool_)
    values = {
        "map": average_precision(found, _n_answers(answers)),
        "mrr": reciprocal_rank(found),
        "acc@1": accuracy_at(found, k=1),
    }
    return _view(values, len(answers), seed)


def _search_marks(
    compare: Compare, benchmark: TitleBenchmark, concepts: Sequence[str], answers: Sequence[frozenset[str]]
) -> Iterator[Relevance]:
    for block in _blocks(range(len(answers))):
        order = np.argsort(-compare([benchmark.queries[at].text for at in block]), axis=1, kind="stable")
        rankings = [[concepts[row] for row in rows] for rows in order.tolist()]
        yield relevance(rankings, [answers[at] for at in block], depth=len(concepts))


def _blocks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _BLOCK] for start in range(0, len(items), _BLOCK))


def _n_answers(answers: Iterable[frozenset[str]]) -> NDArray[np.int64]:
    return np.array([len(right) for right in answers], dtype=np.int64)


def _view(values: Mapping[str, NDArray[np.float64]], n: int, seed: int) -> View:
    return View(
        n,
        {
            name: Figure(float(found.mean()) if n else 0.0, mean_interval(found, seed=seed))
            for name, found in values.items()
        },
    )
