import numpy as np

from metier.matching.market_feedback import NEAR, SUFFICES, give_feedback
from metier.matching.market_fit import Fit

N = 4000


def feedback(match, covered, asked=300.0, foreign=False):
    fit = Fit(np.full(N, match, np.float32), np.full(N, covered, np.float32))
    return give_feedback(
        fit,
        asked_rate=np.full(N, asked),
        paid_rate=400.0,
        foreign=np.full(N, foreign),
        random=np.random.default_rng(1),
    )


def test_who_fits_is_interested_or_silent():
    assert set(feedback(0.95, 1.0)) == {0, 1}


def test_who_fits_and_is_too_dear_says_no():
    assert set(feedback(0.95, 1.0, asked=900.0)) == {0, -1}


def test_who_is_near_and_lacks_a_mandatory_skill_says_no():
    said = feedback((NEAR + SUFFICES) / 2, 0.5)
    assert (said == -1).mean() > 0.6
    assert (said == 1).mean() < 0.1


def test_who_is_far_is_silent():
    said = feedback(0.0, 0.0)  # only a doubt of 3.6 standard deviations makes it near
    assert (said != 0).mean() < 0.005
    assert 1 not in said


def test_people_of_another_language_reply_less_often():
    assert (feedback(0.95, 1.0, foreign=True) != 0).mean() < (feedback(0.95, 1.0) != 0).mean()


def test_no_contact_gives_no_feedback():
    nothing = np.zeros(0)
    given = give_feedback(
        Fit(nothing.astype(np.float32), nothing.astype(np.float32)),
        asked_rate=nothing,
        paid_rate=1.0,
        foreign=nothing.astype(bool),
        random=np.random.default_rng(0),
    )
    assert given.shape == (0,)
