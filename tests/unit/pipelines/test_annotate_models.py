"""Annotate with the shipped models: the same posting, the same result."""

from dataclasses import replace
from pathlib import Path

import pytest

from metier.data.outputs import annotated_to_dict
from metier.data.postings import read_postings
from metier.domain import Posting
from metier.pipelines.build import build_annotator

EXAMPLES = Path(__file__).parents[3] / "examples"

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def annotator():
    return build_annotator()


@pytest.fixture(scope="module")
def together(annotator):
    return _as_dicts(annotator, list(read_postings([EXAMPLES])))


def _as_dicts(annotator, postings):
    return [
        annotated_to_dict(annotated, group_of=annotator.taxonomy.group) for annotated in annotator.annotate(postings)
    ]


def test_alone_gives_the_same_as_in_a_batch(annotator, together):
    for posting, expected in zip(read_postings([EXAMPLES]), together, strict=True):
        assert _as_dicts(annotator, [posting]) == [expected]


def test_order_changes_nothing(annotator, together):
    assert _as_dicts(annotator, list(read_postings([EXAMPLES]))[::-1])[::-1] == together


def test_number_of_threads_changes_nothing(together):
    assert _as_dicts(build_annotator(threads=1), list(read_postings([EXAMPLES]))) == together


def test_every_example_has_linked_skills(together):
    for found in together:
        if found["language"] == "en":
            assert any(mention["link"] for mention in found["mentions"]), found["id"]


def test_equal_opportunity_paragraph_adds_no_skill(annotator):
    paragraph = (
        "\n\nEqual opportunities\nWe are an equal opportunity employer. We do not discriminate on the basis of race, "
        "religion, gender, age, disability or leadership style, and we value diversity and communication.\n"
    )
    posting = Posting(id="a", body="Requirements\n- Python\n- project management")
    [without] = _as_dicts(annotator, [posting])
    [given] = _as_dicts(annotator, [replace(posting, body=posting.body + paragraph)])
    assert given["mentions"] == without["mentions"]


def test_offsets_hold_in_plain_text(together):
    bodies = {posting.id: posting.body for posting in read_postings([EXAMPLES / "nurse.txt"])}
    for found in together:
        if found["id"] in bodies:
            body = bodies[found["id"]]
            assert all(body[m["start"] : m["end"]] == m["text"] for m in found["mentions"])


def test_abstaining_more_links_less(together):
    strict = _as_dicts(build_annotator(min_precision=0.9), list(read_postings([EXAMPLES])))
    linked = [[m for found in results for m in found["mentions"] if m["link"]] for results in (together, strict)]
    assert len(linked[1]) < len(linked[0])
    assert all(mention["link"]["probability"] >= 0.9 for mention in linked[1])
