"""The nouns: what flows between the parts of metier.

Every offset counts Unicode code points into a text, half-open. Every probability is in [0, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

SectionKind = Literal["requirements", "duties", "company", "benefits", "legal", "other"]
MentionKind = Literal["skill", "knowledge"]
Requirement = Literal["required", "preferred", "negated", "unspecified"]


@dataclass(frozen=True, slots=True)
class Posting:
    """One job posting, as it came: `body` is plain text or HTML."""

    id: str
    body: str
    title: str = ""
    language: str | None = None  # BCP 47; None: not yet identified
    employer: str | None = None
    location: str | None = None
    posted_on: date | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text: code points `start` to `end`, half-open."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a posting and what it is about."""

    span: Span
    kind: SectionKind


@dataclass(frozen=True, slots=True)
class SkillPart:
    """One of the skills that a coordinated mention names: "build APIs" of "design and build APIs".

    `text` is what stands at `spans`, which are in order, with single spaces; none after a hyphen that ends a span.
    """

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill or a piece of knowledge named in a text."""

    span: Span
    text: str
    kind: MentionKind
    probability: float
    requirement: Requirement = "unspecified"
    section: SectionKind | None = None  # None: sections were not looked for
    either: int | None = None  # mentions of one text with the same number are alternatives
    years: float | None = None  # least years of experience asked for, where the text says so
    parts: tuple[SkillPart, ...] = ()  # two or more where the mention is coordinated; their spans lie inside its own


@dataclass(frozen=True, slots=True)
class Concept:
    """An entry of a taxonomy."""

    uri: str
    label: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skill(Concept):
    """A skill or a field of knowledge; `kind` is None where the taxonomy does not say."""

    kind: MentionKind | None = None


@dataclass(frozen=True, slots=True)
class Occupation(Concept):
    """An occupation and its four-digit ISCO-08 unit group."""

    isco: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept that a mention may mean, and the probability that it does."""

    concept: Concept
    probability: float


@dataclass(frozen=True, slots=True)
class Link:
    """What a mention means.

    `concept` is None when the linker abstains; `probability` is then that of the best candidate.
    `candidates` come by falling probability. `parts` are the links of the mention's parts, each read alone, in
    their order; the span of a part's mention goes from its first word to its last.
    """

    mention: Mention
    concept: Concept | None
    probability: float
    candidates: tuple[Candidate, ...] = ()
    parts: tuple["Link", ...] = ()

    @property
    def told(self) -> tuple["Link", ...]:
        """What the mention says: its parts if one of them means something, else the mention as a whole."""
        return self.parts if any(part.concept for part in self.parts) else (self,)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A phrase that tells what a text is about; a higher `weight` (>= 0) tells more."""

    phrase: str
    spans: tuple[Span, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class TitleSuggestion:
    """A job title and its cosine to the description, in [-1, 1]."""

    title: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a result."""

    metier: str
    tagger: str
    linker: str
    taxonomy: str
    titles: str | None = None  # None: no model of titles


@dataclass(frozen=True, slots=True)
class AnnotatedPosting:
    """Everything metier read in a posting; all spans point into `posting.body`."""

    posting: Posting
    language: str | None
    text_sha256: str
    provenance: Provenance
    sections: tuple[Section, ...] = ()
    links: tuple[Link, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    titles: tuple[TitleSuggestion, ...] = ()
    occupations: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What hard filters ask about a person or a piece of work; None or empty: not known."""

    country: str | None = None  # ISO 3166-1, two capital letters
    latitude: float | None = None  # degrees north; known together with the longitude
    longitude: float | None = None  # degrees east
    day_rate: float | None = None  # a profile: asked for; a project: the most it pays
    languages: tuple[str, ...] = ()  # two-letter codes; a profile: spoken; a project: needed
    available_from: date | None = None  # a project: when it begins
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person offering work.

    `sections` holds texts in any language by the names of `PROFILE_SECTIONS`; one that is missing is empty.
    """

    id: str
    sections: Mapping[str, str] = field(default_factory=dict)
    skills: tuple[str, ...] = ()
    facts: Facts = Facts()
    language: str | None = None  # of the texts, two letters


@dataclass(frozen=True, slots=True)
class Project:
    """A piece of work looking for a person.

    `sections` holds texts in any language by the names of `PROJECT_SECTIONS`; one that is missing is empty.
    """

    id: str
    sections: Mapping[str, str] = field(default_factory=dict)
    skills: tuple[str, ...] = ()  # mandatory
    bonus_skills: tuple[str, ...] = ()
    facts: Facts = Facts()
    language: str | None = None  # of the texts, two letters


# The sections of both, in the order in which they are read (Malt, 2024). A category or skills that are given beside
# the sections stand for the section of that name where its own text is empty: see `section_texts`.
PROFILE_SECTIONS: Final = ("title", "description", "family", "category", "skills")
PROJECT_SECTIONS: Final = ("mission", "title", "description", "family", "category", "skills", "bonus_skills")


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact is known, and one of its values is among `values`. `id` asks for the item itself."""

    fact: Literal["id", "country", "category", "languages"]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The fact is known and lies between two bounds, both included; None: open."""

    fact: Literal["day_rate", "available_from"]
    low: float | date | None = None
    high: float | date | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """The place is known and lies within a radius around a point, over the great circle."""

    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Unless:
    """The condition does not hold; so an item whose fact is not known passes."""

    condition: "OneOf | Between | Near"


Condition = OneOf | Between | Near | Unless
Where = tuple[Condition, ...]  # all must hold; empty: everything passes


@dataclass(frozen=True, slots=True)
class Hit:
    """One retrieved item and how like the query it is; higher is closer.

    `similarity` is the cosine, in [-1, 1], where vectors of unit length are compared, as every index does; else
    what the retriever ranks by, and then only its order means something.
    """

    id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Match:
    """A person for a piece of work, and why."""

    project_id: str
    profile_id: str
    probability: float | None  # that both sides say yes; None: no ranker was there to say
    similarity: float  # of the retriever
    shared: tuple[str, ...] = ()  # required skills that the profile has, as the project words them
    missing: tuple[str, ...] = ()  # required skills that it lacks
    section: str | None = None  # of the profile: the one that speaks most for the match; None: not known
