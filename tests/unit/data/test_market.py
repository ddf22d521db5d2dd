import json
from datetime import date

import numpy as np
import pytest

from metier.data.market import Interaction, Market, Truth, Version, read_market, write_market
from metier.domain import PROFILE_SECTIONS, PROJECT_SECTIONS, Facts, Profile, Project
from metier.errors import InputError, MissingColumn

SPLIT = date(2024, 3, 1)


def profile(identity, title="", **fields):
    return Profile(identity, dict.fromkeys(PROFILE_SECTIONS, "") | {"title": title}, **fields)


def project(identity, title=""):
    return Project(identity, dict.fromkeys(PROJECT_SECTIONS, "") | {"title": title})


def make_market(**changed):
    facts = Facts("FR", 48.857, 2.352, 480.0, ("fr", "en"), date(2024, 4, 2), "Welders")
    fields = {
        "profiles": [
            profile("ann", "soudeuse é 🙂", skills=("souder", "a, b"), facts=facts, language="fr"),
            profile("bo"),
        ],
        "projects": [project("old", "weld"), project("new")],
        "interactions": [
            Interaction("old", "bo", -1, date(2024, 1, 5)),
            Interaction("old", "ann", 1, date(2024, 3, 2)),
            Interaction("new", "ann", 1, date(2024, 3, 2)),
        ],
        "split_at": SPLIT,
        "versions": [
            Version(profile("ann", "second"), date(2024, 2, 1)),
            Version(profile("ann", "first"), date(2024, 1, 10)),
        ],
        "truth": Truth(("new",), ("ann", "bo"), np.array([[0.75, 0.0]], np.float32), (("s1", "s2"),), (("s1",), ())),
        "card": {"settings": {"seed": 3}},
    }
    return Market(**(fields | changed))


def test_a_market_that_was_written_reads_as_the_same(tmp_path):
    market = make_market()
    write_market(market, tmp_path / "market")
    read = read_market(tmp_path / "market")
    assert read.profiles == market.profiles
    assert read.projects == market.projects
    assert read.interactions == market.interactions
    assert read.versions == market.versions
    assert read.split_at == SPLIT
    assert read.card["settings"] == {"seed": 3}
    assert read.truth.project_ids == ("new",)
    assert read.truth.required == (("s1", "s2"),)
    assert read.truth.held == (("s1",), ())
    np.testing.assert_array_equal(read.truth.skill_match, market.truth.skill_match)


def test_a_market_without_interactions_versions_and_truth_can_be_written_over_one_with_them(tmp_path):
    write_market(make_market(), tmp_path)
    write_market(make_market(interactions=[], versions=[], truth=None), tmp_path)
    read = read_market(tmp_path)
    assert (read.interactions, read.versions, read.truth) == ([], [], None)
    assert read.test_projects == []


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (date(2023, 12, 1), "first"),
        (date(2024, 1, 9), "first"),  # the day before `until` still belongs to the version
        (date(2024, 1, 10), "second"),
        (date(2024, 2, 1), "soudeuse é 🙂"),
    ],
)
def test_a_profile_as_of_a_day_is_the_version_with_the_smallest_until_after_it(day, title):
    assert make_market().profile_as_of("ann", day).sections["title"] == title


def test_a_profile_that_never_changed_is_the_same_on_every_day():
    assert make_market().profile_as_of("bo", date(1999, 1, 1)).id == "bo"


def test_a_profile_that_is_not_there_is_an_error():
    with pytest.raises(InputError, match="no profile 'cy'"):
        make_market().profile_as_of("cy", SPLIT)


def test_test_profiles_are_those_of_the_split_in_market_order():
    late = Version(profile("bo", "before summer"), date(2024, 6, 1))
    titles = [each.sections["title"] for each in make_market(versions=[late]).test_profiles]
    assert titles == ["soudeuse é 🙂", "before summer"]


