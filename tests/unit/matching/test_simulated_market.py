import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from metier.data.market import read_market, write_market
from metier.domain import Occupation, Skill
from metier.errors import ConfigError
from metier.matching.market import FIRST_DAY, MarketSize, simulate_market
from metier.matching.market_population import N_DAYS, TEST_DAYS, draw_person, draw_work
from metier.matching.market_profiles import write_profiles
from metier.matching.market_trades import Trades
from metier.taxonomy.facts import Facts
from metier.taxonomy.taxonomy import Taxonomy

pytestmark = pytest.mark.models

SIZE = MarketSize(seed=3, n_profiles=400, n_projects=150)
SPLIT = N_DAYS - TEST_DAYS


@pytest.fixture(scope="module")
def taxonomy():
    return Taxonomy.load("esco")


@pytest.fixture(scope="module")
def trades(taxonomy):
    return Trades(taxonomy, seed=SIZE.seed)


@pytest.fixture(scope="module")
def market(taxonomy):
    return simulate_market(SIZE, taxonomy)


def test_the_market_has_the_size_that_was_asked_for(market):
    assert (len(market.profiles), len(market.projects)) == (400, 150)
    assert len(market.profile_rows) == 400
    assert market.truth.skill_match.shape == (len(market.test_projects), 400)
    assert market.truth.skill_match.dtype == np.float32
    assert market.truth.skill_match.min() >= 0
    assert market.truth.skill_match.max() <= 1
    assert {each.feedback for each in market.interactions} == {1, -1}
    pairs = [(each.project_id, each.profile_id) for each in market.interactions]
    assert len(set(pairs)) == len(pairs)


def test_a_market_reads_as_it_was_written(market, tmp_path):
    write_market(market, tmp_path)
    read = read_market(tmp_path)
    assert read.profiles == market.profiles
    assert read.projects == market.projects
    assert read.interactions == market.interactions
    assert read.versions == market.versions
    assert read.card["statistics"] == market.card["statistics"]


def test_no_project_is_asked_about_on_both_sides_of_the_split(market):
    before = {each.project_id for each in market.interactions if each.at < market.split_at}
    after = {each.project_id for each in market.interactions if each.at >= market.split_at}
    assert before
    assert after
    assert before.isdisjoint(after)
    assert after <= set(market.truth.project_ids)
    assert before.isdisjoint(market.truth.project_ids)


def test_a_profile_as_of_a_day_shows_nothing_that_was_learned_later(market, trades):
    changed = 0
    for row in range(SIZE.n_profiles):
        person = draw_person(trades, row, seed=SIZE.seed)
        written = write_profiles(trades, person, first_day=FIRST_DAY, seed=SIZE.seed)
        for state, profile in zip(person.states, written, strict=True):
            assert market.profile_as_of(profile.id, FIRST_DAY + timedelta(days=state.until - 1)) == profile
        for earlier, later in pairwise(person.states):
            assert set(earlier.skills) <= set(later.skills)
            assert earlier.day_rate <= later.day_rate
            changed += 1
        for earlier, later in pairwise(written):
            assert set(earlier.skills) <= set(later.skills)
    assert changed == len(market.versions) > 0


def test_nobody_is_contacted_before_joining(market, trades):
    joined = [draw_person(trades, row, seed=SIZE.seed).joined for row in range(SIZE.n_profiles)]
    days = [(each.at - FIRST_DAY).days - joined[market.profile_rows[each.profile_id]] for each in market.interactions]
    assert min(days) >= 0
    assert max(joined) < SPLIT


