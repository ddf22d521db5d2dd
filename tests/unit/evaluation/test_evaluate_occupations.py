"""Titles to occupations, to labels, and to titles that are alike: figures by hand."""

import numpy as np
import pytest

from metier.data.title_benchmarks import TitleBenchmark, TitleDocument, TitleQuery
from metier.domain import Occupation
from metier.evaluation.occupations import (
    by_characters,
    by_encoder,
    by_stems,
    character_occupations,
    evaluate_occupations,
    evaluate_search,
    fused,
    of_clean_titles,
    unique_titles,
)

JOBS = [Occupation("o0", "data engineer"), Occupation("o1", "nurse", ("staff nurse",)), Occupation("o2", "baker")]
SEARCH = TitleBenchmark(
    [TitleQuery("nurse", frozenset({"d1", "d2"})), TitleQuery("baker", frozenset({"d0"}))],
    [TitleDocument("d0", "oven hand"), TitleDocument("d1", "nurses"), TitleDocument("d2", "medic")],
)


VECTORS = {"nurse": [1, 0], "nurses": [1, 0], "medic": [0.6, 0.8], "oven hand": [0, 1], "baker": [0, 1]}


class Table:
    """Encodes by looking up."""

    def encode(self, texts):
        return np.array([VECTORS[text] for text in texts], dtype=np.float32)


def test_each_different_title_counts_once_with_all_its_answers():
    queries = [TitleQuery("Nurse", frozenset({"a"})), TitleQuery(" nurse ", frozenset({"b"}))]
    assert unique_titles(queries) == [TitleQuery("Nurse", frozenset({"a", "b"}))]


def test_occupations_by_hand():
    queries = [
        TitleQuery("x", frozenset({"o1"})),
        TitleQuery("X", frozenset({"o2"})),
        TitleQuery("y", frozenset({"o0"})),
        TitleQuery("z", frozenset({"o9"})),
    ]
    answers = {"x": ["o0", "o1", "o2"], "y": ["o0"], "z": []}
    figures = evaluate_occupations({"table": lambda titles: [answers[title] for title in titles]}, queries)
    assert (figures["n_rows"], figures["n_titles"]) == (4, 3)
    found = figures["systems"]["table"]
    assert found["mrr"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert found["rp@10"] == pytest.approx((2 / 2 + 1 + 0) / 3)
    assert found["acc@1"] == pytest.approx(1 / 3)
    assert found["intervals"]["mrr"][0] <= found["mrr"] <= found["intervals"]["mrr"][1]


def test_no_titles_give_zeros():
    assert evaluate_occupations({"none": lambda titles: []}, [])["systems"]["none"]["mrr"] == 0


def test_baseline_ranks_by_the_closest_label():
    assert character_occupations(JOBS)(["Staff Nurses", "bakery"]) == [["o1", "o0", "o2"], ["o2", "o0", "o1"]]


def test_search_by_hand():
    figures = evaluate_search({"encoder": by_encoder(Table())}, SEARCH)
    assert figures["n_documents"] == 3
    found = figures["systems"]["encoder"]
    # nurse: nurses, medic, oven hand: (1 + 1) / 2; baker: oven hand first: 1
    assert (found["map"], found["mrr"], found["acc@1"]) == (1, 1, 1)
    # by characters nurse shares nothing with medic or oven hand, which come in order: d1, d0, d2: (1 + 2/3) / 2;
    # baker shares nothing with anything: d0 first
    by_letters = evaluate_search({"characters": by_characters}, SEARCH)["systems"]["characters"]
    assert by_letters["map"] == pytest.approx((5 / 6 + 1) / 2)


def test_fused_adds_with_a_weight():
    compare = fused(by_encoder(Table()), by_encoder(Table()), weight=0.5)(["nurses", "medic"])
    assert compare(["nurse"]).tolist() == [pytest.approx([1.5, 0.9])]


def test_stems_tell_no_number_apart_and_characters_do():
    assert by_stems(["medic", "nurses"])(["nurse"])[0] == pytest.approx([0, 1], abs=1e-6)
    assert 0 < by_characters(["medic", "nurses"])(["nurse"])[0, 1] < 0.9


def test_clean_titles_are_compared_and_documents_stay_as_they_are():
    documents = ["nurse (m/f)", "nurse"]
    compare = of_clean_titles(by_characters)(documents)
    assert compare(["nurse, all other"])[0] == pytest.approx(by_characters(documents)(["nurse"])[0])
    assert compare(["!!!"]).tolist() == [[0, 0]]


def test_a_concept_stands_where_its_closest_label_does():
    documents = [TitleDocument("d0", "oven hand"), TitleDocument("d1", "medic"), TitleDocument("d2", "nurses")]
    concepts = {"d0": "baker", "d1": "nurse", "d2": "nurse"}
    benchmark = TitleBenchmark([TitleQuery("nurse", frozenset({"d1", "d2"}))], documents, concepts)
    found = evaluate_search({"encoder": by_encoder(Table())}, benchmark)["systems"]["encoder"]
    assert found["map"] == 1  # one answer, the concept, and it is first