def test_a_project_from_before_the_split_is_not_tested_on():
    market = make_market()
    assert [each.project_id for each in market.test_interactions] == ["new"]
    assert [each.id for each in market.test_projects] == ["new"]
    assert [each.id for each in make_market(truth=None).test_projects] == ["new"]


def test_training_and_validation_share_no_project_and_see_nothing_from_the_split_on():
    projects = [project(f"p{row}") for row in range(500)]
    interactions = [Interaction(f"p{row % 500}", "bo", 1, date(2024, 2 + row % 2, 1 + row % 28)) for row in range(2000)]
    market = make_market(projects=projects, interactions=interactions, truth=None)
    train, validation = market.train_interactions, market.validation_interactions
    assert {each.project_id for each in train}.isdisjoint(each.project_id for each in validation)
    assert len(train) + len(validation) == sum(each.at < SPLIT for each in interactions)
    assert 0.7 < len(train) / (len(train) + len(validation)) < 0.9
    assert max(each.at for each in train + validation) < SPLIT


def test_interactions_are_read_by_day(tmp_path):
    write_market(make_market(), tmp_path)
    path = tmp_path / "interactions.csv"
    head, first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([head, *rest, first]) + "\n")
    days = [each.at for each in read_market(tmp_path).interactions]
    assert days == sorted(days)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("old,bo,2,2024-01-05", "feedback '2'; expected 1 or -1"),
        ("old,bo,1,yesterday", "row 2 has the date 'yesterday'"),
        ("old,zed,1,2024-01-05", "'zed', and one of them is not in the market"),
    ],
)
def test_a_wrong_interaction_is_named(tmp_path, line, message):
    write_market(make_market(), tmp_path)
    (tmp_path / "interactions.csv").write_text(f"project_id,profile_id,feedback,at\n{line}\n")
    with pytest.raises(InputError, match=message):
        read_market(tmp_path)


def test_interactions_without_a_column_are_an_error(tmp_path):
    write_market(make_market(), tmp_path)
    (tmp_path / "interactions.csv").write_text("project_id,profile_id,feedback\n")
    with pytest.raises(MissingColumn, match="at"):
        read_market(tmp_path)


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("profiles.jsonl", {"id": "ann", "title": "twice"}, "profiles.jsonl has an id twice"),
        ("projects.jsonl", {"title": "nameless"}, "row 3 has no 'id'"),
        ("profiles.jsonl", {"id": "cy", "title": 7}, "row 3: 'title' holds int"),
        ("versions.jsonl", {"id": "cy", "until": "2024-01-01", "title": ""}, "a version of 'cy'"),
        ("versions.jsonl", {"id": "bo", "title": ""}, "the date 'None'"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, name, row, message):
    write_market(make_market(), tmp_path)
    with (tmp_path / name).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")
    with pytest.raises(InputError, match=message):
        read_market(tmp_path)


@pytest.mark.parametrize("card", ["{", "[]", "{}"])
def test_a_card_that_does_not_say_where_the_test_begins_is_an_error(tmp_path, card):
    write_market(make_market(), tmp_path)
    (tmp_path / "market.json").write_text(card)
    with pytest.raises(InputError, match=r"market\.json"):
        read_market(tmp_path)


def test_a_truth_that_is_damaged_or_does_not_fit_its_ids_is_an_error(tmp_path):
    crooked = Truth(("new",), ("ann", "bo"), np.zeros((2, 2), np.float32))
    write_market(make_market(truth=crooked), tmp_path)
    with pytest.raises(InputError, match="does not fit its ids"):
        read_market(tmp_path)
    (tmp_path / "truth.npz").write_bytes(b"no archive")
    with pytest.raises(InputError, match="cannot be read as a truth"):
        read_market(tmp_path)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(InputError, match="is no market"):
        write_market(make_market(), tmp_path)
    with pytest.raises(InputError, match="is a file"):
        write_market(make_market(), tmp_path / "thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
