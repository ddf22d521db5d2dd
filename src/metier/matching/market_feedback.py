"""What comes of a contact on the simulated market: interest, a no on fine points, or silence."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.matching.market_fit import Fit

Rows = NDArray[np.intp]

SUFFICES: Final = 0.50  # a match from here on is enough
NEAR: Final = 0.25  # from here on it is near: somebody looks closer, finds a mandatory skill missing, and says no
_DOUBT: Final = 0.07  # standard deviation of how the match is seen
_BARGAIN: Final = 1.15  # a rate up to so much above what is paid is talked over
_REPLY_PROBABILITY: Final = 0.90  # else: silence, whatever the match
_FOREIGN_REPLY_PROBABILITY: Final = 0.80  # where the texts are in two languages


def give_feedback(
    fit: Fit,
    *,
    asked_rate: NDArray[np.float64],
    paid_rate: float,
    foreign: NDArray[np.bool_],
    random: np.random.Generator,
) -> NDArray[np.int8]:
    """Say what came of each contact of a project.

    Args:
        fit: Of the people contacted.
        asked_rate: The day rate of each.
        paid_rate: The most that the project pays.
        foreign: Whether the texts of the two are in different languages.
        random: Decides.

    Returns:
        1: interested; -1: a mandatory skill is missing though near, or the rate is too low; 0: silence.
    """
    seen = fit.match + random.normal(0, _DOUBT, size=len(foreign))
    too_dear = asked_rate > _BARGAIN * paid_rate
    incomplete = fit.covered < 1
    interested = (seen >= SUFFICES) & ~too_dear
    refused = ((seen >= NEAR) & incomplete) | ((seen >= SUFFICES) & too_dear)
    feedback = np.where(interested, 1, np.where(refused, -1, 0))
    replies = random.random(len(foreign)) < np.where(foreign, _FOREIGN_REPLY_PROBABILITY, _REPLY_PROBABILITY)
    return np.where(replies, feedback, 0).astype(np.int8)
