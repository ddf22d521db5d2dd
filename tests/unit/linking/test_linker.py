import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import Mention, Skill, Span
from metier.errors import ConfigError, TaxonomyMismatch
from metier.linking.concepts import ConceptIndex, VectorParts, concept_vectors
from metier.linking.lexical import LexicalIndex
from metier.linking.linker import (
    N_CANDIDATES,
    ConceptLinker,
    Fusion,
    Scores,
    candidate_features,
    candidate_probabilities,
    mention_scores,
    read_fusion,
)
from metier.linking.top_rows import top_rows
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.words import words as words_of

DIM = 64
FUSION = Fusion(
    temperature=0.1,
    mention_lexical=0.2,
    same_words=0.1,
    sentence_lexical=0.5,
    calibration=(6.0, 2.0, 1.0, 0.0, -4.0),
    abstain_below=0.5,
)
SKILLS = tuple(
    Skill(f"s{number}", *called)
    for number, called in enumerate(
        [
            ("Python (computer programming)", ("Python",)),
            ("manage a team", ("lead a team", "team leadership")),
            ("wound care", ()),
            ("SQL", ()),
            ("sql", ()),  # a second of the same name
        ]
    )
)


class WordEncoder:
    """Every word has one fixed random direction, whatever stands around it."""

    def pieces(self, texts):
        return [self._read(text) for text in texts]

    def encode(self, texts, *, dim=DIM):
        means = np.zeros((len(texts), dim))
        for row, vectors in zip(means, self.pieces(texts), strict=True):
            row[:] = vectors.mean(axis=0) if len(vectors) else 0
        return (means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)).astype(np.float32)

    def _read(self, text):
        words = words_of(text)
        vectors = np.zeros((len(words), DIM), dtype=np.float32)
        for row, word in zip(vectors, words, strict=True):
            draw = np.random.default_rng(zlib.crc32(text[word.start : word.end].lower().encode()))
            row[:] = draw.normal(size=DIM)
            row /= np.linalg.norm(row)
        return vectors


def make_linker(skills=SKILLS, fusion=FUSION, **options):
    encoder = WordEncoder()
    vectors = np.zeros((0, DIM), dtype=np.float32)
    if skills:
        parts = VectorParts(alternatives=0.5, description=0.0)
        vectors = concept_vectors(skills, [""] * len(skills), encode=encoder.encode, parts=parts)
    index = ConceptIndex(vectors, LexicalIndex.build(skills))
    return ConceptLinker(encoder, skills, index, fusion=fusion, version="fake@0", **options)


def mention_of(text, words):
    start = text.index(words)
    return Mention(Span(start, start + len(words)), words, "skill", 0.9)


def link_one(linker, text, words):
    ((link,),) = linker.link([text], [[mention_of(text, words)]])
    return link


def test_a_mention_is_linked_to_the_concept_of_its_words():
    link = link_one(make_linker(), "We lead a team here", "lead a team")
    assert link.concept == SKILLS[1]
    assert link.candidates[0].concept == link.concept
    assert link.candidates[0].probability == link.probability
    assert link.mention.text == "lead a team"


def test_linker_gives_none_when_no_label_is_close():
    link = link_one(make_linker(), "good at basket weaving", "basket weaving")
    assert link.concept is None
    assert link.probability == link.candidates[0].probability < 0.5


def test_min_precision_moves_the_threshold_and_nothing_else():
    text, words = "We lead a team here", "lead a team"
    usual = link_one(make_linker(), text, words)
    strict = link_one(make_linker(min_precision=1.0), text, words)
    lax = link_one(make_linker(min_precision=0.0), "good at basket weaving", "basket weaving")
    assert strict == replace(usual, concept=None)
    assert lax.concept == lax.candidates[0].concept


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_a_min_precision_that_is_no_probability_is_refused(wrong):
    with pytest.raises(ConfigError, match="min_precision is"):
        make_linker(min_precision=wrong)


def test_skills_of_another_taxonomy_are_refused():
    index = make_linker().index
    with pytest.raises(TaxonomyMismatch, match="5 skills, and 4 were given"):
        ConceptLinker(WordEncoder(), SKILLS[:4], index, fusion=FUSION, version="fake@0")


@pytest.mark.parametrize(
    "calibration", [(6.0, 2.0, 1.0, 0.0, -4.0), (-3.0, 1.0, 0.0, -1.0, 0.0), (1.0, 0.0, 5.0, 1.0, -2.0)]
)
def test_candidates_fall_by_probability_whatever_the_calibration(calibration):
    linker = make_linker(fusion=replace(FUSION, calibration=calibration, same_words=0.0))
    for candidates in [
        link_one(linker, "Python and SQL", "SQL").candidates,
        *linker.rank(["SQL for wound care", "lead"], k=5),
    ]:
        probabilities = [candidate.probability for candidate in candidates]
        assert probabilities == sorted(probabilities, reverse=True)
        assert all(0 <= probability <= 1 for probability in probabilities)


