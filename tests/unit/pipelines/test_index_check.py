"""The check of an index finds what an index must not do."""

import numpy as np
import pytest
from index_fakes import LetterEncoder, person

from metier.domain import Facts, Hit, Near
from metier.index.edge import EdgeIndex
from metier.index.where import check_where
from metier.pipelines.index_check import check_index, recall_of, sample_filters
from metier.pipelines.index_profiles import build_index, refresh_index


def test_recall_is_the_share_that_was_found():
    expected = [Hit("a", 0.9), Hit("b", 0.8), Hit("c", 0.7), Hit("d", 0.6)]
    assert recall_of(expected[::2], expected) == 0.5
    assert recall_of([], expected) == 0.0
    assert recall_of([], []) == 1.0


def test_hit_as_close_as_the_last_one_counts():
    assert recall_of([Hit("a", 0.9), Hit("z", 0.8)], [Hit("a", 0.9), Hit("b", 0.8)]) == 1.0


def test_filters_are_made_of_what_is_known():
    assert sample_filters([]) == [()]
    assert sample_filters([Facts()]) == [()]
    full = Facts("FR", 48.0, 2.0, 500.0, ("fr",), None, "web")
    filters = sample_filters([full, Facts()])
    assert len(filters) == 8
    assert (Near(48.0, 2.0, 50.0),) in filters
    for where in filters:
        check_where(where)


@pytest.fixture
def index(tmp_path):
    pytest.importorskip("qdrant_edge", reason="the extra 'index' is not installed")
    countries = ("FR", "DE", None)
    people = [person(number, country=countries[number % 3], category=f"c{number % 5}") for number in range(1300)]
    build_index(people, tmp_path, encoder=LetterEncoder())
    refresh_index([person(0, "other"), *people[1:1290], person(9999)], tmp_path, encoder=LetterEncoder())
    return tmp_path


def test_good_index_has_no_problem(index):
    found = check_index(index, n_queries=5)
    assert found.problems == ()
    assert (found.n_profiles, found.n_vectors, found.n_violations) == (1291, 1291, 0)
    assert min(found.recalls.values()) > 0.99
    assert len(found.recalls) >= 5


def test_index_that_loses_hits_under_a_filter_is_told(index, monkeypatch):
    search = EdgeIndex.search

    def collapsed(self, queries, *, k, where=()):
        return [hits[: len(hits) // 2] if where else hits for hits in search(self, queries, k=k, where=where)]

    monkeypatch.setattr(EdgeIndex, "search", collapsed)
    problems = check_index(index, n_queries=3).problems
    assert any("recall is" in problem and "country" in problem for problem in problems)
    assert not any("everybody" in problem for problem in problems)


def test_hits_that_do_not_pass_are_counted(index, monkeypatch):
    search = EdgeIndex.search
    monkeypatch.setattr(EdgeIndex, "search", lambda self, queries, *, k, where=(): search(self, queries, k=k))
    found = check_index(index, n_queries=3)
    assert found.n_violations > 0
    assert any("do not pass" in problem for problem in found.problems)


def test_index_of_nobody_has_nothing_to_compare(tmp_path):
    pytest.importorskip("qdrant_edge", reason="the extra 'index' is not installed")
    build_index([person(1, "")], tmp_path, encoder=LetterEncoder())
    found = check_index(tmp_path)
    assert (found.recalls, found.problems, found.n_profiles, found.n_vectors) == ({}, (), 1, 0)


def test_vectors_come_back_as_they_were_given(index):
    from metier.index.generations import open_generations

    with open_generations(index) as opened:
        wanted = LetterEncoder().encode_profiles([person(9999), person(0, "other"), person(7, category="c2")])
        np.testing.assert_allclose(opened.vectors(["p9999", "p0", "p7"]), wanted, atol=1e-6)
