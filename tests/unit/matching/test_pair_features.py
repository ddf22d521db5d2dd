from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import Facts, Profile, Project
from metier.matching.pair_features import FEATURES, distance_km, pair_features
from metier.matching.skill_cover import SkillCover


def _features(project, profile, bm25=None):
    words = None if bm25 is None else np.array([bm25], dtype=np.float32)
    rows = pair_features(
        [(project, profile)], cosines=np.array([0.5], dtype=np.float32), bm25=words, cover=SkillCover()
    )
    assert rows.shape == (1, len(FEATURES))
    assert rows.dtype == np.float64
    return dict(zip(FEATURES, rows[0].tolist(), strict=True))


def test_every_feature_by_hand():
    project = Project(
        "p",
        skills=("Python", "SQL", "Go"),
        bonus_skills=("Rust", "C++"),
        facts=Facts("FR", 48.8566, 2.3522, 500.0, ("fr", "en"), date(2026, 3, 1), "software"),
    )
    profile = Profile(
        "a",
        skills=("python", "sql", "C++"),
        facts=Facts("BE", 50.8503, 4.3517, 420.0, ("nl", "en"), date(2026, 3, 11), "software"),
    )
    found = _features(project, profile, bm25=7.5)
    assert found["distance_km"] == pytest.approx(264, abs=1)  # Paris to Brussels
    del found["distance_km"]
    assert found == {
        "cosine": 0.5,
        "bm25": 7.5,
        "skill_cover": pytest.approx(2 / 3),
        "bonus_cover": 0.5,
        "rate_margin": 80.0,  # 500 - 420
        "days_late": 10.0,
        "language_cover": 0.5,  # en of fr, en
        "same_country": 0.0,
        "same_category": 1.0,
    }


def test_what_is_not_known_is_nan():
    found = _features(Project("p"), Profile("a"))
    assert found.pop("cosine") == 0.5
    assert np.isnan(list(found.values())).all()
    only_asked = _features(Project("p", skills=("Go",), facts=Facts(languages=("fr",))), Profile("a"))
    assert np.isnan(only_asked["skill_cover"])
    assert np.isnan(only_asked["language_cover"])


def test_no_pairs_give_no_rows():
    rows = pair_features([], cosines=np.zeros(0, dtype=np.float32), bm25=None, cover=SkillCover())
    assert rows.shape == (0, len(FEATURES))


def _place(latitude, longitude):
    return Facts(latitude=latitude, longitude=longitude)


def test_distances_by_hand():
    # one degree of a great circle: 6371.0088 km * pi / 180 = 111.195 km
    assert distance_km(_place(0, 0), _place(1, 0)) == pytest.approx(111.195, abs=1e-3)
    assert distance_km(_place(0, 0), _place(0, 90)) == pytest.approx(111.195 * 90, rel=1e-5)
    # along the 60th parallel half as far for a small angle, for cos(60°) = 1/2
    assert distance_km(_place(60, 0), _place(60, 0.01)) == pytest.approx(0.55597, rel=1e-4)
    assert distance_km(_place(10, 20), _place(-10, -160)) == pytest.approx(111.195 * 180, rel=1e-5)  # antipodes
    assert distance_km(_place(0, 179.5), _place(0, -179.5)) == pytest.approx(111.195, abs=1e-3)  # across the date line
    assert np.isnan(distance_km(_place(0, 0), Facts()))
    assert np.isnan(distance_km(_place(0, None), _place(0, 0)))


_places = st.builds(_place, st.floats(-90, 90), st.floats(-180, 180))


@given(_places, _places)
def test_a_distance_is_the_same_both_ways_and_at_most_half_round(one, other):
    there = distance_km(one, other)
    assert there == pytest.approx(distance_km(other, one), abs=1e-6)
    assert 0 <= there <= 20_015.2
    assert distance_km(one, one) == 0
