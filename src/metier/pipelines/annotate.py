"""Annotate: postings in, the same postings with their sections, linked skills, keywords, titles and occupations out."""

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import islice
from typing import Final

from metier.domain import (
    AnnotatedPosting,
    Candidate,
    Keyword,
    Link,
    Mention,
    Posting,
    Provenance,
    Section,
    SectionKind,
    SkillPart,
    Span,
    TitleSuggestion,
)
from metier.pipelines.titles import TitleReader
from metier.protocols import KeywordExtractor, Linker, Tagger
from metier.tagging.coordination import joined, split_coordinated
from metier.tagging.requirement import read_requirements
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.html import read_text
from metier.text.language import identify
from metier.text.sections import sections as sections_of
from metier.text.sentences import sentences as sentences_of
from metier.text.source import SourceText

N_KEYWORDS: Final = 10
N_TITLES: Final = 3
N_OCCUPATIONS: Final = 3
_CHUNK_POSTINGS: Final = 12
_CHUNK_CHARACTERS: Final = 1 << 20  # bounds memory where postings are long
_NOT_ABOUT_THE_JOB: Final[frozenset[SectionKind]] = frozenset({"company", "benefits", "legal"})
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A posting taken apart; every span points into `source.text`."""

    posting: Posting
    source: SourceText
    language: str | None
    sections: list[Section]
    sentences: list[Span]
    told: list[Span]  # the sentences that the models get to see

    def text_of(self, span: Span) -> str:
        return self.source.text[span.start : span.end]


@dataclass(frozen=True, slots=True)
class _Job:
    """What a posting's job may be called, and what it is."""

    titles: tuple[TitleSuggestion, ...] = ()
    occupations: tuple[Candidate, ...] = ()


class Annotator:
    """Reads postings; every part is fixed when it is made, so the same posting always gives the same result."""

    def __init__(
        self,
        *,
        tagger: Tagger,
        linker: Linker,
        keywords: KeywordExtractor,
        taxonomy: Taxonomy,
        titles: TitleReader | None = None,
        threads: int = 1,
    ) -> None:
        """Put the parts together; `build_annotator` does it for the shipped ones.

        Args:
            tagger: Finds the mentions.
            linker: Says what they mean.
            keywords: Picks the phrases that tell most.
            taxonomy: What the linker links to.
            titles: Suggests titles and says which occupations they mean; None: neither is looked for.
            threads: Chunks of postings that are worked on at the same time; changes nothing but the time.
        """
        self._threads = threads
        self.taxonomy = taxonomy
        self._tagger = tagger
        self._linker = linker
        self._keywords = keywords
        self._titles = titles
        self._provenance = Provenance(
            metier=version("metier"),
            tagger=tagger.version,
            linker=linker.version,
            taxonomy=f"{taxonomy.name} {taxonomy.version}",
            titles=titles.model.version if titles and titles.model else None,
        )

    def annotate(self, postings: Iterable[Posting], *, all_sections: bool = False) -> Iterator[AnnotatedPosting]:
        """Annotate postings as they come, a few dozen at a time.

        Args:
            postings: Any number of them; their bodies are plain text or HTML.
            all_sections: Also look for skills where the employer speaks of itself, of what it offers, and of
                the law.

        Yields:
            One result per posting, in order; its spans point into the body as it came.
        """
        chunks = _chunks(postings)
        with ThreadPoolExecutor(self._threads) as pool:  # while one chunk is in the encoder, another is in Python
            running = deque(
                pool.submit(self._annotate_chunk, chunk, all_sections) for chunk in islice(chunks, self._threads)
            )
            while running:
                done = running.popleft().result()
                running.extend(pool.submit(self._annotate_chunk, chunk, all_sections) for chunk in islice(chunks, 1))
                yield from done

    def _annotate_chunk(self, chunk: Sequence[Posting], all_sections: bool) -> list[AnnotatedPosting]:
        readings = [_read(posting, all_sections) for posting in chunk]
        links = self._links_by_sentence(readings)
        keywords = self._keywords.extract([reading.source.text for reading in readings], limit=N_KEYWORDS)
        jobs = self._jobs(readings)
        return [
            replace(self._result(reading, links, phrases), titles=job.titles, occupations=job.occupations)
            for reading, phrases, job in zip(readings, keywords, jobs, strict=True)
        ]

    def _jobs(self, readings: Sequence[_Reading]) -> list[_Job]:
        """Say what each job may be called, and what it is: by its own title, else by the best suggested one."""
        if self._titles is None:
            return [_Job() for _ in readings]
        suggested = self._titles.suggest(
            [reading.source.text for reading in readings],
            k=N_TITLES,
            languages=[reading.language for reading in readings],
        )
        names = [
            _LONE_SURROGATE.sub("\ufffd", reading.posting.title) or next((near.title for near in found.titles), "")
            for reading, found in zip(readings, suggested, strict=True)
        ]
        occupations = self._titles.occupations(names, k=N_OCCUPATIONS)
        return [_Job(found.titles, meant) for found, meant in zip(suggested, occupations, strict=True)]

    def _links_by_sentence(self, readings: Sequence[_Reading]) -> dict[str, list[Link]]:
        """Tag and link each different sentence once; the spans of the links point into the sentence."""
        texts = list({reading.text_of(span): None for reading in readings for span in reading.told})
        shown = [_LONE_SURROGATE.sub("\ufffd", text) for text in texts]  # tokenizers take valid text only
        mentions = [
            [replace(mention, parts=split_coordinated(text, mention.span)) for mention in found]
            for text, found in zip(shown, self._tagger.tag(shown), strict=True)
        ]
        return dict(zip(texts, _linked(self._linker, shown, mentions), strict=True))

    def _result(
        self, reading: _Reading, links_by_sentence: dict[str, list[Link]], keywords: Sequence[Keyword]
    ) -> AnnotatedPosting:
        source = reading.source
        links = [
            replace(link, mention=_moved(link.mention, sentence.start, source.text))
            for sentence in reading.told
            for link in links_by_sentence[reading.text_of(sentence)]
        ]
        mentions = read_requirements(
            source.text,
            [link.mention for link in links],
            sections=reading.sections,
            sentences=reading.sentences,
        )
        return AnnotatedPosting(
            posting=reading.posting,
            language=reading.language,
            text_sha256=hashlib.sha256(reading.posting.body.encode("utf-8", "surrogatepass")).hexdigest(),
            provenance=self._provenance,
            sections=tuple(replace(section, span=source.original_span(section.span)) for section in reading.sections),
            links=tuple(
                _placed(link, _in_original(mention, source)) for link, mention in zip(links, mentions, strict=True)
            ),
            keywords=tuple(
                replace(keyword, spans=tuple(map(source.original_span, keyword.spans))) for keyword in keywords
            ),
        )


