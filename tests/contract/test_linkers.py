"""What every linker keeps to."""

import random

import pytest

from metier.artifacts import shipped_names
from metier.domain import Mention, Span
from metier.linking.linker import ConceptLinker
from metier.pipelines.build import build_linking
from metier.taxonomy.taxonomy import Taxonomy

SHIPPED = [name for name in shipped_names() if name.startswith("linker")]
TEXTS = [
    "Experience with Python, C++ and SQL is required",
    "You lead a team and carry out wound care",
    "nothing to link here",
    "",
    "SQL",
    "R&D 👍 naïve, wound care",
]
WORDS = [["Python", "C++", "SQL"], ["lead a team", "wound care"], [], [], ["SQL"], ["👍", ",", "wound care"]]
MENTIONS = [
    [Mention(Span(text.index(w), text.index(w) + len(w)), w, "skill", 0.5) for w in words]
    for text, words in zip(TEXTS, WORDS, strict=True)
]


@pytest.fixture(
    params=["tiny", "reranked", "generator", *(pytest.param(name, marks=pytest.mark.models) for name in SHIPPED)]
)
def load(request):
    if request.param == "reranked":
        linker, taxonomy = request.getfixturevalue("tiny_linker")
        reranker = request.getfixturevalue("tiny_reranker")
        return lambda threads, **options: (
            build_linking(linker=linker, taxonomy=taxonomy, reranker=reranker, threads=threads, **options).linker
        )
    if request.param == "generator":
        generator, taxonomy = request.getfixturevalue("tiny_generator"), request.getfixturevalue("tiny_linker")[1]
        return lambda threads, **options: (
            build_linking(linker=generator, taxonomy=taxonomy, threads=threads, **options).linker
        )
    if request.param == "tiny":
        name, taxonomy = request.getfixturevalue("tiny_linker")
    else:
        name, taxonomy = request.param, "esco"
    skills = Taxonomy.load(taxonomy).skills
    return lambda threads, **options: ConceptLinker.load(
        name, skills=skills, taxonomy=taxonomy, threads=threads, **options
    )


@pytest.fixture
def linker(load):
    return load(1)


def test_one_link_per_mention_in_order(linker):
    links = linker.link(TEXTS, MENTIONS)
    assert [[link.mention for link in found] for found in links] == MENTIONS


def test_nothing_in_gives_nothing_out(linker):
    assert linker.link([], []) == []
    assert linker.link(["a", ""], [[], []]) == [[], []]
    assert linker.rank([], k=3) == []


def test_candidates_fall_by_probability_and_the_first_is_the_link(linker):
    for link in (link for found in linker.link(TEXTS, MENTIONS) for link in found):
        probabilities = [candidate.probability for candidate in link.candidates]
        assert probabilities == sorted(probabilities, reverse=True)
        assert all(0 <= probability <= 1 for probability in probabilities)
        assert link.probability == probabilities[0]
        assert link.concept in (None, link.candidates[0].concept)
        assert len({candidate.concept.uri for candidate in link.candidates}) == len(probabilities)


def test_batch_size_changes_nothing(linker):
    alone = [linker.link([text], [mentions])[0] for text, mentions in zip(TEXTS, MENTIONS, strict=True)]
    assert alone == linker.link(TEXTS, MENTIONS)
    assert [linker.rank([text], k=5)[0] for text in TEXTS] == linker.rank(TEXTS, k=5)


def test_the_other_mentions_of_a_text_change_nothing(linker):
    together = linker.link(TEXTS[:1], MENTIONS[:1])[0]
    assert [linker.link(TEXTS[:1], [[mention]])[0][0] for mention in MENTIONS[0]] == together


def test_order_changes_nothing(linker):
    order = random.Random(1).sample(range(len(TEXTS)), len(TEXTS))
    links = linker.link(TEXTS, MENTIONS)
    assert linker.link([TEXTS[i] for i in order], [MENTIONS[i] for i in order]) == [links[i] for i in order]


def test_threads_change_nothing(load):
    texts, mentions = TEXTS * 3, MENTIONS * 3
    one, two = load(1), load(2)
    assert one.link(texts, mentions) == two.link(texts, mentions)
    assert one.rank(texts, k=5) == two.rank(texts, k=5)


def test_rank_gives_k_candidates_per_text(linker):
    for candidates in linker.rank(TEXTS, k=2):
        assert len(candidates) == 2
        assert candidates[0].probability >= candidates[1].probability


def test_a_higher_min_precision_only_abstains_more(load):
    def concepts(linker):
        return [link.concept for found in linker.link(TEXTS, MENTIONS) for link in found]

    everything, nothing = concepts(load(1, min_precision=0.0)), concepts(load(1, min_precision=1.0))
    some = concepts(load(1))
    assert None not in everything
    assert all(concept in (None, best) for concept, best in zip(some, everything, strict=True))
    assert sum(concept is None for concept in nothing) >= sum(concept is None for concept in some)


def test_the_version_names_the_model_and_its_hash(linker):
    for part in linker.version.split("+"):
        name, digits = part.split("@")
        assert name
        assert len(digits) == 8
