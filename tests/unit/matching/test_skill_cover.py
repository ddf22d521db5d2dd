"""Who has which skill, by name and by meaning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.matching.skill_cover import SkillCover, skill_form

MEANINGS = {  # text -> an angle in degrees
    "project management": 0,
    "gestion de projet": 30,
    "gestion de produit": 60,
    "C++11": 0,
    "C": 0,
}


class AngleEncoder:
    """Gives known texts the unit vector of their angle, and counts what it reads."""

    def __init__(self):
        self.n_read = 0

    def encode(self, texts):
        self.n_read += len(texts)
        angles = np.radians([MEANINGS.get(text, 180) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    "same",
    [
        ("React.js", "ReactJS", "react", "REACT JS"),
        ("Python (computer programming)", "python"),
        ("Développement web", "developpement  Web"),
        ("REST APIs", "REST API"),
        ("machine-learning", "Machine Learning", "machinelearning"),
        ("CI/CD", "ci cd"),
    ],
)
def test_wordings_of_one_skill_have_one_form(same):
    assert len({skill_form(skill) for skill in same}) == 1


def test_skills_that_differ_in_a_sign_stay_apart():
    assert len({skill_form(skill) for skill in ["C", "C++", "C#", "CSS", "R", "R&D", "Java", "JavaScript", "js"]}) == 9


def test_a_skill_of_signs_alone_keeps_them():
    assert skill_form("🎨") == "🎨"
    assert skill_form("(x)") == "x"  # nothing is left without the brackets
    assert skill_form("") == ""


@given(st.text())
def test_a_form_is_its_own_form_in_any_case(skill):
    assert skill_form(skill) == skill_form(f"  {skill} ")
    assert bool(skill_form(skill)) == bool(skill.strip())


def test_names_alone_are_compared_without_an_encoder():
    found = SkillCover().covered(["React", "SQL"], [["reactjs"], ["sql", "React.js"], []])
    assert found.tolist() == [[True, False], [True, True], [False, False]]


def test_nothing_is_covered_where_nothing_is_asked_or_nobody_is_there():
    cover = SkillCover(AngleEncoder())
    assert cover.covered([], [["SQL"], []]).shape == (2, 0)
    assert cover.covered(["SQL"], []).shape == (0, 1)


def test_a_skill_in_another_language_counts_from_the_least_cosine_on():
    # cos 30° = 0.866, cos 60° = 0.5
    cover = SkillCover(AngleEncoder(), min_cosine=0.8)
    people = [["gestion de projet"], ["gestion de produit"]]
    assert cover.covered(["project management"], people).tolist() == [[True], [False]]
    assert SkillCover(AngleEncoder(), min_cosine=0.9).covered(["project management"], people).sum() == 0


def test_short_names_are_not_compared_by_meaning():
    # both have one vector, and C is no C++11
    assert not SkillCover(AngleEncoder(), min_cosine=0.5).covered(["C"], [["C++11"]])[0, 0]


def test_a_skill_is_read_once():
    encoder = AngleEncoder()
    cover = SkillCover(encoder)
    for _ in range(2):
        cover.covered(["project management"], [["gestion de projet"], ["gestion de projet"]])
    assert encoder.n_read == 2


@pytest.mark.models
def test_the_shipped_encoder_covers_across_languages():
    from metier.pipelines.build import build_skill_cover

    cover = build_skill_cover(threads=1)
    people = [["gestion de projet"], ["gestion de produit"], ["🙂🙂🙂🙂"]]
    assert cover.covered(["project management"], people).tolist() == [[True], [False], [False]]
    assert cover.covered(["diseño gráfico"], [["graphic design"], ["web design"]]).tolist() == [[True], [False]]