def _chunks(postings: Iterable[Posting]) -> Iterator[list[Posting]]:
    chunk: list[Posting] = []
    for posting in postings:
        chunk.append(posting)
        if len(chunk) >= _CHUNK_POSTINGS or sum(len(held.body) for held in chunk) >= _CHUNK_CHARACTERS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _read(posting: Posting, all_sections: bool) -> _Reading:
    source = read_text(posting.body)
    sections = sections_of(source.text)
    sentences = sentences_of(source.text)
    return _Reading(
        posting=posting,
        source=source,
        language=posting.language or identify(source.text),
        sections=sections,
        sentences=sentences,
        told=sentences if all_sections else _about_the_job(sentences, sections),
    )


def _about_the_job(sentences: Sequence[Span], sections: Sequence[Section]) -> list[Span]:
    """Those that begin outside the sections on the employer, its offers and the law."""
    skipped = iter([section.span for section in sections if section.kind in _NOT_ABOUT_THE_JOB])
    current = next(skipped, None)
    kept = []
    for sentence in sentences:
        while current is not None and current.end <= sentence.start:
            current = next(skipped, None)
        if current is None or sentence.start < current.start:
            kept.append(sentence)
    return kept


def _linked(linker: Linker, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[list[Link]]:
    """Link mentions, and each part of a coordinated one as a text of its own."""
    parts = list(dict.fromkeys(part.text for found in mentions for mention in found for part in mention.parts))
    alone = [[Mention(Span(0, len(part)), part, "skill", 1.0)] for part in parts]
    links = linker.link([*texts, *parts], [*mentions, *alone])
    by_part = {part: found for part, [found] in zip(parts, links[len(texts) :], strict=True)}
    return [
        [replace(link, parts=tuple(by_part[part.text] for part in link.mention.parts)) for link in found]
        for found in links[: len(texts)]
    ]


def _moved(mention: Mention, offset: int, text: str) -> Mention:
    """The same mention of a sentence, as a mention of the whole text."""

    def move(span: Span) -> Span:
        return Span(span.start + offset, span.end + offset)

    span = move(mention.span)
    places = [tuple(map(move, part.spans)) for part in mention.parts]
    parts = tuple(SkillPart(joined(text, spans), spans) for spans in places)
    return replace(mention, span=span, text=text[span.start : span.end], parts=parts)


def _in_original(mention: Mention, source: SourceText) -> Mention:
    """The same mention of the clean text, as a mention of the body as it came."""
    parts = tuple(replace(part, spans=tuple(map(source.original_span, part.spans))) for part in mention.parts)
    return replace(mention, span=source.original_span(mention.span), parts=parts)


def _placed(link: Link, mention: Mention) -> Link:
    """The same link with its mention in place; what holds for the mention holds for its parts."""
    parts = tuple(
        replace(found, mention=replace(mention, span=_whole(part), text=part.text, parts=()))
        for found, part in zip(link.parts, mention.parts, strict=True)
    )
    return replace(link, mention=mention, parts=parts)


def _whole(part: SkillPart) -> Span:
    return Span(part.spans[0].start, part.spans[-1].end)
