import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from metier.matching.adjacency import (
    feedback_adjacency,
    known_to_differ,
    printed_shared_projects,
    profile_adjacency,
    shared_projects,
    weighed_across,
    with_weak_negatives,
)

NOBODY = np.zeros((6, 6), dtype=np.bool_)


def n_triplets(adjacency):
    return sum(int((row > 0).sum() * (row < 0).sum()) for row in adjacency)


# two projects with two wanted and one refused each; the wanted stand before the refused
EXAMPLE = np.array([[1, 1, 0, 0, -1, 0], [0, 0, 1, 1, 0, -1]], dtype=np.int8)


def test_feedback_becomes_signs_and_what_nobody_said_is_zero():
    found = feedback_adjacency(
        {"p": {"a": 1, "b": -1, "z": 1}, "q": {"a": -1}}, projects=["p", "q"], profiles=["a", "b", "a", "é"]
    )
    assert found.tolist() == [[1, -1, 1, 0], [-1, 0, -1, 0]]
    assert feedback_adjacency({}, projects=[], profiles=["a"]).shape == (0, 1)


def test_the_example_of_the_paper_has_four_and_two_triplets():
    assert n_triplets(EXAMPLE) == 4
    assert n_triplets(profile_adjacency(EXAMPLE, NOBODY)) == 2
    assert n_triplets(profile_adjacency(EXAMPLE, NOBODY, printed=True)) == 2
    assert n_triplets(shared_projects(EXAMPLE)) == 4  # both halves: each pair of wanted ones counts twice


def test_who_is_wanted_by_one_project_is_near_and_who_is_refused_is_far():
    expected = np.zeros((6, 6), dtype=np.int8)
    expected[0, 1] = expected[2, 3] = 1
    expected[0, 4] = expected[1, 4] = expected[2, 5] = expected[3, 5] = -1
    assert np.array_equal(profile_adjacency(EXAMPLE, NOBODY), expected)


def test_evidence_that_conflicts_cancels_out():
    # the first project wants both, the second only one of them: 1 - 1 = 0
    assert shared_projects(np.array([[1, 1], [1, -1]], dtype=np.int8)).tolist() == [[0, 0], [0, 0]]
    # two projects want both, one only one of them: 2 - 1 > 0
    assert shared_projects(np.array([[1, 1], [1, 1], [1, -1]], dtype=np.int8))[0, 1] == 1


def test_who_fails_two_common_projects_together_is_not_far_but_is_in_print():
    failed = np.array([[-1, -1], [-1, -1]], dtype=np.int8)
    assert shared_projects(failed)[0, 1] == 0
    # printed: A'A = 2, 1 - N'N = 1 - 2 = -1: the product is -2
    assert printed_shared_projects(failed)[0, 1] == -1


@given(st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=4, max_size=4), min_size=1, max_size=5))
def test_eq_8_counts_projects_one_by_one(rows):
    adjacency = np.array(rows, dtype=np.int8)
    found = shared_projects(adjacency)
    for i in range(4):
        for j in range(4):
            votes = sum((1 if a > 0 and b > 0 else -1 if a * b < 0 else 0) for a, b in adjacency[:, [i, j]])
            assert found[i, j] == (0 if i == j else np.sign(votes))


def test_other_categories_are_far_and_unknown_ones_are_not():
    assert known_to_differ(["a", None], ["a", "b", None]).tolist() == [[False, True, False], [False, False, False]]
    assert known_to_differ([], []).shape == (0, 0)


def test_history_wins_over_categories():
    history = np.array([[1, -1, 0, 0]], dtype=np.int8)
    weak = np.array([[True, True, True, False]])
    assert with_weak_negatives(history, weak).tolist() == [[1, -1, -1, 0]]


def test_near_profiles_of_other_categories_are_not_far_in_the_other_half():
    weak = np.array([[False, True, True], [True, False, False], [True, False, False]])
    found = profile_adjacency(np.array([[1, 1, 0]], dtype=np.int8), weak)
    # 0 and 1 are wanted together; 0 and 2 are of other categories, which holds in both directions
    assert found.tolist() == [[0, 1, -1], [0, 0, 0], [-1, 0, 0]]


def test_only_near_pairs_in_two_known_languages_are_weighed():
    adjacency = np.array([[1, 1, 1, -1], [0, 1, 1, 1]], dtype=np.int8)
    found = weighed_across(adjacency, ["fr", None], ["fr", "de", None, "de"], weight=4.0)
    assert found.tolist() == [[1, 4, 1, -1], [0, 1, 1, 1]]
