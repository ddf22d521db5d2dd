"""People and projects: from files and back."""

import csv
import io
import json
import sys
import time
from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.data.document_rows import document_to_dict, profile_from_row, project_from_row
from metier.data.documents import (
    each_profile,
    has_text,
    read_profiles,
    read_projects,
    section_texts,
    write_profiles,
    write_projects,
)
from metier.data.posting_formats import BadRow
from metier.domain import PROFILE_SECTIONS, PROJECT_SECTIONS, Facts, Profile, Project
from metier.errors import ConfigError, InputError

WHOLE = {
    "id": "p1",
    "title": "Développeuse React",
    "description": "Dix ans de front. 🙂",
    "family": "Tech",
    "category": "front-end",
    "skills": ["React", "C, C++"],
    "country": "fr",
    "latitude": 45.76,
    "longitude": 4.84,
    "day_rate": 480,
    "languages": ["FR", "en"],
    "available_from": "2026-12-01",
    "language": "fr",
}
FACTS = Facts(
    country="FR",
    latitude=45.76,
    longitude=4.84,
    day_rate=480.0,
    languages=("fr", "en"),
    available_from=date(2026, 12, 1),
    category="front-end",
)


def profile(**row):
    return profile_from_row(row, fallback_id="row")


def test_a_whole_row_gives_every_field():
    read = profile(**WHOLE)
    assert read == Profile(
        id="p1",
        sections={
            "title": "Développeuse React",
            "description": "Dix ans de front. 🙂",
            "family": "Tech",
            "category": "",
            "skills": "",
        },
        skills=("React", "C, C++"),
        facts=FACTS,
        language="fr",
    )
    assert section_texts(read)["category"] == "front-end"
    assert section_texts(read)["skills"] == "React, C, C++"


def test_a_section_that_is_missing_is_there_and_empty():
    assert profile(title="Nurse").sections == {**dict.fromkeys(PROFILE_SECTIONS, ""), "title": "Nurse"}
    assert project_from_row({"mission": "Ward"}, fallback_id="row").sections == {
        **dict.fromkeys(PROJECT_SECTIONS, ""),
        "mission": "Ward",
    }


def test_skills_may_be_a_text_with_commas():
    assert profile(skills="React, Vue.js ,, CI/CD").skills == ("React", "Vue.js", "CI/CD")


def test_sections_may_stand_together_and_their_skills_are_listed():
    read = profile(sections={"title": "Nurse", "skills": "wound care; triage\nI have cared for many people in my life"})
    assert read.sections["title"] == "Nurse"
    assert read.skills == ("wound care", "triage")  # nine words are no skill


def test_a_section_of_another_name_is_refused_with_those_that_are_known():
    with pytest.raises(InputError, match=r"'sections' holds 'Titel', which is no section; known are title, desc"):
        profile(sections={"Titel": "Nurse"})
    with pytest.raises(InputError, match="'mission'"):
        profile(sections={"mission": "only projects have one"})


def test_a_row_without_a_field_that_is_known_is_refused():
    with pytest.raises(InputError, match="none of its fields is known: got name, bio; expected some of title"):
        profile(id=1, name="x", bio="y")


def test_other_fields_beside_known_ones_are_passed_over():
    assert profile(title="Nurse", gender="x") == profile(title="Nurse")


