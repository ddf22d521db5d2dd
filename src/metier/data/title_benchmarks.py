"""Benchmarks of job titles in: JobBERT, MELO, job-title similarity and O*NET.

JobBERT: Decorte, Van Hautte, Demeester and Develder (2021), JobBERT: Understanding Job Titles through Skills. MELO:
Retyk et al. (2024), MELO: An Evaluation Benchmark for Multilingual Entity Linking of Occupations. Similarity: Zbib et
al. (2022), Learning Job Titles Similarity from Noisy Skill Labels; Deniz et al. (2024), Combined Unsupervised and
Contrastive Learning for Multilingual Job Recommendation.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from metier.data.packed_text import read_text
from metier.errors import InputError
from metier.taxonomy.table import read_table

_NOT_RELEVANT: Final = "0"  # a TREC judgement: 1 or more is relevant


@dataclass(frozen=True, slots=True)
class TitleQuery:
    """A job title and what is right for it: ids of documents, or URIs of concepts."""

    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class TitleDocument:
    """A title or a label that may be found."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class TitleBenchmark:
    """Titles to look for, and where; all in file order."""

    queries: list[TitleQuery]  # `relevant` are ids of documents
    documents: list[TitleDocument]
    concepts: dict[str, str] = field(default_factory=dict)  # id of document -> URI of its concept; maybe none


@dataclass(frozen=True, slots=True)
class OnetTitle:
    """A job title of O*NET, or one made from it, and the occupation it belongs to."""

    title: str
    seed: str  # the title it was made from; itself for one of O*NET's own
    code: str
    occupation: str


def read_jobbert_titles(path: Path) -> list[TitleQuery]:
    """Read titles of vacancies with their ESCO occupation.

    Args:
        path: CSV with the columns `vacancyTitle` and `conceptUri`, packed with gzip or not.

    Returns:
        One query per row, in file order, repeats kept; `relevant` is the one URI.

    Raises:
        InputError: If the file cannot be read.
        MissingColumn: If a column is not there.
    """
    rows = read_table(path, needed=("vacancyTitle", "conceptUri"))
    return [TitleQuery(row["vacancyTitle"], frozenset({row["conceptUri"]})) for row in rows]


def read_melo(folder: Path, *, name: str) -> TitleBenchmark:
    """Read one data set of MELO: national names of occupations, to be found among the labels of ESCO.

    Args:
        folder: Holds `NAME.queries.tsv`, `.corpus_elements`, `.annotations` and `.concept_mapping`, packed or not.
        name: Such as `dnk_q_da_c_en`: Danish queries, English labels.

    Returns:
        The queries, the labels (several per concept, and of groups of ISCO too) and their concepts.

    Raises:
        InputError: If a file is not there or not what it should be.
    """
    documents = _documents(_found(folder, f"{name}.corpus_elements.tsv"))
    concepts = dict(_fields(_found(folder, f"{name}.concept_mapping.tsv"), n=2))
    return TitleBenchmark(_queries(folder, name, {document.id for document in documents}), documents, concepts)


def read_title_similarity(folder: Path, *, language: str) -> TitleBenchmark:
    """Read job titles and the titles that people judged to be similar.

    Args:
        folder: Holds `LANGUAGE.queries.tsv`, `.corpus_documents.tsv` and `.annotations.tsv`, packed or not.
        language: Two-letter code.

    Returns:
        The queries and the documents; no concepts.

    Raises:
        InputError: If a file is not there or not what it should be.
    """
    documents = _documents(_found(folder, f"{language}.corpus_documents.tsv"))
    return TitleBenchmark(_queries(folder, language, {document.id for document in documents}), documents)


def read_onet_titles(path: Path) -> list[OnetTitle]:
    """Read titles of O*NET.

    Args:
        path: CSV with the columns `seed_title`, `onet_code`, `onet_name` and maybe `jittered_title`, the title made
            from the seed; packed with gzip or not.

    Returns:
        One title per row, in file order.

    Raises:
        InputError: If the file cannot be read.
        MissingColumn: If a column is not there.
    """
    rows = read_table(path, needed=("seed_title", "onet_code", "onet_name"))
    return [
        OnetTitle(row.get("jittered_title", row["seed_title"]), row["seed_title"], row["onet_code"], row["onet_name"])
        for row in rows
    ]


def _found(folder: Path, name: str) -> Path:
    path = next((folder / one for one in (name, f"{name}.gz") if (folder / one).is_file()), None)
    if path is None:
        raise InputError(f"{folder} has neither {name} nor {name}.gz; check the folder and the name.")
    return path


def _fields(path: Path, *, n: int) -> Iterator[list[str]]:
    """Give the fields of each line of a table without header or quotes; an error if they are not `n`."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        if len(cells) != n:
            raise InputError(f"{path}, line {number} has {len(cells)} fields; expected {n}, parted by tabs.")
        yield cells


def _documents(path: Path) -> list[TitleDocument]:
    return [TitleDocument(identity, label) for identity, label in _fields(path, n=2)]


def _queries(folder: Path, name: str, known: set[str]) -> list[TitleQuery]:
    """Join queries with their judgements, TREC qrels: query, iteration, document, relevance."""
    texts = dict(_fields(_found(folder, f"{name}.queries.tsv"), n=2))
    path = _found(folder, f"{name}.annotations.tsv")
    relevant: dict[str, set[str]] = {query: set() for query in texts}
    for query, _, document, relevance in _fields(path, n=4):
        if query not in relevant or document not in known:
            raise InputError(f"{path} judges '{document}' for '{query}', and one of the two is not defined.")
        if relevance != _NOT_RELEVANT:
            relevant[query].add(document)
    return [TitleQuery(text, frozenset(relevant[query])) for query, text in texts.items()]
