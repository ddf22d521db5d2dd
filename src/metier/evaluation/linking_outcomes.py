"""What a linker said of every row of labelled mentions, and whether it was right: all figures come from it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.linking_rows import LinkingRow, group_mentions, group_sentences
from metier.domain import Candidate, Link, Mention, Span
from metier.measures.ranking import Relevance, relevance
from metier.protocols import Linker
from metier.taxonomy.taxonomy import label_key

SENTENCE_DEPTH: Final = 1000  # a first hit beyond it adds less than 0.001 to an MRR, and counts as 0
MENTION_DEPTH: Final = 32  # of Zhang, van der Goot and Plank (2024), Entity Linking in the Job Market

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingOutcomes:
    """Whether each candidate was right: of sentences, of rows, and of whole spans."""

    sentences: Relevance  # (n_sentences, SENTENCE_DEPTH): the sentences that have a label
    n_sentence_labels: Counts  # (n_sentences,), each at least 1
    n_without_label: int  # sentences left out: none of their rows has a label
    rows: Relevance  # (n_rows, MENTION_DEPTH): never right where the row has no label
    has_label: Bools  # (n_rows,)
    abstains: Bools  # (n_rows,)
    probabilities: NDArray[np.float64]  # (n_rows,): that the best candidate is right; 0 where there is none
    spans: Relevance  # (n_spans, MENTION_DEPTH): the whole spans that have a label; any of their labels is right
    n_span_labels: Counts  # (n_spans,), each at least 1
    n_not_verbatim: int  # rows whose mention does not stand in the sentence word for word
    unknown_labels: tuple[str, ...]  # gold labels that no concept has; always wrong


def judge_linking(linker: Linker, rows: Sequence[LinkingRow], *, labels: Collection[str]) -> LinkingOutcomes:
    """Rank concepts for sentences, link mentions, and compare with the gold labels.

    Labels are compared whatever the case and the white space. A sentence that the file repeats is one query;
    a row that it repeats is two, as in published figures.

    Args:
        linker: Its links carry up to 32 candidates.
        rows: As `metier.data.linking_rows.read_linking` gives them.
        labels: The preferred labels that the linker can find.

    Returns:
        The outcomes, in the order of the rows.
    """
    spans = [span for span in group_mentions(rows) if span.labels]
    row_queries = [(row.sentence, row.span, row.text) for row in rows]
    span_queries = [(one.sentence, one.span, one.sentence[one.span.start : one.span.end]) for one in spans]
    links = _link(linker, [*row_queries, *span_queries])
    sentences = group_sentences(rows)
    asked = [sentence for sentence in sentences if sentence.labels]
    rankings = linker.rank([sentence.text for sentence in asked], k=SENTENCE_DEPTH)
    of_sentences = [_keys(sentence.labels) for sentence in asked]
    of_spans = [_keys(span.labels) for span in spans]
    return LinkingOutcomes(
        sentences=relevance([_ranked(ranking) for ranking in rankings], of_sentences, depth=SENTENCE_DEPTH),
        n_sentence_labels=_sizes(of_sentences),
        n_without_label=len(sentences) - len(asked),
        rows=_relevance(links[: len(rows)], [_keys([row.label] if row.label else []) for row in rows]),
        has_label=np.array([row.label is not None for row in rows], dtype=np.bool_),
        abstains=np.array([link.concept is None for link in links[: len(rows)]], dtype=np.bool_),
        probabilities=np.array([link.probability for link in links[: len(rows)]], dtype=np.float64),
        spans=_relevance(links[len(rows) :], of_spans),
        n_span_labels=_sizes(of_spans),
        n_not_verbatim=sum(not row.verbatim for row in rows),
        unknown_labels=_unknown(rows, labels),
    )


def pool_outcomes(several: Sequence[LinkingOutcomes]) -> LinkingOutcomes:
    """Put the outcomes on several files together, as if they were one; a sentence of two files stays two queries.

    Args:
        several: One at least, of the same linker.

    Returns:
        All of them, in order.
    """
    return LinkingOutcomes(
        sentences=np.concatenate([one.sentences for one in several]),
        n_sentence_labels=np.concatenate([one.n_sentence_labels for one in several]),
        n_without_label=sum(one.n_without_label for one in several),
        rows=np.concatenate([one.rows for one in several]),
        has_label=np.concatenate([one.has_label for one in several]),
        abstains=np.concatenate([one.abstains for one in several]),
        probabilities=np.concatenate([one.probabilities for one in several]),
        spans=np.concatenate([one.spans for one in several]),
        n_span_labels=np.concatenate([one.n_span_labels for one in several]),
        n_not_verbatim=sum(one.n_not_verbatim for one in several),
        unknown_labels=tuple(dict.fromkeys(label for one in several for label in one.unknown_labels)),
    )


def _link(linker: Linker, queries: Sequence[tuple[str, Span, str]]) -> list[Link]:
    """Link each different query once: a slow linker reads the whole spans that are rows, too, only one time."""
    different = list(dict.fromkeys(queries))
    mentions = [[Mention(span, text, "skill", 1.0)] for _, span, text in different]
    links = linker.link([sentence for sentence, _, _ in different], mentions)
    found = {query: of_query[0] for query, of_query in zip(different, links, strict=True)}
    return [found[query] for query in queries]


def _relevance(links: Sequence[Link], gold: Sequence[Collection[str]]) -> Relevance:
    return relevance([_ranked(link.candidates) for link in links], gold, depth=MENTION_DEPTH)


def _ranked(candidates: Sequence[Candidate]) -> list[str]:
    return [label_key(candidate.concept.label) for candidate in candidates]


def _keys(labels: Collection[str]) -> frozenset[str]:
    return frozenset(map(label_key, labels))


def _sizes(gold: Sequence[Collection[str]]) -> Counts:
    return np.array([len(keys) for keys in gold], dtype=np.int64)


def _unknown(rows: Sequence[LinkingRow], labels: Collection[str]) -> tuple[str, ...]:
    known = _keys(labels)
    gold = dict.fromkeys(row.label for row in rows if row.label is not None)
    return tuple(label for label in gold if label_key(label) not in known)
