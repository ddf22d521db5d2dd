"""A tagger, a linker and a taxonomy that know a handful of words: stand-ins for the shipped models."""

import os
import re
import time
from collections.abc import Sequence

from metier.domain import Candidate, Concept, Link, Mention, Skill, Span
from metier.keywords.phrases import PhraseKeywords
from metier.pipelines import build
from metier.pipelines.annotate import Annotator

KNOWN = {  # words -> kind, concept, probability of the link
    "python programming": ("skill", "Python programming", 0.9),
    "python": ("knowledge", "Python (computer programming)", 0.8),
    "sql": ("knowledge", "SQL", 0.95),
    "c++": ("knowledge", "C++", 0.7),
    "wound care": ("skill", "carry out wound care", 0.85),
    "hygiene": ("knowledge", "hygiene in a health care setting", 0.6),
    "basket weaving": ("skill", None, 0.2),
    "yoga": ("knowledge", "yoga", 0.5),
    "design, build and test rest and grpc apis": ("skill", "software", 0.4),
    "build rest apis": ("skill", "build web interfaces", 0.7),
    "test grpc apis": ("skill", "test software", 0.6),
}
URI = "http://example.org/skill/"


class WordTagger:
    """Tags the known words, each layer on its own."""

    version = "fake-tagger@00000000"

    def __init__(self):
        self.seen: list[str] = []

    def tag(self, texts: Sequence[str], *, words=None) -> list[list[Mention]]:
        time.sleep(float(os.environ.get("FAKE_DELAY_S", "0")))
        self.seen += texts
        return [sorted(_mentions(text), key=lambda mention: mention.span) for text in texts]


def _mentions(text: str) -> list[Mention]:
    return [
        Mention(Span(*match.span()), match[0], kind, 0.75)
        for words, (kind, _, _) in KNOWN.items()
        for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE)
    ]


class WordLinker:
    """Links the known words."""

    version = "fake-linker@00000000"

    def link(self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[list[Link]]:
        time.sleep(float(os.environ.get("FAKE_LINK_DELAY_S", "0")))
        for text, found in zip(texts, mentions, strict=True):
            assert all(text[m.span.start : m.span.end] == m.text for m in found)
        return [[_link(mention) for mention in found] for found in mentions]

    def rank(self, texts: Sequence[str], *, k: int) -> list[list[Candidate]]:
        raise NotImplementedError


def _link(mention: Mention) -> Link:
    _, label, probability = KNOWN.get(mention.text.lower(), (None, None, 0.1))
    concept = Skill(URI + label.lower().replace(" ", "-"), label) if label else None
    best = Skill(URI + "best", "best guess")
    return Link(mention, concept, probability, (Candidate(concept or best, probability),))


class FakeTaxonomy:
    name = "Fake"
    version = "v0"
    languages = ("en", "de")

    def group(self, concept: Concept) -> str:
        return self.code(concept).split(".")[0]

    def code(self, concept: Concept) -> str:
        return "S1.2.3" if concept.label[0].islower() else "K0613"

    def group_label(self, code: str) -> str:
        return {"S1": "caring", "K0613": "software"}[code]

    def label(self, concept: Concept, language: str) -> str | None:
        assert language in self.languages
        return "Wunden versorgen" if concept.label == "carry out wound care" and language == "de" else None


def use_fakes() -> None:
    """Put the fakes where the shipped models would be loaded; for a process of its own."""
    build.build_annotator = build_fake_annotator
    build.build_linking = build_fake_linking


def build_fake_annotator(**options) -> Annotator:
    return Annotator(tagger=WordTagger(), linker=WordLinker(), keywords=PhraseKeywords(), taxonomy=FakeTaxonomy())


def build_fake_linking(**options) -> build.Linking:
    return build.Linking(linker=WordLinker(), taxonomy=FakeTaxonomy())