def test_ties_keep_taxonomy_order():
    candidates = link_one(make_linker(), "We use SQL", "SQL").candidates
    assert [candidate.concept.uri for candidate in candidates[:2]] == ["s3", "s4"]


def test_every_concept_is_a_candidate_of_a_small_taxonomy():
    link = link_one(make_linker(), "We use SQL", "SQL")
    assert {candidate.concept.uri for candidate in link.candidates} == {skill.uri for skill in SKILLS}


def test_equal_mentions_are_looked_up_once_and_mean_the_same(monkeypatch):
    linker = make_linker()
    looked_up = []
    encode = linker.encoder.encode
    monkeypatch.setattr(
        linker.encoder, "encode", lambda found, **options: looked_up.extend(found) or encode(found, **options)
    )
    texts = ["We use SQL", "SQL, not Python"]
    links = linker.link(
        texts, [[mention_of(texts[0], "SQL")], [mention_of(texts[1], "SQL"), mention_of(texts[1], "Python")]]
    )
    assert sorted(looked_up) == ["Python", "SQL"]
    assert links[0][0].candidates == links[1][0].candidates
    assert links[1][0].mention.span == Span(0, 3)


def test_an_empty_taxonomy_links_nothing():
    linker = make_linker(skills=())
    link = link_one(linker, "We use SQL", "SQL")
    assert link.concept is None
    assert link.probability == 0
    assert link.candidates == ()
    assert linker.rank(["We use SQL"], k=3) == [[]]


def test_a_mention_of_punctuation_only_is_no_error():
    text = "We use , and 👍"
    for words in (",", "👍"):
        link = link_one(make_linker(), text, words)
        assert link.concept is None


def test_a_text_without_a_word_is_no_error():
    linker = make_linker()
    empty = Mention(Span(0, 0), "", "skill", 0.5)
    ((link,),) = linker.link([" "], [[empty]])
    assert link.concept is None
    assert len(linker.rank([""], k=2)[0]) == 2


def test_mentions_go_to_their_own_texts():
    linker = make_linker()
    texts = ["We use SQL", "", "lead a team and care for wounds", "Python"]
    mentions = [[mention_of(texts[0], "SQL")], [], [mention_of(texts[2], "lead a team")], []]
    links = linker.link(texts, mentions)
    assert [len(found) for found in links] == [1, 0, 1, 0]
    assert links[0][0] == link_one(linker, texts[0], "SQL")
    assert links[2][0] == link_one(linker, texts[2], "lead a team")
    assert linker.link([], []) == []


def test_a_mention_alone_gives_the_bits_it_gives_in_company():
    draw = np.random.default_rng(0)
    skills = [Skill(f"s{number}", f"w{draw.integers(99)} w{draw.integers(99)}") for number in range(600)]
    linker = make_linker(skills=skills)
    found = [f"w{n} w{n + 1}" for n in range(10, 75)]
    together = list(linker.mention_evidence(found))
    for one, evidence in zip(found, together, strict=True):
        (alone,) = linker.mention_evidence([one])
        assert np.array_equal(alone.lexical, evidence.lexical)
        assert np.array_equal(alone.dense, evidence.dense)


def straight(linker, mentions):
    """The candidates by the evidence of every concept, one mention at a time."""
    for evidence in linker.mention_evidence(mentions):
        scores = mention_scores(evidence, linker.fusion)
        order = np.argsort(-scores.merged, kind="stable")[:N_CANDIDATES]
        probabilities = candidate_probabilities(scores, order, linker.fusion.calibration).round(4)
        yield [(row, probability) for row, probability in zip(order.tolist(), probabilities.tolist(), strict=True)]


def whole(mentions):
    return [[Mention(Span(0, len(text)), text, "skill", 1.0)] for text in mentions]


def candidates_of(linker, mentions):
    links = linker.link(mentions, whole(mentions))
    number = {skill.uri: row for row, skill in enumerate(linker._skills)}
    return [[(number[one.concept.uri], one.probability) for one in link.candidates] for (link,) in links]


@pytest.mark.parametrize(("n_skills", "threads"), [(40, 1), (700, 3), (4500, 2)])
def test_links_are_those_of_the_evidence_of_every_concept(n_skills, threads):
    draw = np.random.default_rng(1)
    labels = [" ".join(f"w{word}" for word in draw.integers(300, size=draw.integers(1, 4))) for _ in range(n_skills)]
    linker = make_linker(skills=[Skill(f"s{row}", label) for row, label in enumerate(labels)], threads=threads)
    pairs = [f"w{n} w{m}" for n, m in draw.integers(320, size=(330, 2)).tolist()]
    mentions = list(dict.fromkeys([*pairs, *labels[:5], "", "👍"]))
    expected = list(straight(linker, mentions))
    assert candidates_of(linker, mentions) == expected
    for number in (0, 5, len(mentions) - 1):  # alone as in company
        assert candidates_of(linker, mentions[number : number + 1]) == expected[number : number + 1]


