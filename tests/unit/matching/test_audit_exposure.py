"""Exposure by hand, and rankings that give every group its share."""

from math import floor, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.matching.audit_exposure import Groups, discounts, expose, group_exposures, misplaced, share_out


def columns(*numbers):
    return np.array(numbers, dtype=np.int64)


def test_groups_come_by_size_then_name():
    groups = Groups.by("language", ["fr", "en", "fr", "nl", "é"])
    assert groups.names == ("fr", "en", "nl", "é")
    assert groups.of.tolist() == [0, 1, 0, 2, 3]
    assert groups.sizes.tolist() == [2, 1, 1, 1]


def test_attention_falls_with_the_logarithm_of_the_rank():
    assert discounts(3) == pytest.approx([1, 1 / log2(3), 1 / 2])
    assert len(discounts(0)) == 0


def test_exposure_by_hand():
    groups = Groups.by("x", ["a", "b", "a", "b"])
    # first project shows persons 0 (a), 1 (b), 2 (a); second shows 3 (b) alone
    found = expose([columns(0, 1, 2), columns(3)], groups)
    assert found == pytest.approx(np.array([[1 + 1 / 2, 1 / log2(3)], [0, 1]]))


def test_ratios_by_hand():
    groups = Groups.by("x", ["a", "a", "a", "b"])
    # both projects show a, then b; the first is for b only, for the second nobody is known to qualify
    found = group_exposures(
        [columns(0, 3), columns(1, 3)], groups, qualified=[columns(3), columns()], seed=0
    )  # fmt: skip
    a, b = found
    of_a = 1 / (1 + 1 / log2(3))  # 0.6131
    assert (a.group, a.n_people, a.share_of_people) == ("a", 3, 0.75)
    assert a.share_of_exposure == pytest.approx(of_a)
    assert a.to_people.value == pytest.approx(of_a / 0.75)
    assert (a.share_of_qualified, a.to_qualified) == (0.0, None)
    assert b.to_people.value == pytest.approx((1 - of_a) / 0.25)
    assert b.share_of_qualified == 1.0
    assert b.to_qualified is not None
    assert b.to_qualified.value == pytest.approx(1 - of_a)
    # both projects show the same, so that drawing them again changes nothing
    assert (b.to_people.interval.low, b.to_people.interval.high) == pytest.approx([b.to_people.value] * 2)


def test_without_a_truth_there_are_no_qualified():
    [only] = group_exposures([columns(0)], Groups.by("x", ["a"]), qualified=None, seed=0)
    assert (only.to_people.value, only.share_of_qualified, only.to_qualified) == (1.0, None, None)


def test_misplaced_exposure_by_hand():
    groups = Groups.by("x", ["a", "a", "b", "b"])
    # three quarters of the exposure for half of the people: a quarter would have to move
    assert misplaced(np.array([[3.0, 1.0], [2.0, 2.0]]), groups) == pytest.approx([0.25, 0.0])


def ranked(pool, groups, *, k):
    [found] = share_out([pool], groups, k=k)
    return found.tolist()


def test_the_order_stays_where_the_shares_allow_it():
    groups = Groups.by("x", ["a", "b", "a", "b"])
    assert ranked(columns(0, 1, 2, 3), groups, k=4) == [0, 1, 2, 3]


def test_a_group_that_would_come_last_gets_its_ranks():
    groups = Groups.by("x", ["a", "a", "b", "b"])
    # half of everybody are b: one of them by rank 2, two by rank 4; nobody need come sooner
    assert ranked(columns(0, 1, 2, 3), groups, k=4) == [0, 2, 1, 3]
    assert ranked(columns(0, 1, 2, 3), groups, k=2) == [0, 2]


def test_a_group_without_members_left_gives_its_ranks_away():
    groups = Groups.by("x", ["a", "a", "b", "b"])
    assert ranked(columns(0, 1), groups, k=5) == [0, 1]
    assert ranked(columns(), groups, k=3) == []
    assert share_out([], groups, k=3) == []


def test_what_is_rounded_away_is_owed_to_the_next_project():
    groups = Groups.by("x", ["a"] * 9 + ["b"])
    # of five places b is owed half a one: none in the first project. In the second it is due at the rank r with
    # r * 0.1 + 0.5 >= 1, the fifth, before the fifth of a: r * 0.9 - 0.5 >= 5, the seventh
    first, second = share_out([np.arange(10)] * 2, groups, k=5)
    assert first.tolist() == [0, 1, 2, 3, 4]
    assert second.tolist() == [0, 1, 2, 3, 9]


@given(st.lists(st.sampled_from("abc"), min_size=3, max_size=30), st.integers(1, 6), st.integers(1, 30))
def test_over_projects_every_group_has_its_places(values, k, n_projects):
    groups = Groups.by("x", values * k)  # enough of everybody for every place
    found = share_out([np.arange(len(groups.of))] * n_projects, groups, k=k)
    shown = np.bincount(groups.of[np.concatenate(found)], minlength=len(groups.names))
    wished = n_projects * k * groups.sizes / groups.sizes.sum()
    assert np.abs(shown - wished).max() < len(groups.names)


@given(st.lists(st.sampled_from("abcdé👍"), min_size=1, max_size=60), st.data())
def test_every_prefix_holds_the_share_of_every_group(values, data):
    groups = Groups.by("x", values)
    pool = columns(*data.draw(st.permutations(range(len(values)))))[: data.draw(st.integers(1, len(values)))]
    k = data.draw(st.integers(1, 20))
    found = ranked(pool, groups, k=k)
    assert len(found) == len(set(found)) == min(k, len(pool))
    assert set(found) <= set(pool.tolist())
    there = np.bincount(groups.of[pool], minlength=len(groups.names))
    for rank in range(1, len(found) + 1):
        shown = np.bincount(groups.of[found[:rank]], minlength=len(groups.names))
        for group, size in enumerate(groups.sizes.tolist()):
            assert shown[group] >= min(floor(rank * size / len(values)), there[group])


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=30))
def test_within_a_group_the_order_stays(values):
    groups = Groups.by("x", values)
    found = ranked(np.arange(len(values)), groups, k=len(values))
    for group in range(len(groups.names)):
        own = [place for place in found if groups.of[place] == group]
        assert own == sorted(own)
