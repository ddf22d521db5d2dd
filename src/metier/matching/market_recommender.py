"""The legacy recommender of the simulated market: it decides who is put before whom, and it is biased."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Profile, Project
from metier.matching.market_population import Person, Work
from metier.protocols import Floats

Rows = NDArray[np.intp]

# What the recommender looks at; chance has a spread of about 1.3, so that 1.0 matters and does not decide.
_KEYWORDS: Final = 3.0  # the share of the project's keywords that stand in the profile letter by letter
_CATEGORY: Final = 3.0  # the same category
_TRADE: Final = 1.5  # the same job by the platform's own list of jobs
_FAMILY: Final = 1.0  # the same family
_COUNTRY: Final = 0.8
_LANGUAGE: Final = 1.0  # the texts are in one language
_POPULARITY: Final = 0.6  # how much people are clicked on, whatever they know
_CONTACTED: Final = 0.15  # and how often they were put before somebody already: the rich grow richer
_NEW: Final = 0.5  # joined in the last quarter of a year
_NEW_DAYS: Final = 90
_EXPLORED: Final = 0.12  # of those contacted are anybody of the family
_N_CONTACTS: Final = (4.3, 0.5)  # mean and spread of the logarithm of how many are contacted


class LegacyRecommender:
    """Ranks by keywords in one language, category, country, popularity and newness; never by latent skills."""

    def __init__(
        self, people: Sequence[Person], profiles: Sequence[Profile], *, owners: Rows, random: np.random.Generator
    ) -> None:
        """Note what is seen of everybody.

        Args:
            people: All.
            profiles: Of all states of all people.
            owners: The row of the person of each profile.
            random: Decides.
        """
        self._random = random
        self._codes = np.array([person.trade.code for person in people])
        self._jobs = np.array([person.trade.occupation.uri for person in people])
        self._families = np.array([person.trade.family for person in people])
        self._countries = np.array([person.place.country for person in people])
        self._languages = np.array([person.language for person in people])
        self._joined = np.array([person.joined for person in people])
        self._popularity = np.array([person.popularity for person in people])
        self._n_contacts = np.zeros(len(people))
        self._owners = owners
        self._states_with: dict[str, list[int]] = {}
        for state, profile in enumerate(profiles):
            for keyword in {skill.casefold(): None for skill in profile.skills}:
                self._states_with.setdefault(keyword, []).append(state)

    def choose(self, work: Work, project: Project, *, states: Rows) -> Rows:
        """Choose whom to put before a project.

        Args:
            work: What is known of the project beside its text.
            project: Its text.
            states: The profile of each person that holds on the day, as a row of all profiles.

        Returns:
            Rows of people who have joined by then, each once, the best first, then those who were explored.
        """
        weight = self._weigh(work, project, states) + self._random.gumbel(size=len(self._codes))
        weight[self._joined > work.posted] = -np.inf
        n = min(int(self._random.lognormal(*_N_CONTACTS)) + 1, int(np.isfinite(weight).sum()))
        n_explored = int(self._random.binomial(n, _EXPLORED))
        best = np.argsort(-weight, kind="stable")[: n - n_explored]
        near = np.flatnonzero((self._families == work.trade.family) & np.isfinite(weight))
        near = near[~np.isin(near, best)]
        explored = self._random.permutation(near)[:n_explored]
        chosen = np.concatenate([best, explored])
        self._n_contacts[chosen] += 1
        return chosen

    def _weigh(self, work: Work, project: Project, states: Rows) -> NDArray[np.float64]:
        newness = (work.posted - self._joined < _NEW_DAYS) & (self._joined > 0)
        weight: NDArray[np.float64] = (
            _KEYWORDS * self._keyword_share(project, states)
            + _CATEGORY * (self._codes == work.trade.code)
            + _TRADE * (self._jobs == work.trade.occupation.uri)
            + _FAMILY * (self._families == work.trade.family)
            + _COUNTRY * (self._countries == work.place.country)
            + _LANGUAGE * (self._languages == work.language)
            + _POPULARITY * self._popularity
            + _CONTACTED * np.log1p(self._n_contacts)
            + _NEW * newness
        )
        return weight

    def _keyword_share(self, project: Project, states: Rows) -> Floats:
        shared = np.zeros(len(self._owners), dtype=np.float32)
        keywords = {skill.casefold(): None for skill in project.skills}
        for keyword in keywords:
            shared[self._states_with.get(keyword, [])] += 1
        return shared[states] / np.float32(max(len(keywords), 1))
