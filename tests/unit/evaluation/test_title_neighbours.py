import numpy as np
import pytest

from metier.errors import InputError
from metier.evaluation.title_neighbours import PlacedTitle, neighbour_agreement

VECTORS = {
    "nurse": (1, 0),
    "night nurse": (0.96, 0.28),
    "midwife": (0.6, 0.8),
    "baker": (0, 1),
    "pilot": (0, 0),
}


class Table:
    def encode(self, texts):
        return np.array([VECTORS[text] for text in texts], dtype=np.float32).reshape(len(texts), 2)


NURSE = PlacedTitle("Nurse", "o1", "2221")
NIGHT = PlacedTitle("Night nurse", "o2", "2221")
MIDWIFE = PlacedTitle("Midwife", "o3", "2222")
BAKER = PlacedTitle("Baker", "o4", "7512")


def test_share_of_titles_whose_nearest_is_of_the_same_group():
    # nurse -> night nurse: same group; night nurse -> nurse: same; midwife -> night nurse or baker (.8 both,
    # .6 * .96 + .8 * .28 = .8): neither; baker -> midwife: not
    found = neighbour_agreement(Table(), [NURSE, NIGHT, MIDWIFE, BAKER], n_resamples=100)
    assert (found.n_titles, found.n_unplaced) == (4, 0)
    assert found.isco == pytest.approx(2 / 4)
    assert found.occupation == 0
    assert found.isco_interval.low <= found.isco <= found.isco_interval.high


def test_titles_with_the_same_key_are_not_each_others_neighbours():
    twin = PlacedTitle(" nurse", "o1", "2221")
    found = neighbour_agreement(Table(), [NURSE, twin, BAKER], n_resamples=10)
    assert (found.isco, found.occupation) == (0, 0)


def test_unknown_title_is_wrong_and_near_nothing():
    pilot = PlacedTitle("Pilot", "o1", "2221")
    found = neighbour_agreement(Table(), [NURSE, NIGHT, pilot], n_resamples=10)
    assert found.n_unplaced == 1
    assert found.isco == pytest.approx(2 / 3)


def test_one_title_has_no_neighbour():
    found = neighbour_agreement(Table(), [NURSE], n_resamples=10)
    assert (found.isco, found.n_unplaced) == (0, 1)
    assert found.to_dict()["isco_interval"] == [0, 0]


def test_no_titles_are_an_input_error():
    with pytest.raises(InputError, match="no titles"):
        neighbour_agreement(Table(), [])


def test_blocks_change_nothing(monkeypatch):
    titles = [NURSE, NIGHT, MIDWIFE, BAKER]
    whole = neighbour_agreement(Table(), titles, n_resamples=10)
    monkeypatch.setattr("metier.evaluation.title_neighbours._BLOCK", 3)
    assert neighbour_agreement(Table(), titles, n_resamples=10) == whole