def test_a_mention_alone_gives_what_it_gives_in_a_long_list():
    draw = np.random.default_rng(2)
    labels = [" ".join(f"w{word}" for word in draw.integers(300, size=3)) for _ in range(4200)]
    linker = make_linker(skills=[Skill(f"s{row}", label) for row, label in enumerate(labels)], threads=2)
    mentions = list(dict.fromkeys(f"w{n} w{m}" for n, m in draw.integers(320, size=(4300, 2)).tolist()))
    assert len(mentions) > 4100  # blocks are larger from 4,096 on
    found = candidates_of(linker, mentions)
    for number in (0, 7, len(mentions) - 1):
        assert candidates_of(linker, mentions[number : number + 1]) == found[number : number + 1]


@pytest.mark.parametrize("n_candidates", [0, 1, 3, 99])
def test_few_candidates_are_the_first_of_many(n_candidates):
    many, few = make_linker(), make_linker(n_candidates=n_candidates)
    mentions = ["SQL", "lead a team", "python code", "nothing of it", ""]
    kept = max(n_candidates, 1)
    assert candidates_of(few, mentions) == [found[:kept] for found in candidates_of(many, mentions)]
    for (one,), (other,) in zip(*(on.link(mentions, whole(mentions)) for on in (many, few)), strict=True):
        assert (one.concept, one.probability) == (other.concept, other.probability)


@pytest.mark.models
@pytest.mark.data
@pytest.mark.slow
def test_the_shipped_linker_says_of_two_thousand_texts_what_the_evidence_says(data_folder):
    import csv
    import gzip

    from metier.pipelines.build import build_linking

    linker = build_linking(threads=2).linker
    mentions: dict[str, None] = {}
    with gzip.open(data_folder / "skill2vec" / "skill2vec_50K.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            mentions |= dict.fromkeys(text for text in row[1:] if text)
            if len(mentions) > 2000:
                break
    assert candidates_of(linker, list(mentions)) == list(straight(linker, list(mentions)))


def test_rank_gives_k_candidates_or_all():
    linker = make_linker()
    (ranked,) = linker.rank(["python code"], k=2)
    assert ranked[0].concept.uri == "s0"
    assert len(ranked) == 2
    assert len(linker.rank(["python code"], k=99)[0]) == len(SKILLS)
    assert linker.rank(["python code"], k=0) == [[]]
    assert linker.rank([], k=5) == []


@given(st.lists(st.integers(-4, 4)), st.integers(1, 99), st.integers(0, 30))
def test_top_rows_are_those_of_a_stable_sort(scores, n_times, k):
    scores = np.tile(np.array(scores, dtype=np.float32), n_times)  # ties everywhere, and more rows than a block has
    assert top_rows(scores, k).tolist() == np.argsort(-scores, kind="stable")[:k].tolist()


def test_features_and_probabilities_by_hand():
    scores = Scores(np.array([0.5, 0.9, 0.2], dtype=np.float32), np.array([False, True, False]))
    order = np.array([1, 0])
    # the best leads by 0.9 - 0.5; the other lags by as much
    assert candidate_features(scores, order) == pytest.approx(np.array([[0.9, 0.4, 1, 1], [0.5, -0.4, 0, 0]]))
    # 2 * 0.9 + 1 * 0.4 + 3 * 1 + 5 * 1 - 9 = 1.2 and 2 * 0.5 - 0.4 - 9 = -8.4
    expected = [1 / (1 + np.exp(-1.2)), 1 / (1 + np.exp(8.4))]
    assert candidate_probabilities(scores, order, (2, 1, 3, 5, -9)) == pytest.approx(expected)


def test_a_lone_candidate_leads_over_nothing():
    scores = Scores(np.array([0.7], dtype=np.float32), np.array([False]))
    assert candidate_features(scores, np.array([0])) == pytest.approx(np.array([[0.7, 0.7, 0, 1]]))
    assert candidate_features(scores, np.array([], dtype=np.int64)).shape == (0, 4)


def test_fusion_survives_json():
    import json
    from dataclasses import asdict

    assert read_fusion(json.loads(json.dumps(asdict(FUSION)))) == FUSION


def test_words_are_compared_with_the_names_in_the_language_of_the_texts(tiny_linker):
    folder, taxonomy = tiny_linker
    skills = Taxonomy.load(taxonomy).skills
    names = [("cuire du pain",) if skill.label == "bake bread" else () for skill in skills]
    french = ConceptLinker.load(folder, skills=skills, taxonomy=taxonomy, names=names)
    plain = ConceptLinker.load(folder, skills=skills, taxonomy=taxonomy)
    place = [skill.label for skill in skills].index("bake bread")
    for evidence in french.mention_evidence(["cuire du pain", "bake bread"]):
        assert evidence.lexical.argmax() == place
        assert evidence.lexical[place] == pytest.approx(1, abs=1e-3)  # float16 inside
    [before] = plain.mention_evidence(["cuire du pain"])
    assert before.lexical.max() == 0
    [after] = french.mention_evidence(["cuire du pain"])
    assert (after.dense == before.dense).all()  # what the encoder says stays
