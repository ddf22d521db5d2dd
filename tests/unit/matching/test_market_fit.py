from dataclasses import dataclass, field

import numpy as np
import pytest

from metier.matching.market_fit import SkillFit


@dataclass
class Tree:
    """Six skills: 1 and 2 stand under 0, which with them is of group A; 3 and 4 are of group B; 5 is alone."""

    broader: list = field(default_factory=lambda: [(), (0,), (0,), (), (), ()])
    groups: list = field(default_factory=lambda: ["A", "A", "A", "B", "B", "C"])


PEOPLE = [(1, 3), (0,), (2,), (4,), (5,), ()]


def test_the_match_is_the_weighted_share_of_skills_with_credit_for_near_ones():
    fit = SkillFit(Tree(), PEOPLE).fit([1, 3], [5])
    # weights 1, 1 and 0.4, together 2.4; credits of skills 1, 3 and 5:
    # (1, 1, 0); (0.5 broader, 0, 0); (0.2 same group, 0, 0); (0, 0.2 same group, 0); (0, 0, 1); nothing
    expected = [2 / 2.4, 0.5 / 2.4, 0.2 / 2.4, 0.2 / 2.4, 0.4 / 2.4, 0]
    np.testing.assert_allclose(fit.match, expected, rtol=1e-6)
    np.testing.assert_allclose(fit.covered, [1, 0, 0, 0, 0, 0])


def test_a_narrower_skill_counts_half_too():
    fit = SkillFit(Tree(), PEOPLE).fit([0], [])
    # the people hold 1 (narrower), 0 (itself), 2 (narrower), 4, 5, nothing
    np.testing.assert_allclose(fit.match, [0.5, 1, 0.5, 0, 0, 0])
    assert fit.match.dtype == np.float32


def test_the_best_of_several_near_skills_counts_once():
    fit = SkillFit(Tree(), [(0, 1, 2)]).fit([1], [])
    assert fit.match == pytest.approx([1.0])


def test_the_match_stays_within_0_and_1_and_does_not_depend_on_order():
    random = np.random.default_rng(2)
    people = [tuple(random.permutation(6)[: random.integers(0, 7)]) for _ in range(50)]
    fit = SkillFit(Tree(), people)
    one, other = fit.fit([0, 3, 4], [1, 5]), fit.fit([4, 0, 3], [5, 1])
    assert one.match.min() >= 0
    assert one.match.max() <= 1
    np.testing.assert_allclose(one.match, other.match, rtol=1e-6)


def test_nobody_can_be_compared():
    assert SkillFit(Tree(), []).fit([1], []).match.shape == (0,)
