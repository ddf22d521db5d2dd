import sys
import time
from math import log, sqrt

import numpy as np
import pytest

from metier.domain import Facts, Profile, Project
from metier.errors import MissingExtra
from metier.matching.bm25 import Bm25
from metier.matching.inverted_lists import InvertedLists
from metier.matching.random_order import RandomOrder
from metier.matching.skill_overlap import SkillOverlap
from metier.matching.tf_idf import TfIdf
from metier.matching.words import folded, folded_words, whole_text


def _profiles(*texts):
    return [Profile(str(number), {"title": text}) for number, text in enumerate(texts)]


def _project(text, **more):
    return Project("p", {"title": text}, **more)


def test_words_are_written_one_way():
    assert folded("  Développeur\n C++ ") == "developpeur c++"
    assert folded_words("Vérifié : C++, C#, Node.js – STRASSE, Straße 👍") == [
        "verifie", "c++", "c#", "node.js", "strasse", "strasse",
    ]  # fmt: skip
    assert folded("ﬁnance") == "finance"
    assert folded_words("") == folded_words("👍 …!") == []


def test_a_whole_text_has_all_sections_in_order_and_no_empty_lines():
    profile = Profile("a", {"description": "does things", "title": "Doer"}, ("c", "d"), Facts(category="doing"))
    assert whole_text(profile) == "Doer\ndoes things\ndoing\nc, d"
    assert whole_text(Profile("b")) == ""


def test_inverted_lists_give_the_products_of_the_dense_matrix():
    rows = [{"a": 1.0, "b": 2.0}, {}, {"b": -3.0}, {"c": 0.5, "a": 4.0}]
    lists = InvertedLists(rows)
    dense = np.array([[row.get(key, 0) for key in "abc"] for row in rows])
    for query in ({"a": 1.0}, {"a": 2.0, "b": 0.5, "c": -1.0}, {"z": 9.0}, {}):
        expected = dense @ [query.get(key, 0) for key in "abc"]
        np.testing.assert_allclose(lists.products(query), expected)
    assert InvertedLists([]).products({"a": 1.0}).shape == (0,)


def test_tf_idf_cosine_by_hand():
    # two profiles: "a b" and "b". idf(a) = ln(3/2) + 1, idf(b) = ln(3/3) + 1 = 1; the query is "a"
    weight = log(3 / 2) + 1
    found = TfIdf(_profiles("a b", "b")).compare([_project("A unknown")])
    np.testing.assert_allclose(found, [[weight / sqrt(weight**2 + 1), 0]], atol=1e-6)


def test_bm25_weight_by_hand():
    pytest.importorskip("bm25s")
    # three profiles of 2, 1 and 3 words: mean length 2. "x" is in the first and the third: idf = ln(1 + 1.5 / 2.5).
    # Without the factor k1 + 1, which changes no order: tf / (tf + 1.2 (1 - 0.75 + 0.75 length / 2))
    idf = log(1 + 1.5 / 2.5)
    found = Bm25(_profiles("x y", "z", "X x w")).compare([_project("x"), _project("x x"), _project("unknown")])
    first, third = idf * 1 / (1 + 1.2), idf * 2 / (2 + 1.2 * (0.25 + 0.75 * 1.5))
    np.testing.assert_allclose(found, [[first, 0, third], [2 * first, 0, 2 * third], [0, 0, 0]], rtol=1e-5)


def test_bm25_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "bm25s", None)
    with pytest.raises(MissingExtra, match=r"metier\[match\]"):
        Bm25([])


def test_overlap_by_hand_accents_case_and_repeats_aside():
    profiles = [
        Profile("both", skills=("Élevage", "sql", "SQL", "go")),
        Profile("one", skills=("SQL",)),
        Profile("none"),
    ]
    projects = [Project("p", skills=("elevage", "Sql", " ")), Project("none", bonus_skills=("sql",))]
    # needed: elevage, sql. The first has both of them and one more: 2/2, and 2 of 3; the second one: 1/2, and 1 of 2
    np.testing.assert_allclose(SkillOverlap(profiles).compare(projects), [[1, 0.5, 0], [0, 0, 0]])
    jaccard = SkillOverlap(profiles, by="jaccard").compare(projects)
    np.testing.assert_allclose(jaccard, [[2 / 3, 0.5, 0], [0, 0, 0]], rtol=1e-6)


def test_chance_depends_on_seed_and_project_alone():
    profiles = _profiles("a", "b", "c")
    projects = [Project("p"), Project("q")]
    first = RandomOrder(profiles, seed=1).compare(projects)
    assert (RandomOrder(profiles, seed=1).compare([Project("p", {"title": "other text"})]) == first[:1]).all()
    assert (first[0] != first[1]).all()
    assert (RandomOrder(profiles, seed=2).compare(projects) != first).all()
    many = RandomOrder(_profiles(*"x" * 2000), seed=3).compare(projects)
    assert many.min() >= 0
    assert many.max() < 1
    assert abs(many.mean() - 0.5) < 0.03  # four standard errors of 4,000 uniform numbers: 0.018


def test_two_hundred_thousand_words_take_seconds():
    began = time.monotonic()
    found = TfIdf(_profiles("python sql " * 100_000, "baker")).compare([_project("baker of bread")])
    assert found[0, 1] > 0 == found[0, 0]
    assert time.monotonic() - began < 20
