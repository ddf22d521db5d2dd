"""The sign test against SciPy's exact binomial test."""

import pytest
from scipy.stats import binomtest

from metier.measures.sign_test import sign_test


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 9), (56, 10), (100, 100), (0, 40), (210, 260)])
def test_p_value_equals_that_of_scipy(first, second):
    assert sign_test(first, second) == pytest.approx(binomtest(first, first + second).pvalue, rel=1e-9)
