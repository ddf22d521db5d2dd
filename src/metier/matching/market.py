"""A simulated market of freelancers and projects, on which the true skill match of everybody is known."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.market import Interaction, Market, Truth, Version
from metier.domain import Profile, Project
from metier.errors import ConfigError
from metier.matching.market_feedback import give_feedback
from metier.matching.market_fit import Fit, SkillFit
from metier.matching.market_population import N_DAYS, TEST_DAYS, Person, State, Work, draw_person, draw_work
from metier.matching.market_profiles import write_profiles
from metier.matching.market_projects import project_id, write_project
from metier.matching.market_recommender import LegacyRecommender
from metier.matching.market_statistics import PUBLISHED, market_statistics
from metier.matching.market_trades import Trades
from metier.taxonomy.taxonomy import Taxonomy

FIRST_DAY: Final = date(2024, 1, 1)
_REPLY_DAYS: Final = 7  # feedback comes within a week
_FEWEST_PROFILES: Final = 50
_FEWEST_PROJECTS: Final = 20
_MOST: Final = 99_999  # ids have five digits
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSize:
    """What a market is made from; the same values make the same market."""

    seed: int = 0
    n_profiles: int = 20_000
    n_projects: int = 3_000

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigError: If a number cannot make a market.
        """
        if self.seed < 0:
            raise ConfigError(f"The seed is {self.seed}; give 0 or more.")
        for name, value, fewest in (
            ("profiles", self.n_profiles, _FEWEST_PROFILES),
            ("projects", self.n_projects, _FEWEST_PROJECTS),
        ):
            if not fewest <= value <= _MOST:
                raise ConfigError(f"A market of {value} {name} cannot be simulated; give {fewest} to {_MOST}.")


@dataclass(frozen=True, slots=True)
class _Everybody:
    """All people in all their states, one row per state."""

    people: list[Person]
    states: list[State]
    profiles: list[Profile]
    owners: Rows  # (n_states,): whose state it is
    first: Rows  # (n_people,): the first state of each
    untils: NDArray[np.int64]  # (n_people, most states): the first day on which the state no longer holds

    def on(self, days: NDArray[np.int64] | int) -> Rows:
        """The row of the state of each person on a day, or on a day each."""
        rows: Rows = self.first + np.argmax(self.untils > np.reshape(days, (-1, 1)), axis=1)
        return rows


def simulate_market(size: MarketSize, taxonomy: Taxonomy, *, progress: Callable[[], None] = lambda: None) -> Market:
    """Simulate a year of a market.

    Args:
        size: How large, and the seed.
        taxonomy: Whose occupations and skills people have; with labels in all languages of the market.
        progress: Called after each project.

    Returns:
        The market, with the truth of all test projects and all profiles as of the split.

    Raises:
        ConfigError: If the taxonomy is not rich enough.
    """
    trades = Trades(taxonomy, seed=size.seed)
    everybody = _draw_everybody(trades, size)
    works = [draw_work(trades, row, n_works=size.n_projects, seed=size.seed) for row in range(size.n_projects)]
    projects = [write_project(trades, work, first_day=FIRST_DAY, seed=size.seed) for work in works]
    fit = SkillFit(trades, [state.skills for state in everybody.states])
    interactions, matches = _run(everybody, works, projects, fit, seed=size.seed, progress=progress)
    split = N_DAYS - TEST_DAYS
    market = Market(
        profiles=[everybody.profiles[row] for row in everybody.on(N_DAYS)],
        projects=projects,
        interactions=interactions,
        split_at=_day(split),
        versions=[
            Version(profile, _day(state.until))
            for profile, state in zip(everybody.profiles, everybody.states, strict=True)
            if state.until <= N_DAYS
        ],
        truth=_truth(everybody, works, matches, taxonomy),
    )
    return _with_card(market, size, taxonomy)