def test_a_profile_without_a_word_is_readable():
    assert not has_text(profile(id="p"))
    assert not has_text(profile(title="  ", country="FR"))
    assert has_text(profile(skills=["x"]))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("latitude", 91, "'latitude' holds 91, and a number of degrees from -90 to 90 was expected"),
        ("longitude", "-180.5", "'longitude' holds '-180.5', and a number of degrees from -180 to 180"),
        ("latitude", "north", "'latitude' holds 'north', and a number was expected"),
        ("day_rate", "450 €", "'day_rate' holds '450 €', and a number was expected"),
        ("day_rate", -1, "'day_rate' holds -1, and a number that is not negative"),
        ("day_rate", float("nan"), "'day_rate' holds nan, and a number"),
        ("day_rate", True, "'day_rate' holds True, and a number"),
        ("day_rate", [1], "'day_rate' holds .1., and a number"),
        ("country", "FRA", "'country' holds 'FRA', and a code of two letters, such as FR, was expected"),
        ("country", 33, "'country' holds 33, and a code of two letters"),
        ("languages", ["fr", "English"], "'languages' holds 'English'"),
        ("languages", 3, "'languages' holds 3, and a list of texts"),
        ("available_from", "1/12/2026", "'available_from' holds '1/12/2026', and a date, such as 2026-12-01,"),
        ("language", "français", "'language' holds 'français', and a code of two letters"),
        ("category", 3, "'category' holds 3, and a text"),
        ("title", 3, "'title' holds int, and a text"),
        ("skills", [3], "'skills' holds .3., and a list of texts"),
        ("sections", "x", "'sections' holds str"),
        ("text", 3, "'text' holds int"),
        ("id", [1], "'id' holds list"),
    ],
)
def test_a_wrong_field_is_named(field, value, message):
    row = {"title": "Nurse", "latitude": 1, "longitude": 1, field: value}
    with pytest.raises(InputError, match=message):
        profile(**row)


def test_one_coordinate_needs_the_other():
    with pytest.raises(InputError, match="'longitude' is given and 'latitude' is not"):
        profile(title="x", longitude=0.0)
    assert profile(title="x", latitude=0, longitude=0).facts.latitude == 0.0


def test_jsonl_csv_parquet_and_json_give_the_same_people(tmp_path):
    rows = [WHOLE, {**WHOLE, "id": "p2", "skills": ["Vue"], "languages": []}]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "p.json").write_text(json.dumps(rows), encoding="utf-8")
    duckdb.sql(f"COPY (SELECT * FROM read_json('{tmp_path}/p.jsonl')) TO '{tmp_path}/p.parquet'")
    expected = read_profiles(tmp_path / "p.jsonl")
    assert [one.id for one in expected] == ["p1", "p2"]
    assert read_profiles(tmp_path / "p.json") == expected
    assert read_profiles(tmp_path / "p.parquet") == expected  # duckdb reads the date as a date


def test_csv_cells_are_texts_and_empty_ones_say_nothing(tmp_path):
    stream = io.StringIO()
    table = csv.writer(stream, delimiter=";")
    table.writerow(["id", "title", "skills", "languages", "day_rate", "country", "available_from"])
    table.writerow(["a", "Infirmière", "soins, tri", "fr, en", "320.5", "FR", "2026-12-01"])
    table.writerow(["", "Nurse", "", "", "", "", ""])
    (tmp_path / "p.csv").write_text(stream.getvalue(), encoding="utf-8")
    first, second = read_profiles(tmp_path / "p.csv")
    assert first.skills == ("soins", "tri")
    assert first.facts == Facts(country="FR", day_rate=320.5, languages=("fr", "en"), available_from=date(2026, 12, 1))
    assert (second.id, second.skills, second.facts) == ("p:3", (), Facts())


def test_bad_rows_come_in_their_place_and_the_others_are_read(tmp_path):
    lines = [
        '{"id": 1, "title": "a"}',
        "{",
        "[]",
        '{"id": "1", "title": "b"}',
        '{"id": 2, "day_rate": "x"}',
        '{"id": 3}',
    ]
    (tmp_path / "p.jsonl").write_text("\n".join(lines), encoding="utf-8")
    rows = list(each_profile(tmp_path / "p.jsonl"))
    assert [getattr(row, "row", None) for row in rows] == [None, 2, 3, 4, 5, None]
    reasons = [row.reason for row in rows if isinstance(row, BadRow)]
    assert "not valid JSON" in reasons[0]
    assert "a JSON object was expected, got list" in reasons[1]
    assert "'id' holds '1', which an earlier row has" in reasons[2]
    assert "'day_rate' holds 'x'" in reasons[3]
    with pytest.raises(InputError, match=r"p\.jsonl, row 2: the line is not valid JSON"):
        read_profiles(tmp_path / "p.jsonl")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.jsonl", "", "the file is empty"),
        ("p.json", "  ", "the file is empty"),
        ("p.json", "[]", "its list is empty"),
        ("p.json", "{", "not valid JSON"),
        ("p.csv", "", "the file is empty"),
        ("p.parquet", "no parquet", "cannot be read as Parquet"),
        ("p.xml", "<p/>", "its ending is not one of .jsonl"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message):
        read_profiles(tmp_path / name)


