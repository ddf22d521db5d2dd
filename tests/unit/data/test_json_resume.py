"""People as JSON Resume."""

import json

import pytest

from metier.data.documents import read_profiles
from metier.data.json_resume import row_of_resume
from metier.errors import InputError

RESUME = {
    "basics": {
        "name": "not to be read",
        "email": "not@to.be.read",
        "label": "Data engineer",
        "summary": "Builds pipelines.",
        "location": {"city": "Lyon", "countryCode": "FR"},
    },
    "work": [{"name": "Bank", "position": "Engineer", "summary": "Moved to Spark.", "highlights": ["Cut costs."]}],
    "projects": [{"name": "Shop", "description": "A data mart."}],
    "education": [{"studyType": "Master", "area": "Statistics"}],
    "skills": [{"name": "Databases", "keywords": ["SQL", "PostgreSQL"]}, {"name": "Python"}],
    "languages": [{"language": "Français"}, {"language": "English (C1)"}, {"language": "Klingon"}, {"language": "de"}],
}


def test_a_resume_is_read_as_a_profile_without_name_and_address(tmp_path):
    (tmp_path / "cv.json").write_text(json.dumps(RESUME))
    [read] = read_profiles(tmp_path / "cv.json")
    assert read.id == "cv"
    assert read.sections["title"] == "Data engineer"
    assert read.sections["description"].splitlines() == [
        "Builds pipelines.",
        "Engineer",
        "Moved to Spark.",
        "Cut costs.",
        "Shop",
        "A data mart.",
        "Master Statistics",
    ]
    assert read.skills == ("Databases", "SQL", "PostgreSQL", "Python")
    assert (read.facts.country, read.facts.languages) == ("FR", ("fr", "en", "de"))
    assert "not" not in str(read)


def test_a_resume_may_lack_everything(tmp_path):
    (tmp_path / "cv.json").write_text('{"basics": {}}')
    [read] = read_profiles(tmp_path / "cv.json")
    assert set(read.sections.values()) == {""}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"basics": "x"}, "basics"),
        ({"basics": {"label": 3}}, "label"),
        ({"work": {}}, "work"),
        ({"skills": ["Python"]}, "skills"),
        ({"skills": [{"keywords": "SQL"}]}, "keywords"),
    ],
)
def test_a_part_of_another_type_is_named(change, field):
    with pytest.raises(InputError, match=f"'{field}' holds .* as JSON Resume has it"):
        row_of_resume({**RESUME, **change})


def test_a_language_with_a_region_is_the_language():
    assert row_of_resume({"basics": {}, "languages": [{"language": "pt-BR"}]})["languages"] == ["pt"]
