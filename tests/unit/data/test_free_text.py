"""Free texts to sections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.data.free_text import sections_of_text
from metier.domain import PROFILE_SECTIONS, PROJECT_SECTIONS


def profile(text):
    return sections_of_text(text, names=PROFILE_SECTIONS)


def project(text):
    return sections_of_text(text, names=PROJECT_SECTIONS)


@pytest.mark.parametrize(
    ("about", "skills"),
    [
        ("About me", "Skills"),
        ("## À propos de moi", "**Compétences :**"),
        ("SOBRE MÍ:", "Competencias técnicas"),
        ("Über mich", "# Kenntnisse"),
        ("Over mij:", "Vaardigheden:"),
        ("Om mig", "Færdigheder"),
    ],
)
def test_headings_of_six_languages_part_a_text(about, skills):
    text = f"Data engineer 🚀\n\n{about}\nI build pipelines.\n\n{skills}\nPython\nSQL\n"
    assert profile(text) == {
        "title": "Data engineer 🚀",
        "description": "I build pipelines.",
        "skills": "Python\nSQL",
    }


def test_a_heading_may_stand_before_its_text():
    assert profile("Titel: Krankenpflegerin\nKenntnisse: Wundversorgung, Triage\nKategorie: Pflege") == {
        "title": "Krankenpflegerin",
        "skills": "Wundversorgung, Triage",
        "category": "Pflege",
    }


def test_a_project_has_sections_that_a_profile_has_not():
    text = "Mission: relaunch of a shop\nMust have\nPHP\nNice to have\nSEO"
    assert project(text) == {"mission": "relaunch of a shop", "skills": "PHP", "bonus_skills": "SEO"}
    assert profile(text) == {"description": "relaunch of a shop\nSEO", "skills": "PHP"}


def test_a_short_text_is_a_title():
    assert project("senior react developer, Lyon") == {"title": "senior react developer, Lyon"}


@pytest.mark.parametrize("text", ["I look for work.", "one two three four five six seven eight nine ten 11 12 13"])
def test_a_first_line_of_prose_is_no_title(text):
    assert profile(text) == {"description": text}


def test_a_heading_of_markdown_that_is_not_known_ends_the_section_before():
    text = "# Cook\n## Skills\nbaking\n## Hobbies\nyoga"
    assert profile(text) == {"title": "Cook", "description": "## Hobbies\nyoga", "skills": "baking"}


def test_underlines_are_left_out():
    assert profile("Skills\n------\nbaking") == {"skills": "baking"}


def test_a_word_with_a_colon_that_is_no_heading_stays():
    assert profile("Cook\nNote: skills below") == {"title": "Cook", "description": "Note: skills below"}


@pytest.mark.parametrize("text", ["", " \n\n", "---"])
def test_a_text_without_a_word_has_no_section(text):
    assert profile(text) == {}


@given(st.text())
def test_sections_are_those_that_are_asked_for(text):
    assert set(profile(text)) <= set(PROFILE_SECTIONS)
