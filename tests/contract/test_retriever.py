"""What every retriever of people keeps to."""

from functools import partial

import numpy as np
import pytest
from matching_fakes import PROFILES, PROJECTS, WordEncoder

from metier.domain import Between, Near, OneOf, Profile, Unless
from metier.index.where import passes
from metier.matching.bm25 import Bm25
from metier.matching.dense import DenseRetriever
from metier.matching.fusion import Fusion, reciprocal_ranks, weighted_sum
from metier.matching.random_order import RandomOrder
from metier.matching.section_mean import SectionMean
from metier.matching.skill_overlap import SkillOverlap
from metier.matching.tf_idf import TfIdf
from metier.matching.whole_document import WholeDocument

FILTERS = [
    (),
    (OneOf("country", ("FR",)),),
    (Between("day_rate", None, 400.0),),
    (Near(48.8, 2.3, 30.0),),
    (Unless(OneOf("id", ("ana", "dup-1"))), Unless(OneOf("category", ("software",)))),
    (OneOf("country", ()),),
]


def _of_sections(profiles):
    return DenseRetriever(SectionMean(WordEncoder(), version="words@0"), profiles)


def _of_documents(profiles):
    return DenseRetriever(WholeDocument(WordEncoder(), version="words@0"), profiles)


def _bm25(profiles):
    pytest.importorskip("bm25s")
    return Bm25(profiles)


def _fused(profiles, merge):
    return Fusion(_of_sections(profiles), TfIdf(profiles), profiles=profiles, merge=merge)


MAKERS = {
    "section mean": _of_sections,
    "whole document": _of_documents,
    "BM25": _bm25,
    "TF-IDF": TfIdf,
    "skill cover": SkillOverlap,
    "skill jaccard": partial(SkillOverlap, by="jaccard"),
    "random": RandomOrder,
    "ranks fused": partial(_fused, merge=reciprocal_ranks),
    "values fused": partial(_fused, merge=weighted_sum),
}


@pytest.fixture(params=MAKERS.values(), ids=MAKERS.keys())
def make(request):
    return request.param


@pytest.fixture
def retriever(make):
    return make(PROFILES)


def _ids(hits):
    return [[hit.id for hit in found] for found in hits]


def test_every_project_is_compared_with_every_profile(retriever):
    similarities = retriever.compare(PROJECTS)
    assert similarities.shape == (len(PROJECTS), len(PROFILES))
    assert similarities.dtype == np.float32
    assert np.isfinite(similarities).all()


@pytest.mark.parametrize("k", [0, 1, 3, len(PROFILES), 100])
def test_hits_are_the_first_of_a_stable_sort(retriever, k):
    order = np.argsort(-retriever.compare(PROJECTS), axis=1, kind="stable")[:, :k]
    expected = [[PROFILES[column].id for column in row] for row in order]
    assert _ids(retriever.retrieve(PROJECTS, k=k)) == expected


def test_hits_carry_what_was_compared(retriever):
    similarities = retriever.compare(PROJECTS)
    column_of = {profile.id: column for column, profile in enumerate(PROFILES)}
    for row, hits in zip(similarities, retriever.retrieve(PROJECTS, k=4), strict=True):
        assert [hit.similarity for hit in hits] == [float(row[column_of[hit.id]]) for hit in hits]


@pytest.mark.parametrize("where", FILTERS, ids=str)
def test_a_filter_is_never_violated_and_hides_nobody_who_passes(retriever, where):
    passing = [profile.id for profile in PROFILES if passes(profile.facts, profile.id, where)]
    for all_of_them, found in zip(
        _ids(retriever.retrieve(PROJECTS, k=100)), _ids(retriever.retrieve(PROJECTS, k=100, where=where)), strict=True
    ):
        assert found == [profile for profile in all_of_them if profile in passing]


def test_a_batch_changes_nothing(retriever):
    together = retriever.compare(PROJECTS)
    alone = np.concatenate([retriever.compare([project]) for project in PROJECTS])
    backwards = retriever.compare(PROJECTS[::-1])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, backwards, atol=1e-6)
    assert retriever.compare([]).shape == (0, len(PROFILES))
    assert retriever.retrieve([], k=3) == []


def test_among_nobody_nobody_is_found(make):
    retriever = make([])
    assert retriever.compare(PROJECTS).shape == (len(PROJECTS), 0)
    assert retriever.retrieve(PROJECTS, k=3) == [[] for _ in PROJECTS]


def test_profiles_without_a_word_are_no_error(make):
    retriever = make([Profile("a"), Profile("b")])
    assert [sorted(found) for found in _ids(retriever.retrieve(PROJECTS, k=2))] == [["a", "b"]] * len(PROJECTS)


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "random"])
def test_ties_keep_the_order_of_the_profiles(name):
    make = MAKERS[name]
    by_id = {profile.id: profile for profile in PROFILES}
    for first, second in (("dup-1", "dup-2"), ("dup-2", "dup-1")):
        found = _ids(make([by_id["cook"], by_id[first], by_id[second]]).retrieve(PROJECTS[2:3], k=3))[0]
        assert found[:2] == [first, second]
    # a project without a word is as near to all
    assert _ids(make(PROFILES).retrieve(PROJECTS[1:2], k=100))[0] == [profile.id for profile in PROFILES]
