import gzip
import json

import pytest

from metier.data.freelance import freelance_files, read_freelance
from metier.errors import InputError, MissingColumn

PROJECT = {"id": "0", "title": "Café 🍞", "skills": ["Web  Design", "PHP"]}
PROFILE = {"id": "a", "bio": "I bake.", "skills": ["php"], "rating": "5.0"}


@pytest.fixture
def folder(tmp_path):
    def write(projects, profiles, *, packed=False):
        for name, rows in (("upwork_projects_en.jsonl", projects), ("freelancer_profiles_en.jsonl", profiles)):
            content = "".join(json.dumps(row) + "\n" for row in rows).encode()
            path = tmp_path / (f"{name}.gz" if packed else name)
            path.write_bytes(gzip.compress(content) if packed else content)
        return tmp_path

    return write


@pytest.mark.parametrize("packed", [False, True])
def test_texts_are_without_tags_and_tags_without_case(folder, packed):
    data = read_freelance(folder([PROJECT], [PROFILE], packed=packed))
    assert data.projects[0].sections == {"mission": "Café 🍞"}
    assert data.profiles[0].sections == {"description": "I bake."}
    assert data.projects[0].skills == data.profiles[0].skills == ()
    assert data.project_tags == [{"web design", "php"}]
    assert data.profile_tags == [{"php"}]


def test_no_rows_give_nobody(folder):
    data = read_freelance(folder([], []))
    assert data.projects == data.profiles == []


def test_the_packed_file_goes_first(folder):
    folder([PROJECT], [PROFILE])
    names = [path.name for path in freelance_files(folder([PROJECT], [PROFILE], packed=True))]
    assert names == ["upwork_projects_en.jsonl.gz", "freelancer_profiles_en.jsonl.gz"]


def test_a_row_without_a_title_names_its_place(folder):
    with pytest.raises(MissingColumn, match="row 2 has no 'title'"):
        read_freelance(folder([PROJECT, {"id": "1", "skills": []}], [PROFILE]))


def test_tags_that_are_no_list_are_refused(folder):
    with pytest.raises(InputError, match="'skills' that is str; expected list"):
        read_freelance(folder([PROJECT], [PROFILE | {"skills": "php"}]))


def test_a_folder_without_the_files_is_refused(tmp_path):
    with pytest.raises(InputError, match="upwork_projects_en"):
        read_freelance(tmp_path)
