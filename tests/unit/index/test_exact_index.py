"""The exact index against the definition, item by item."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_rows import random_facts, random_where, unit_vectors

from metier.domain import Facts
from metier.index.exact import ExactIndex
from metier.index.where import passes


def _by_definition(items, query, *, k, where):
    """Every item that passes, by falling cosine in float64, then by id."""
    cosines = {
        item: float(np.float32(vector.astype(np.float64) @ query.astype(np.float64)))
        for item, (vector, facts) in items.items()
        if passes(facts, item, where)
    }
    return sorted(cosines, key=lambda item: (-cosines[item], item))[:k]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60), st.integers(0, 10_000), st.integers(1, 40))
def test_any_history_ends_in_what_the_definition_says(history, seed, k):
    numbers, vectors = random.Random(seed), unit_vectors(len(history) + 1, 6, seed=seed)
    index, items = ExactIndex(6), {}
    for (number, put), vector in zip(history, vectors, strict=False):
        item, facts = f"é{number}", random_facts(numbers)
        if put:
            index.upsert([item], vector[None], [facts])
            items[item] = vector, facts
        else:
            index.delete([item])
            items.pop(item, None)
    where = random_where(numbers, ids=list(items))
    found = index.search(vectors[-1:], k=k, where=where)[0]
    assert [hit.id for hit in found] == _by_definition(items, vectors[-1], k=k, where=where)
    assert len(index) == len(items)


def test_similarity_is_the_cosine():
    index = ExactIndex(2)
    index.upsert(["a"], np.array([[0.6, 0.8]], np.float32), [Facts()])
    # cos((3,4),(1,0)) = 3/5
    assert index.search(np.array([[1, 0]], np.float32), k=1)[0][0].similarity == pytest.approx(0.6)


def test_ties_at_the_last_place_go_to_the_first_ids():
    index = ExactIndex(2)
    ids = [f"{number:04}" for number in random.Random(1).sample(range(1000), 1000)]
    index.upsert(ids, np.tile(np.array([0.6, 0.8], np.float32), (1000, 1)), [Facts()] * 1000)
    found = index.search(np.array([[0.8, -0.6]], np.float32), k=3)[0]
    assert [hit.id for hit in found] == ["0000", "0001", "0002"]
