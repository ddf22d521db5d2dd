import pytest

from metier.domain import Facts, Project
from metier.matching.queries import simulated_query

PROJECT = Project(
    "p1",
    {"title": "développeur React", "description": "secret words of the description"},
    ("React", "TypeScript", "GraphQL", "CSS"),
    facts=Facts(country="DE"),
    language="fr",
)


def test_a_query_is_the_same_every_time_and_variants_differ():
    queries = [simulated_query(PROJECT, variant=variant) for variant in range(30)]
    assert queries == [simulated_query(PROJECT, variant=variant) for variant in range(30)]
    assert len(set(queries)) > 10


def test_a_query_is_short_and_in_the_language_of_the_project():
    queries = [simulated_query(PROJECT, variant=variant) for variant in range(60)]
    assert any("développeur React" in query for query in queries)
    assert any(query.endswith(", Allemagne") for query in queries)
    assert any("confirmé" in query for query in queries)
    assert not any("secret" in query for query in queries)
    assert max(sum(skill in query for skill in ("TypeScript", "GraphQL", "CSS")) for query in queries) == 3


def test_a_title_that_says_how_senior_is_not_told_twice():
    project = Project("p2", {"title": "Senior Data Engineer"}, language="en")
    assert {simulated_query(project, variant=variant) for variant in range(20)} == {"Senior Data Engineer"}


@pytest.mark.parametrize(
    ("project", "expected"),
    [(Project("e"), {""}), (Project("e", skills=("🙂",)), {"🙂"}), (Project("e", {"mission": "éclairagiste"}), None)],
)
def test_projects_with_little_text_give_what_they_have(project, expected):
    found = {simulated_query(project, variant=variant) for variant in range(9)}
    assert found == expected if expected else all("éclairagiste" in query for query in found)


def test_an_unknown_language_is_read_as_english():
    project = Project("p3", {"title": "kok"}, facts=Facts(country="ES"), language="da")
    assert any(simulated_query(project, variant=variant).endswith(", Spain") for variant in range(20))
