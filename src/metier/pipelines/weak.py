"""Weak supervision put together: the methods by name, and the labelling of postings that nobody has labelled."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from metier.artifacts import read_artifact, read_encoder, read_kind
from metier.data.packed_text import write_whole
from metier.data.skillspan import TaggedSentence, skillspan_row, span_tags
from metier.data.tables import json_line
from metier.domain import MentionKind, Posting, SectionKind
from metier.errors import ConfigError, InputError
from metier.nn.starting_weights import MINILM, find_encoder
from metier.tagging.layers import LAYERS
from metier.tagging.weak import SpanFinder, WeakTagger
from metier.tagging.weak_baselines import LabelFinder, PatternFinder, frequent_patterns, lemma
from metier.tagging.weak_encoder import Pooling, WordEncoder
from metier.tagging.weak_grammar import parse
from metier.tagging.weak_ngrams import NgramFinder, NgramOptions
from metier.tagging.weak_rules import RuleFinder, RuleOptions, sentence_demand
from metier.tagging.weak_skills import (
    SkillVectors,
    Words,
    corpus_vectors,
    isolated_vectors,
    label_words,
    smoothed_idf,
)
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.html import read_text
from metier.text.language import identify
from metier.text.sections import sections as sections_of
from metier.text.sentences import sentences as sentences_of
from metier.text.words import words as words_of

_N_PATTERNS: Final = 10  # K of the paper's best part-of-speech baseline
# Of (none, -0.2, -0.15, -0.1, -0.05, 0), the best sum of strict and loose F1 on SkillSpan's train split.
_TUNED_DEMAND: Final = -0.15
_LONGEST_SENTENCE: Final = 120  # words; a longer one is a list that lost its line breaks
_WITHOUT_SKILLS: Final[frozenset[SectionKind]] = frozenset({"company", "benefits", "legal"})


@dataclass(frozen=True, kw_only=True)
class NgramMethod:
    """A method of the paper: a representation of skills, and how candidates are made."""

    skills: Literal["iso", "aoc", "wse"]
    options: NgramOptions
    pooling: Pooling = "first"  # of skills that are read by themselves


_ISOLATED: Final = NgramOptions()
_MEAN: Final = NgramOptions(pooling="mean")
_CONTEXTUAL: Final = NgramOptions(contextual=True)
_FURTHER: Final = NgramOptions(contextual=True, several=True, longest=8)
NGRAM_METHODS: Final = {
    "iso-isolated": NgramMethod(skills="iso", options=_ISOLATED),
    "iso-contextual": NgramMethod(skills="iso", options=_CONTEXTUAL),
    "iso-mean-isolated": NgramMethod(skills="iso", options=_MEAN, pooling="mean"),
    "iso-mean-contextual": NgramMethod(skills="iso", options=_CONTEXTUAL, pooling="mean"),
    "aoc-isolated": NgramMethod(skills="aoc", options=_ISOLATED),
    "aoc-contextual": NgramMethod(skills="aoc", options=_CONTEXTUAL),
    "wse-isolated": NgramMethod(skills="wse", options=_ISOLATED),
    "wse-contextual": NgramMethod(skills="wse", options=_CONTEXTUAL),
    "wse-contextual-several": NgramMethod(skills="wse", options=_FURTHER),
    "iso-mean-isolated-several": NgramMethod(
        skills="iso", options=replace(_MEAN, several=True, longest=8), pooling="mean"
    ),
}
BASELINES: Final = ("exact", "lemma", "parts-of-speech")
RULES: Final = ("rules", "rules-demand", "rules-tuned")
METHODS: Final = (*BASELINES, *NGRAM_METHODS, *RULES)


@dataclass(frozen=True, slots=True)
class _Sentence:
    words: tuple[str, ...]
    posting: str
    may_hold_skills: bool  # False: it stands in a section on the employer, its offers or the law


class WeakMethods:
    """Builds methods by name; what several of them share is made once."""

    def __init__(self, *, taxonomy: Taxonomy, encoder: WordEncoder, corpus: Sequence[Sequence[str]]) -> None:
        """Hold what methods are built from.

        Args:
            taxonomy: Whose skills are looked for.
            encoder: What compares, in the methods that compare.
            corpus: Words of unlabelled sentences, for the representations that look labels up in use.
        """
        self._taxonomy = taxonomy
        self._encoder = encoder
        self._corpus = corpus

    def tagger(self, method: str) -> WeakTagger:
        """Build a method as a tagger; see `finder`."""
        return WeakTagger(self.finder(method), version=f"weak-{method}")

    def finder(self, method: str, *, above: float = -1.0) -> SpanFinder:
        """Build a method.

        Args:
            method: One of `METHODS`.
            above: The threshold of a method that compares cosines; the others have none.

        Returns:
            What finds the spans.

        Raises:
            ConfigError: If there is no such method.
            InputError: If no label stands in the corpus that the method needs.
            MissingExtra: If it needs a parser that is not installed.
        """
        if method not in METHODS:
            raise ConfigError(f"There is no method '{method}'; expected one of {', '.join(METHODS)}.")
        if method in NGRAM_METHODS:
            chosen = NGRAM_METHODS[method]
            return NgramFinder(self._encoder, self._skills(chosen), options=replace(chosen.options, above=above))
        if method == "parts-of-speech":
            return PatternFinder(frequent_patterns(self._labels, parse=parse, n_patterns=_N_PATTERNS), parse=parse)
        if method in BASELINES:
            return LabelFinder(self._labels, form=lemma if method == "lemma" else str)
        demand = None if method == "rules" else sentence_demand(self._encoder)
        options = RuleOptions(least_demand=_TUNED_DEMAND) if method == "rules-tuned" else RuleOptions()
        return RuleFinder(self._rule_labels, parse=parse, demand=demand, options=options)

    def _skills(self, method: NgramMethod) -> SkillVectors:
        if method.skills == "iso":
            return isolated_vectors(self._labels, self._encoder, pooling=method.pooling)
        idf = smoothed_idf(self._corpus) if method.skills == "wse" else None
        skills = corpus_vectors(self._labels, self._corpus, self._encoder, idf=idf)
        if not skills.labels:
            raise InputError(
                f"None of the {len(self._corpus)} sentences of the corpus holds a label, and {method.skills} needs "
                "some that do; give postings in the language of the taxonomy."
            )
        return skills

    @cached_property
    def _labels(self) -> dict[Words, MentionKind]:
        return label_words(self._taxonomy.skills)

    @cached_property
    def _rule_labels(self) -> dict[Words, MentionKind]:
        """Preferred labels, and alternatives of two words or more: single words among them mean too many things."""
        every = label_words(self._taxonomy.skills, alternatives=True)
        return {words: kind for words, kind in every.items() if len(words) > 1 or words in self._labels}


def load_encoder(name: str, *, threads: int) -> WordEncoder:
    """Load what compares words and phrases.

    Args:
        name: A shipped tagger or linker, a folder of one, or `sentence-transformers/all-MiniLM-L6-v2`, which has
            seen nothing of ours and is converted on the spot (extra `train`).
        threads: Processors to use.

    Returns:
        The encoder.

    Raises:
        ModelError: If there is no such model.
        MissingExtra: If the extra is not installed.
    """
    if name != MINILM:
        return WordEncoder.load(read_encoder(read_artifact(name, kind=read_kind(name))).folder, threads=threads)
    from metier.nn.export import export_encoder

    with TemporaryDirectory() as folder:
        for path, content in export_encoder(Path(find_encoder(name)), quantization="int8").items():
            (Path(folder) / path).parent.mkdir(exist_ok=True)
            (Path(folder) / path).write_bytes(content)
        return WordEncoder.load(Path(folder), threads=threads)


def corpus_sentences(postings: Iterable[Posting], *, limit: int, language: str = "en") -> list[list[str]]:
    """Cut postings into different sentences.

    Args:
        postings: Any number of them; no more are read than are needed.
        limit: Sentences at most.
        language: Postings in another one are passed over.

    Returns:
        The words of each sentence, in order of first appearance.
    """
    found: dict[tuple[str, ...], None] = {}
    for posting in postings:
        found |= dict.fromkeys(sentence.words for sentence in _cut(posting, language))
        if len(found) >= limit:
            break
    return [list(words) for words in found][:limit]


def label_postings(
    postings: Iterable[Posting], finder: SpanFinder, *, balanced: bool, language: str = "en"
) -> Iterator[TaggedSentence]:
    """Label the sentences of postings that nobody has labelled.

    A sentence in a section on the employer, its offers or the law has no span. A sentence that came before is
    passed over.

    Args:
        postings: Any number of them.
        finder: What finds the spans.
        balanced: Pass over a sentence without spans where there are already as many as sentences with spans.
        language: Postings in another one are passed over.

    Yields:
        Sentences with both layers, in order; `posting` is the posting's id.
    """
    seen: set[tuple[str, ...]] = set()
    surplus = 0  # sentences with spans less sentences without, so far
    for posting in postings:
        new = {sentence.words: sentence for sentence in _cut(posting, language) if sentence.words not in seen}
        seen.update(new)
        for sentence in _labelled(list(new.values()), finder):
            has_span = "B" in (sentence.skill or ()) or "B" in (sentence.knowledge or ())
            if has_span or surplus > 0 or not balanced:
                surplus += 1 if has_span else -1
                yield sentence


def every_tenth_posting(sentences: Sequence[TaggedSentence]) -> frozenset[str]:
    """The ids of every tenth posting, in order of first appearance; of the last one if there are fewer."""
    postings = list(dict.fromkeys(sentence.posting for sentence in sentences))
    return frozenset(postings[9::10] or postings[-1:])


def write_labelled(path: Path, sentences: Sequence[TaggedSentence]) -> None:
    """Write tagged sentences in the format of SkillSpan.

    Args:
        path: The file; packed with gzip if its name ends in `.gz`.
        sentences: With both layers.

    Raises:
        InputError: If it cannot be written.
    """
    write_whole(path, "".join(json_line(skillspan_row(sentence)) for sentence in sentences))


def _cut(posting: Posting, language: str) -> Iterator[_Sentence]:
    text = read_text(posting.body).text
    if (posting.language or identify(text)) != language:
        return
    closed = [section.span for section in sections_of(text) if section.kind in _WITHOUT_SKILLS]
    for span in sentences_of(text):
        sentence = text[span.start : span.end]
        words = tuple(sentence[word.start : word.end] for word in words_of(sentence))
        if len(words) <= _LONGEST_SENTENCE:
            may_hold_skills = not any(one.start <= span.start < one.end for one in closed)
            yield _Sentence(words, posting.id, may_hold_skills)


def _labelled(sentences: Sequence[_Sentence], finder: SpanFinder) -> Iterator[TaggedSentence]:
    found = iter(finder.find([sentence.words for sentence in sentences if sentence.may_hold_skills]))
    for sentence in sentences:
        spans = next(found) if sentence.may_hold_skills else []
        skill, knowledge = (
            span_tags(((span.start, span.end) for span in spans if span.kind == layer), n_words=len(sentence.words))
            for layer in LAYERS
        )
        yield TaggedSentence(sentence.words, skill, knowledge, sentence.posting)
