"""What every predictor of titles keeps to."""

import random

import pytest
from title_fakes import AxisEncoder, FakeModel

from metier.pipelines.title_systems import RandomTitles
from metier.titles.lexical import NearestDescriptions
from metier.titles.nearest import NearestTitles

DESCRIPTIONS = [
    "We build data pipelines in Python",
    "patients wait for a nurse",
    "",
    "👍 naïve",
    "bake bread with our baker",
    "Data, data and data",
]
TITLES = ("data engineer", "nurse", "baker", "engineer")


def _nearest():
    model = FakeModel()
    return NearestTitles(model.descriptions, model.known, model.known_vectors)


def _lexical():
    return NearestDescriptions(DESCRIPTIONS[:2] + DESCRIPTIONS[4:5], TITLES[:3])


def _by_chance():
    return RandomTitles(TITLES, seed=1)


def _nearest_of_none():
    return NearestTitles(AxisEncoder(), (), AxisEncoder().encode([]))


@pytest.fixture(params=[_nearest, _lexical, _by_chance, _nearest_of_none])
def predictor(request):
    return request.param()


def test_one_list_per_description(predictor):
    assert len(predictor.predict(DESCRIPTIONS, k=3)) == len(DESCRIPTIONS)
    assert predictor.predict([], k=3) == []


def test_titles_are_different_and_fall_by_cosine(predictor):
    for found in predictor.predict(DESCRIPTIONS, k=4):
        cosines = [suggestion.cosine for suggestion in found]
        assert cosines == sorted(cosines, reverse=True)
        assert all(-1.000001 <= cosine <= 1.000001 for cosine in cosines)
        assert len({suggestion.title for suggestion in found}) == len(found) <= 4


def test_fewer_are_the_first_of_more(predictor):
    for one, many in zip(predictor.predict(DESCRIPTIONS, k=1), predictor.predict(DESCRIPTIONS, k=4), strict=True):
        assert len(one) <= 1
        assert isinstance(predictor, RandomTitles) or one == many[:1]


def test_batch_and_order_change_nothing(predictor):
    together = predictor.predict(DESCRIPTIONS, k=3)
    assert [predictor.predict([one], k=3)[0] for one in DESCRIPTIONS] == together
    order = random.Random(1).sample(range(len(DESCRIPTIONS)), len(DESCRIPTIONS))
    assert predictor.predict([DESCRIPTIONS[i] for i in order], k=3) == [together[i] for i in order]


def test_a_description_that_cannot_be_read_has_no_title(predictor):
    if not isinstance(predictor, RandomTitles):
        assert [predictor.predict([text], k=3)[0] for text in ("", "👍")] == [[], []]
