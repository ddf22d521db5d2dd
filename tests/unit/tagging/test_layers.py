import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from metier.tagging.layers import LAYERS, spans_of, tags_to_ids


def test_the_layers_are_skill_then_knowledge():
    assert LAYERS == ("skill", "knowledge")


@pytest.mark.parametrize(
    ("tags", "ids", "spans"),
    [
        ("", [], []),
        ("OOO", [0, 0, 0], []),
        ("BIO", [1, 2, 0], [(0, 2)]),
        ("BB", [1, 1], [(0, 1), (1, 2)]),  # adjacent spans stay apart
        ("BIBI", [1, 2, 1, 2], [(0, 2), (2, 4)]),
        ("IIO", [1, 2, 0], [(0, 2)]),  # an I at the start becomes B
        ("BOI", [1, 0, 1], [(0, 1), (2, 3)]),  # an I after O becomes B
        ("OIIBI", [0, 1, 2, 1, 2], [(1, 3), (3, 5)]),
        ("XBI", [0, 1, 2], [(1, 3)]),  # anything else counts as O
    ],
)
def test_tags_are_repaired_and_read_as_spans(tags, ids, spans):
    found = tags_to_ids(list(tags))
    assert found.dtype == np.int64
    assert found.tolist() == ids
    assert spans_of(found) == spans


def test_types_behind_the_tags_are_dropped():
    assert tags_to_ids(["B-Skill", "I-Knowledge", "O", ""]).tolist() == [1, 2, 0, 0]


@given(st.lists(st.sampled_from("BIO")))
def test_spans_are_those_that_seqeval_reads(tags):
    ids = tags_to_ids(tags)
    typed = [tag if tag == "O" else f"{tag}-X" for tag in tags]
    assert spans_of(ids) == [(start, end + 1) for _, start, end in get_entities(typed)]
    assert tags_to_ids(["OBI"[i] for i in ids]).tolist() == ids.tolist()  # what was repaired is legal
