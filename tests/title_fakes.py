"""A space of titles and a linker of occupations that know a handful of words: stand-ins for the shipped models."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from metier.domain import Candidate, Occupation
from metier.pipelines.titles import TitleReader
from metier.taxonomy.facts import Facts, Group
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.job_titles import title_key
from metier.text.words import words
from metier.titles.job2vec import WordWeight

AXES = {"data": 0, "python": 0, "pipelines": 0, "engineer": 0, "nurse": 1, "patients": 1, "datos": 0, "baker": 2}
JOBS = (
    Occupation("o0", "data engineer", isco="2511"),
    Occupation("o1", "nurse", isco="2221"),
    Occupation("o2", "baker", isco="7512"),
)
TAXONOMY = Taxonomy(
    Facts(
        name="Fake",
        version="v0",
        languages=("en", "es"),
        skills=(),
        occupations=JOBS,
        groups=(Group("g0", "Systems analysts", code="2511"), Group("g1", "Nursing professionals", code="2221")),
        parents=((),) * 5,
        translations={"es": (("ingeniero de datos",), ("enfermera",), ())},
    )
)
DESCRIPTION = "You build data pipelines in Python for the whole company."


class AxisEncoder:
    """Each known word pulls along an axis."""

    def encode(self, texts: Sequence[str]):
        vectors = np.zeros((len(texts), 3), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in words(text):
                if (axis := AXES.get(text[word.start : word.end].lower())) is not None:
                    row[axis] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


@dataclass
class FakeModel:
    """Knows five titles in two languages."""

    version: str = "fake-titles@00000000"
    known: tuple[str, ...] = ("Data Engineer", "Nurse", "Baker", "Engineer", "Ingeniero de datos")
    known_languages: tuple[str, ...] = ("en", "en", "en", "en", "es")
    least_cosine: float = 0.3

    def __post_init__(self):
        self.titles = self.descriptions = AxisEncoder()
        self.known_vectors = self.titles.encode(self.known)

    def explain(self, description, title):
        axes = {AXES[word] for word in title.lower().split() if word in AXES}
        spans = [word for word in words(description) if AXES.get(description[word.start : word.end].lower()) in axes]
        return [WordWeight(span, 1 / len(spans)) for span in spans]


class FakeOccupations:
    """Links what is called just so, and counts what it is asked."""

    version = "fake-linker@00000000"
    least_probability = 0.5

    def __init__(self):
        self.asked: list[str] = []
        self.encoder = SimpleNamespace(encode=AxisEncoder().encode)

    def rank(self, titles: Sequence[str], *, k: int) -> list[list[Candidate]]:
        self.asked += titles
        return [self._ranked(title_key(title))[:k] for title in titles]

    def link(self, titles: Sequence[str]) -> list[Candidate | None]:
        best = [found[:1] for found in self.rank(titles, k=1)]
        return [next((one for one in found if one.probability >= self.least_probability), None) for found in best]

    def _ranked(self, key: str) -> list[Candidate]:
        if not key:
            return []
        found = [Candidate(job, 0.9 if key.endswith(job.label) else 0.1) for job in JOBS]
        return sorted(found, key=lambda candidate: -candidate.probability)


def fake_reader(*, model: bool = True) -> TitleReader:
    """A reader of the fakes."""
    return TitleReader(linker=FakeOccupations(), taxonomy=TAXONOMY, model=FakeModel() if model else None)
