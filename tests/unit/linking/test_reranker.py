import math

import numpy as np
import pytest

from metier.domain import Candidate, Link, Mention, Skill, Span
from metier.errors import ConfigError
from metier.linking.reranker import RerankingFusion, RerankingLinker, merged_scores

SKILLS = [Skill(f"s{number}", name) for number, name in enumerate(["a", "b", "c", "d"])]
CANDIDATES = tuple(Candidate(skill, p) for skill, p in zip(SKILLS, (0.5, 0.4, 0.2, 0.1), strict=True))
MENTION = Mention(Span(0, 3), "sql", "knowledge", 0.9)


class First:
    """Always finds the same."""

    version = "first@00000000"

    def __init__(self, candidates=CANDIDATES):
        self.candidates = candidates

    def link(self, texts, mentions):
        best = self.candidates[0] if self.candidates else Candidate(None, 0.0)
        return [[Link(m, best.concept, best.probability, self.candidates) for m in found] for found in mentions]

    def rank(self, texts, *, k):
        return [list(self.candidates[:k]) for _ in texts]


class Reader:
    """Gives each concept the score that it was told to, and remembers what it was asked."""

    def __init__(self, **scores):
        self.told = scores
        self.asked = []

    def scores(self, texts, concepts):
        self.asked += texts
        return [np.array([self.told.get(c.label, 0.0) for c in found], dtype=np.float32) for found in concepts]


def reranking(reader, *, first=None, min_precision=None, **changes):
    values = {
        "mention_depth": 3,
        "sentence_depth": 3,
        "mention_weight": 1.0,
        "sentence_weight": 1.0,
        "calibration": (1.0, 0.0, 0.0, 0.0, 0.0),
        "abstain_below": 0.0,
    }
    fusion = RerankingFusion(**{**values, **changes})
    return RerankingLinker(
        first or First(), reader, fusion=fusion, version="second@11111111", min_precision=min_precision
    )


def labels(candidates):
    return "".join(candidate.concept.label for candidate in candidates)


def test_merged_is_log_odds_plus_weighted_log_softmax():
    # log(0.5 / 0.5) = 0, log(0.2 / 0.8) = -log 4; softmax of (0, log 3) is (1/4, 3/4); weight 2
    two = (CANDIDATES[0], CANDIDATES[2])
    merged = merged_scores(two, np.array([0.0, math.log(3)], dtype=np.float32), 2.0)
    assert merged == pytest.approx([2 * math.log(1 / 4), -math.log(4) + 2 * math.log(3 / 4)], abs=1e-5)


def test_certain_and_impossible_candidates_stay_finite():
    merged = merged_scores((Candidate(SKILLS[0], 1.0), Candidate(SKILLS[1], 0.0)), np.zeros(2, dtype=np.float32), 1.0)
    assert np.isfinite(merged).all()
    assert merged[0] > merged[1]
    assert merged_scores((), np.zeros(0, dtype=np.float32), 1.0).shape == (0,)


def test_the_best_are_ordered_anew_and_the_rest_stay_behind_them():
    linker = reranking(Reader(c=9.0, d=99.0))
    ((link,),) = linker.link(["sql"], [[MENTION]])
    assert labels(link.candidates) == "cabd"  # d is not read: three are
    assert link.concept == SKILLS[2]
    assert link.probability == link.candidates[0].probability
    assert labels(linker.rank(["sql"], k=4)[0]) == "cabd"
    assert labels(linker.rank(["sql"], k=1)[0]) == "c"  # three are read however few are asked for


def test_what_weighs_nothing_is_not_read():
    reader = Reader(c=9.0)
    reranking(reader, mention_weight=0.0).link(["sql"], [[MENTION]])
    assert reader.asked == []


def test_mentions_and_sentences_have_depths_and_weights_of_their_own():
    linker = reranking(Reader(c=9.0), mention_depth=2, sentence_weight=0.0, sentence_depth=4)
    ((link,),) = linker.link(["sql"], [[MENTION]])
    assert labels(link.candidates) == "abcd"  # c is not read
    assert labels(linker.rank(["sql"], k=4)[0]) == "abcd"
    assert labels(reranking(Reader(c=9.0), sentence_depth=2).rank(["sql"], k=4)[0]) == "abcd"


def test_the_rest_is_never_more_probable_than_what_was_read():
    linker = reranking(Reader(), calibration=(1.0, 0.0, 0.0, 0.0, -9.0))
    probabilities = [candidate.probability for candidate in linker.rank(["sql"], k=4)[0]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[3] == probabilities[2] < 0.1


def test_a_weight_of_zero_keeps_the_first_stage_s_order_and_so_do_ties():
    assert labels(reranking(Reader(c=9.0), sentence_weight=0.0).rank(["x"], k=4)[0]) == "abcd"
    same = tuple(Candidate(skill, 0.3) for skill in SKILLS)
    assert labels(reranking(Reader(), first=First(same)).rank(["x"], k=4)[0]) == "abcd"


def test_equal_mentions_are_read_once():
    reader = Reader()
    links = reranking(reader).link(["sql", "sql sql"], [[MENTION], [MENTION, MENTION]])
    assert reader.asked == ["sql"]
    assert [len(found) for found in links] == [1, 2]


def test_it_abstains_below_its_own_threshold_or_the_caller_s():
    def concept(**options):
        ((link,),) = reranking(Reader(), mention_weight=0.0, **options).link(["sql"], [[MENTION]])
        assert link.probability == 0.5  # the first stage's log-odds, calibrated by 1 and 0
        return link.concept

    assert concept(abstain_below=0.51) is None
    assert concept(abstain_below=0.5) == SKILLS[0]
    assert concept(abstain_below=0.9, min_precision=0.4) == SKILLS[0]
    assert concept(abstain_below=0.0, min_precision=0.6) is None
    with pytest.raises(ConfigError, match=r"min_precision is 1\.5"):
        reranking(Reader(), min_precision=1.5)


def test_no_candidates_and_no_texts():
    empty = reranking(Reader(), first=First(()))
    ((link,),) = empty.link(["sql"], [[MENTION]])
    assert (link.concept, link.probability, link.candidates) == (None, 0.0, ())
    assert empty.rank(["sql"], k=3) == [[]]
    assert reranking(Reader()).link([], []) == reranking(Reader()).rank([], k=2) == []
    assert reranking(Reader()).link(["a"], [[]]) == [[]]


def test_the_version_names_both_stages():
    assert reranking(Reader()).version == "first@00000000+second@11111111"
