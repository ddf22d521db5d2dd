"""Why a person fits a project."""

import numpy as np
import pytest

from metier.domain import Profile, Project
from metier.matching.reasons import SkillReasons, skill_reasons, telling_section
from metier.matching.skill_cover import SkillCover


class PlainEncoder:
    """No sections."""

    version, dim = "plain@0", 2

    def encode_profiles(self, profiles):
        return np.zeros((len(profiles), 2), dtype=np.float32)

    encode_projects = encode_profiles


class PartsEncoder(PlainEncoder):
    """Gives each section the vector that its text holds."""

    def sections(self, document):
        return {
            name: np.array(text.split(","), dtype=np.float32)
            for name, text in document.sections.items()
            if text.strip()
        }


def profile(**sections):
    return Profile("p", sections=sections)


def test_skills_are_worded_and_ordered_as_in_the_project():
    project = Project("w", skills=("SQL", "React.js", "Go"))
    people = [Profile("a", skills=("react", "sql")), Profile("b")]
    assert skill_reasons(project, people, cover=SkillCover()) == [
        SkillReasons(shared=("SQL", "React.js"), missing=("Go",)),
        SkillReasons(shared=(), missing=("SQL", "React.js", "Go")),
    ]


def test_a_project_without_skills_shares_and_lacks_none():
    assert skill_reasons(Project("w"), [Profile("a", skills=("x",))], cover=SkillCover()) == [SkillReasons((), ())]


QUERY = np.array([0.6, 0.8], dtype=np.float32)


def test_the_section_with_the_largest_share_speaks_most():
    # shares: title 1 x 0.6 = 0.6, skills 0.8, description -0.8
    person = profile(title="1,0", description="0,-1", skills="0,1")
    assert telling_section(person, QUERY, encoder=PartsEncoder()) == "skills"


def test_of_equal_shares_the_first_section_is_named():
    assert telling_section(profile(title="0,1", skills="0,1"), QUERY, encoder=PartsEncoder()) == "title"


@pytest.mark.parametrize("person", [profile(), profile(title=" "), profile(title="-1,0")])
def test_no_section_speaks_where_no_share_is_above_zero(person):
    assert telling_section(person, QUERY, encoder=PartsEncoder()) is None


def test_no_section_is_known_of_an_encoder_without_sections():
    assert telling_section(profile(title="1,0"), QUERY, encoder=PlainEncoder()) is None


@pytest.mark.models
def test_removing_the_telling_section_lowers_the_cosine_most():
    """Of equally long sections; the shipped encoder's vector of a profile is the mean of its sections'."""
    from metier.pipelines.build import build_document_encoder

    encoder = build_document_encoder(threads=1)
    sections = {"title": "Nurse", "description": "Likes the sea and old boats.", "skills": "bread, cakes, pastry"}
    person, project = profile(**sections), Project("w", sections={"title": "Baker", "skills": "pastry, bread"})
    [query] = encoder.encode_projects([project])
    without = {
        name: float(encoder.encode_profiles([profile(**{**sections, name: ""})])[0] @ query) for name in sections
    }
    assert telling_section(person, query, encoder=encoder) == "skills" == min(without, key=lambda name: without[name])