def test_the_truth_is_that_of_a_slow_comparison_skill_by_skill(market, trades):
    def credit(needed, held):
        if needed in held:
            return 1.0
        if any(needed in trades.broader[skill] or skill in trades.broader[needed] for skill in held):
            return 0.5
        return 0.2 if any(trades.groups[skill] == trades.groups[needed] for skill in held) else 0.0

    people = [draw_person(trades, row, seed=SIZE.seed) for row in range(40)]
    held = [next(state.skills for state in person.states if state.until > SPLIT) for person in people]
    for place, identity in enumerate(market.truth.project_ids[:15]):
        work = draw_work(trades, int(identity[-5:]), n_works=SIZE.n_projects, seed=SIZE.seed)
        total = len(work.mandatory) + 0.4 * len(work.bonus)
        for row, skills in enumerate(held):
            points = sum(credit(skill, skills) for skill in work.mandatory)
            points += 0.4 * sum(credit(skill, skills) for skill in work.bonus)
            assert market.truth.skill_match[place, row] == pytest.approx(points / total, abs=1e-5)


def test_there_are_interactions_and_truth_across_languages(market):
    share = market.card["statistics"]["interactions across languages"]
    assert 0.05 < share < 0.6
    row = next(row for row, project in enumerate(market.test_projects) if project.language == "fr")
    foreign = [place for place, profile in enumerate(market.profiles) if profile.language != "fr"]
    assert market.truth.skill_match[row, foreign].max() > 0.2


def test_positives_fit_better_than_negatives_and_both_better_than_anybody(market):
    counted = market.card["statistics"]
    anybody, negatives = counted["mean true match"], counted["mean true match of negatives"]
    assert anybody < negatives < counted["mean true match of positives"]


def test_the_languages_have_their_shares_and_french_is_the_most_frequent(taxonomy):
    from collections import Counter

    trades = Trades(taxonomy, seed=0)
    counted = Counter(draw_person(trades, row, seed=0).language for row in range(3000))
    assert counted["fr"] / 3000 == pytest.approx(0.66, abs=0.04)  # 4.6 standard deviations of .0086
    assert sorted(counted) == ["de", "en", "es", "fr", "nl"]


def test_a_part_of_the_skills_is_named_nowhere(market, trades):
    named, held = 0, 0
    for profile in market.profiles:
        person = draw_person(trades, int(profile.id[-5:]), seed=SIZE.seed)
        named += len(profile.skills)
        held += len(person.states[-1].skills)
    assert 0.2 < named / held < 0.5


_MAKE = """
import sys
from pathlib import Path
from metier.data.market import write_market
from metier.matching.market import MarketSize, simulate_market
from metier.taxonomy.taxonomy import Taxonomy
size = MarketSize(seed=3, n_profiles=60, n_projects=40)
write_market(simulate_market(size, Taxonomy.load("esco")), Path(sys.argv[1]))
"""


def test_the_same_seed_makes_the_same_bytes_whatever_the_hash_seed(tmp_path):
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run([sys.executable, "-c", _MAKE, str(tmp_path / hash_seed)], check=True, env=environment)
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert len(files) == 6
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_another_seed_makes_another_market(market, taxonomy):
    other = simulate_market(replace(SIZE, seed=4), taxonomy)
    assert other.profiles != market.profiles
    assert [each.facts.category for each in other.projects] != [each.facts.category for each in market.projects]


@pytest.mark.parametrize(
    "changed", [{"n_profiles": 10}, {"n_projects": 0}, {"n_profiles": 1_000_000}, {"n_projects": -5}, {"seed": -1}]
)
def test_an_impossible_size_is_an_error(changed):
    with pytest.raises(ConfigError, match="give"):
        MarketSize(**changed)


def test_a_taxonomy_without_the_languages_or_the_occupations_is_an_error():
    bare = Facts(name="Own", version="1", languages=("en",), skills=(Skill("s", "weld"),), parents=((),))
    with pytest.raises(ConfigError, match="no labels in fr, es, de, nl"):
        Trades(Taxonomy(bare), seed=0)
    languages = ("en", "fr", "es", "de", "nl")
    poor = replace(bare, languages=languages, occupations=(Occupation("o", "welder", isco="2512"),), parents=((), ()))
    with pytest.raises(ConfigError, match="no occupation with 8 skills"):
        Trades(Taxonomy(poor), seed=0)
