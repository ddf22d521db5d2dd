from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.agreement import MISSING, fleiss_kappa, krippendorff_alpha


def table(*rows):
    return np.array(rows, dtype=np.int64)


@pytest.mark.parametrize("measure", [fleiss_kappa, krippendorff_alpha])
def test_perfect_agreement_is_one(measure):
    assert measure(table([0, 1, 2, 0], [0, 1, 2, 0], [0, 1, 2, 0])) == pytest.approx(1)


def test_kappa_of_two_annotators_by_hand():
    # one of four pairs differs: P = 3/4; 0 is said 5 times of 8, 1 three times: Pe = 25/64 + 9/64 = 34/64
    # (3/4 - 34/64) / (1 - 34/64) = (48 - 34) / (64 - 34) = 14/30
    assert fleiss_kappa(table([0, 0, 1, 0], [0, 0, 1, 1])) == pytest.approx(14 / 30)


def test_alpha_of_two_annotators_by_hand():
    # coincidences: 2 of 8 labels disagree: Do = 2/8; n_0 = 5, n_1 = 3: De = 2 * 5 * 3 / (8 * 7) = 30/56
    # 1 - (2/8) / (30/56) = 1 - 14/30
    assert krippendorff_alpha(table([0, 0, 1, 0], [0, 0, 1, 1])) == pytest.approx(16 / 30)


def test_kappa_of_the_least_agreement_of_two_is_minus_one():
    # each says 0 where the other says 1: P = 0, Pe = 1/2
    assert fleiss_kappa(table([0, 1], [1, 0])) == pytest.approx(-1)


def test_kappa_looks_only_at_items_that_all_labelled():
    complete = table([0, 0, 1, 0], [0, 0, 1, 1])
    gaps = table([0, 0, 1, 0, 1, MISSING], [0, 0, 1, 1, MISSING, 0])
    assert fleiss_kappa(gaps) == pytest.approx(fleiss_kappa(complete))


def test_alpha_uses_items_with_two_labels_and_passes_over_single_ones():
    three = table([0, 1, 0, 1], [0, 1, 1, MISSING], [MISSING, 1, 1, MISSING])
    without_single = three[:, :3]
    assert krippendorff_alpha(three) == pytest.approx(krippendorff_alpha(without_single))
    # item 1: 0 0; item 2: 1 1 1; item 3: 0 1 1 with 4 of 6 pairs apart, over m - 1 = 2; so n Do = 2
    # n = 8, n_0 = 3, n_1 = 5: n De = 2 * 15 / 7; alpha = 1 - 2 * 7 / 30
    assert krippendorff_alpha(three) == pytest.approx(16 / 30)


@pytest.mark.parametrize("measure", [fleiss_kappa, krippendorff_alpha])
@pytest.mark.parametrize(
    "labels",
    [
        table([0, 0, 0], [0, 0, 0]),  # one category
        table([1], [1]),  # a single item, agreed
        table([], []),
        table([MISSING, 1], [0, MISSING]),  # nothing in common
    ],
)
def test_agreement_is_not_defined_without_two_categories(measure, labels):
    assert isnan(measure(labels))


def test_single_item_that_differs():
    # P = 0, Pe = 1/2; and with n = 2: Do = 1, De = 2 * 1 * 1 / (2 * 1) = 1
    assert fleiss_kappa(table([0], [1])) == pytest.approx(-1)
    assert krippendorff_alpha(table([0], [1])) == pytest.approx(0)


@given(st.lists(st.tuples(*[st.integers(-1, 2)] * 3), min_size=1, max_size=20), st.permutations([0, 1, 2]))
def test_order_of_annotators_items_and_names_of_categories_do_not_matter(items, names):
    labels = np.array(items, dtype=np.int64).T
    renamed = np.where(labels == MISSING, MISSING, np.array(names)[labels])
    for measure in (fleiss_kappa, krippendorff_alpha):
        expected = pytest.approx(measure(labels), nan_ok=True)
        assert measure(labels[::-1, ::-1]) == expected
        assert measure(renamed) == expected