def _draw_everybody(trades: Trades, size: MarketSize) -> _Everybody:
    people = [draw_person(trades, row, seed=size.seed) for row in range(size.n_profiles)]
    written = [write_profiles(trades, person, first_day=FIRST_DAY, seed=size.seed) for person in people]
    n_states = np.array([len(person.states) for person in people])
    untils = np.full((len(people), n_states.max()), N_DAYS + 1)
    for row, person in enumerate(people):
        untils[row, : len(person.states)] = [state.until for state in person.states]
    return _Everybody(
        people=people,
        states=[state for person in people for state in person.states],
        profiles=[profile for profiles in written for profile in profiles],
        owners=np.repeat(np.arange(len(people)), n_states),
        first=np.cumsum(n_states) - n_states,
        untils=untils,
    )


def _run(
    everybody: _Everybody,
    works: Sequence[Work],
    projects: Sequence[Project],
    fit: SkillFit,
    *,
    seed: int,
    progress: Callable[[], None],
) -> tuple[list[Interaction], NDArray[np.float32]]:
    """Let the days pass: give the interactions by day, and the match of the test projects with everybody."""
    random = np.random.default_rng([seed, 5])
    recommender = LegacyRecommender(everybody.people, everybody.profiles, owners=everybody.owners, random=random)
    split = N_DAYS - TEST_DAYS
    held = everybody.on(split)
    interactions: list[Interaction] = []
    matches = []
    for work, project in zip(works, projects, strict=True):
        found = fit.fit(work.mandatory, work.bonus)
        if work.posted >= split:
            matches.append(found.match[held])
        chosen = recommender.choose(work, project, states=everybody.on(work.posted))
        interactions += _ask(everybody, work, project, found, chosen=chosen, random=random)
        progress()
    interactions.sort(key=lambda each: each.at)
    return interactions, np.stack(matches).astype(np.float32)


def _ask(
    everybody: _Everybody, work: Work, project: Project, fit: Fit, *, chosen: Rows, random: np.random.Generator
) -> list[Interaction]:
    """Ask the people chosen; what would be said after the split about an earlier project is not known yet."""
    at = work.posted + random.integers(0, _REPLY_DAYS, size=len(chosen))
    days = np.zeros(len(everybody.people), dtype=np.int64)
    days[chosen] = at
    states = everybody.on(days)[chosen]
    feedback = give_feedback(
        Fit(fit.match[states], fit.covered[states]),
        asked_rate=np.array([everybody.states[row].day_rate for row in states]),
        paid_rate=work.day_rate,
        foreign=np.array([everybody.people[row].language != work.language for row in chosen]),
        random=random,
    )
    split = N_DAYS - TEST_DAYS
    end = split if work.posted < split else N_DAYS
    return [
        Interaction(project.id, everybody.profiles[row].id, int(said), _day(int(day)))
        for row, said, day in zip(states, feedback, at, strict=True)
        if said and day < end
    ]


def _truth(everybody: _Everybody, works: Sequence[Work], matches: NDArray[np.float32], taxonomy: Taxonomy) -> Truth:
    """Name the rows and columns of the matches, and say what is asked for and what is there."""
    split = N_DAYS - TEST_DAYS
    tested = [work for work in works if work.posted >= split]
    return Truth(
        project_ids=tuple(project_id(work.row) for work in tested),
        profile_ids=tuple(everybody.profiles[row].id for row in everybody.first),
        skill_match=matches,
        required=tuple(_uris(taxonomy, work.mandatory) for work in tested),
        held=tuple(_uris(taxonomy, everybody.states[row].skills) for row in everybody.on(split)),
    )


def _with_card(market: Market, size: MarketSize, taxonomy: Taxonomy) -> Market:
    card = {
        "what": "a simulated market: nobody in it is real",
        "settings": asdict(size),
        "taxonomy": f"{taxonomy.name} {taxonomy.version}",
        "statistics": market_statistics(market),
        "published": dict(PUBLISHED),
    }
    return replace(market, card=card)


def _uris(taxonomy: Taxonomy, skills: Sequence[int]) -> tuple[str, ...]:
    return tuple(taxonomy.skills[skill].uri for skill in skills)


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)
