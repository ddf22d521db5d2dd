"""The whole of ESCO v1.1.1: counts against the release's own documentation, examples looked up in it by hand."""

import csv
import gzip
import time
from collections import Counter

import pytest

from metier.taxonomy.esco import read_esco
from metier.taxonomy.taxonomy import Taxonomy

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def esco(data_folder):
    return read_esco(data_folder / "esco", version="v1.1.1")


def _rows(data_folder, name):
    with gzip.open(data_folder / "esco" / name, "rt", encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_counts_are_those_of_the_release(esco):
    assert len(esco.skills) == 13_896
    assert len(esco.occupations) == 3_007
    # 3,059 of knowledge, 10,831 of skill/competence, 6 unsaid
    assert Counter(skill.kind for skill in esco.skills) == {"skill": 10_831, "knowledge": 3_059, None: 6}
    # 640 skill groups + 7 that stand in the hierarchy file only + 619 ISCO groups
    assert len(esco.groups) == 640 + 7 + 619


def test_relations_are_those_of_the_release_less_the_unknown_occupation(esco):
    # 64,946 essential and 58,909 optional as published; 55 and 12 of them are of an occupation that is not defined
    assert sum(len(esco.essential_skills(job)) for job in esco.occupations) == 64_946 - 55
    assert sum(len(esco.optional_skills(job)) for job in esco.occupations) == 58_909 - 12
    assert any(note.startswith("67 of 123,855 occupation-skill relations") for note in esco.notes)


def test_alternatives_are_those_of_the_release_less_those_equal_to_the_label(esco, data_folder):
    n_published = n_kept = 0
    for row in _rows(data_folder, "skills_en.csv.gz"):
        lines = [line for line in row["altLabels"].split("\n") if line.strip()]
        n_published += len(lines)
        n_kept += len({" ".join(line.split()) for line in lines} - {" ".join(row["preferredLabel"].split())})
    assert n_published == 97_483
    # 12,187 equal the label to the letter; 72 more equal it, or one another, but for white space
    assert n_kept == 97_483 - 12_187 - 72
    assert sum(len(skill.alternatives) for skill in esco.skills) == n_kept


def test_every_skill_has_a_group_of_the_pillars(esco):
    codes = Counter(esco.group(skill) for skill in esco.skills)
    plain = {code for code in codes if not code.startswith("K")}
    assert plain == {*(f"S{n}" for n in range(1, 9)), *(f"T{n}" for n in range(1, 7)), "L1", "L2"}
    assert all(code[1:].isdigit() and len(code) in (4, 5) for code in codes if code.startswith("K"))
    assert all(esco.group_label(code) for code in codes)


@pytest.mark.parametrize(
    ("label", "group"),
    [
        ("Python (computer programming)", "K0613"),
        ("accounting", "K0411"),
        ("manage staff", "S4"),
        ("English", "L1"),
        ("think creatively", "T2"),
        ("Sanskrit", "L2"),
    ],
)
def test_known_skills_stand_in_their_group(esco, label, group):
    (skill,) = [concept for concept in esco.with_label(label) if concept.label == label]
    assert esco.group(skill) == group


def test_a_known_occupation_has_its_group_and_its_skills(esco):
    (developer,) = esco.with_label("Software Developer")
    assert (developer.isco, esco.isco_label(developer.isco)) == ("2512", "Software developers")
    assert "debug software" in [skill.label for skill in esco.essential_skills(developer)]


def test_every_preferred_label_finds_its_concept(esco):
    assert all(concept in esco.with_label(concept.label) for concept in esco.concepts)


def test_another_language_keeps_uris_groups_and_order(esco, data_folder):
    finnish = read_esco(data_folder / "esco", language="fi", other_languages=["sv"], version="v1.1.1")
    assert [skill.uri for skill in finnish.skills] == [skill.uri for skill in esco.skills]
    assert [finnish.group(skill) for skill in finnish.skills] == [esco.group(skill) for skill in esco.skills]
    (accounting,) = [one for one in finnish.with_label("kirjanpito") if one.label == "kirjanpito"]
    assert esco.concept(accounting.uri).label == "accounting"
    assert all(finnish.label(skill, "sv") for skill in finnish.skills)  # Swedish covers 100 % of the skills


def test_the_index_is_small_and_loads_fast(esco, tmp_path):
    esco.save(tmp_path / "esco")
    assert sum(path.stat().st_size for path in (tmp_path / "esco").iterdir()) < 3_000_000
    times_s = []
    for _ in range(3):
        start = time.perf_counter()
        loaded = Taxonomy.load(tmp_path / "esco")
        times_s.append(time.perf_counter() - start)
    assert loaded.sha256 == esco.sha256
    assert min(times_s) < 0.3


@pytest.mark.models
def test_the_shipped_index_states_the_facts_of_the_release(data_folder):
    shipped = Taxonomy.load("esco")
    languages = ("en", "da", "de", "es", "fr", "fi", "nl", "pl", "sv")
    release = read_esco(data_folder / "esco", other_languages=languages[1:], version="v1.1.1")
    assert shipped.sha256 == release.sha256
    assert (shipped.name, shipped.version, shipped.languages) == ("ESCO", "v1.1.1", languages)