@pytest.mark.parametrize("name", ["p.jsonl", "p.parquet"])
def test_a_file_that_is_not_there_says_so(tmp_path, name):
    with pytest.raises(InputError, match="there is no such file"):
        read_projects(tmp_path / name)


@pytest.mark.parametrize(
    ("piped", "expected"),
    [
        ('{"id": "a",\n "title": "x"}', ["a"]),  # one object over two lines
        ('[{"id": "a"}, {"id": "b"}]', ["a", "b"]),
        ('{"id": "a"}\n{"id": "b"}\n', ["a", "b"]),
        ("Senior React developer, Lyon", ["stdin"]),
    ],
)
def test_standard_input_is_json_lines_or_a_text(monkeypatch, piped, expected):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped.encode())))
    assert [project.id for project in read_projects("-")] == expected


def test_a_text_file_is_one_document(tmp_path):
    (tmp_path / "maria.md").write_text("# Enfermera\n\n## Habilidades\n- triaje\n- .NET\n", encoding="utf-8")
    [read] = read_profiles(tmp_path / "maria.md")
    assert (read.id, read.sections["title"], read.skills) == ("maria", "Enfermera", ("triaje", ".NET"))


def test_two_hundred_thousand_words_are_read_quickly(tmp_path):
    (tmp_path / "p.txt").write_text("Cook\n" + "word " * 200_000)
    started = time.perf_counter()
    [read] = read_profiles(tmp_path / "p.txt")
    assert len(read.sections["description"].split()) == 200_000
    assert time.perf_counter() - started < 2.0  # measured: 0.02 s


def test_only_json_lines_are_written(tmp_path):
    with pytest.raises(ConfigError, match=r"does not end in \.jsonl"):
        write_profiles(tmp_path / "p.csv", [])


texts = st.text(max_size=12)
trimmed = texts.map(str.strip)
codes = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=2)
skills = st.lists(trimmed.filter(bool), max_size=3).map(tuple)
places = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@st.composite
def facts(draw):
    latitude, longitude = draw(places) or (None, None)
    return Facts(
        country=draw(st.none() | codes.map(str.upper)),
        latitude=latitude,
        longitude=longitude,
        day_rate=draw(st.none() | st.floats(0, 1e6)),
        languages=tuple(draw(st.lists(codes, max_size=3))),
        available_from=draw(st.none() | st.dates()),
        category=draw(st.none() | trimmed.filter(bool)),
    )


def documents(kind, names, **more):
    sections = st.fixed_dictionaries({name: texts for name in names})
    ids = trimmed.filter(bool)
    language = st.none() | codes
    return st.builds(kind, id=ids, sections=sections, skills=skills, facts=facts(), language=language, **more)


@given(st.lists(documents(Profile, PROFILE_SECTIONS), max_size=4, unique_by=lambda one: one.id))
def test_profiles_that_are_written_are_read_the_same(tmp_path_factory, people):
    path = tmp_path_factory.mktemp("round") / "people.jsonl"
    write_profiles(path, people)
    assert [one for one in each_profile(path) if not isinstance(one, BadRow)] == people


@given(
    st.lists(
        documents(Project, PROJECT_SECTIONS, bonus_skills=skills), min_size=1, max_size=4, unique_by=lambda one: one.id
    )
)
def test_projects_that_are_written_are_read_the_same(tmp_path_factory, projects):
    path = tmp_path_factory.mktemp("round") / "projects.jsonl"
    write_projects(path, projects)
    assert read_projects(path) == projects


@given(documents(Project, PROJECT_SECTIONS, bonus_skills=skills))
def test_a_row_as_json_is_the_same_document(project):
    row = json.loads(json.dumps(document_to_dict(project)))
    assert project_from_row(row, fallback_id="row") == project
