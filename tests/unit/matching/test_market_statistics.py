from datetime import date

import numpy as np
import pytest

from metier.data.market import Interaction, Market, Truth
from metier.domain import Facts, Profile, Project
from metier.matching.market_statistics import market_statistics, zipf_slope


def test_sizes_that_halve_where_the_rank_doubles_have_slope_minus_one():
    assert zipf_slope([1200, 600, 400, 300, 240]) == pytest.approx(-1)  # 1200 / rank
    assert zipf_slope([240, 1200, 300, 600, 400]) == pytest.approx(-1)


def test_the_slope_is_that_of_an_independent_fit():
    sizes = [100, 60, 60, 7, 2, 1]
    design = np.stack([np.log(np.arange(1, 7)), np.ones(6)], axis=1)
    assert zipf_slope(sizes) == pytest.approx(np.linalg.lstsq(design, np.log(sizes), rcond=None)[0][0])


def test_equal_sizes_have_no_slope_and_one_size_neither():
    assert zipf_slope([5, 5, 5]) == pytest.approx(0)
    assert zipf_slope([7]) == 0
    assert zipf_slope([]) == 0


def test_a_small_market_counted_by_hand():
    day = date(2024, 2, 1)
    market = Market(
        profiles=[
            Profile("a", {"title": "x"}, ("s", "t"), Facts(category="C"), "fr"),
            Profile("b", {}, (), Facts(category="C"), "en"),
        ],
        projects=[Project("p", {"title": "x"}, ("s",), language="fr"), Project("q", language="fr")],
        interactions=[Interaction("p", "a", 1, day), Interaction("p", "b", -1, day), Interaction("q", "a", 1, day)],
        split_at=day,
        truth=Truth(("p", "q"), ("a", "b"), np.array([[0.8, 0.4], [0.6, 0.0]], np.float32)),
    )
    counted = market_statistics(market)
    assert counted["test projects"] == 2
    assert counted["interactions per test project"] == 1.5
    assert counted["positive interactions"] == pytest.approx(2 / 3, abs=1e-3)
    assert counted["interactions across languages"] == pytest.approx(1 / 3, abs=1e-3)  # p with b
    assert counted["test projects with both signs"] == 1
    assert counted["projects in fr"] == 1
    assert counted["profiles in en"] == 0.5
    assert counted["categories"] == 1
    assert counted["skills listed per profile"] == 1
    assert counted["profiles without title"] == 0.5
    assert counted["profiles without category"] == 0  # the fact stands for the section
    assert counted["projects without skills"] == 0.5
    assert counted["mean true match"] == pytest.approx(0.45)
    assert counted["mean true match of positives"] == pytest.approx(0.7)  # 0.8 and 0.6
    assert counted["mean true match of negatives"] == pytest.approx(0.4)
    assert counted["true matches from 0.6 on per test project"] == 1
