from dataclasses import replace
from datetime import date

import numpy as np
from matching_market import tiny_market

from metier.data.market import Interaction
from metier.matching.head import Head, HeadShape, Layout
from metier.training.retriever_config import RetrieverConfig
from metier.training.retriever_examples import (
    Tokens,
    between_profiles,
    draw_batch,
    examples_of,
    project_adjacency,
    steps_per_epoch,
    thin_out,
)
from metier.training.retriever_validation import retrieved_wanted

SECTIONS = ("title", "description")
CONFIG = RetrieverConfig(
    projects_per_batch=3, wanted_per_project=2, refused_per_project=1, weak_per_batch=5, weak_negatives="category"
)


def examples(interactions=None):
    market = tiny_market()
    chosen = market.train_interactions if interactions is None else interactions
    return examples_of(market, chosen, project_sections=SECTIONS, profile_sections=SECTIONS)


def test_a_profile_is_read_as_it_was_on_the_day():
    market = tiny_market()
    before, after = date(2024, 1, 2), date(2024, 1, 20)
    found = examples([Interaction("p0", "f0", 1, before), Interaction("p4", "f0", 1, after)])
    assert found.profiles.ids == ("f0", "f0")
    assert [texts[0] for texts in found.profiles.texts] == ["trainee", "data engineer"]
    assert found.wanted == {0: (0,), 1: (1,)}
    assert market.profile_as_of("f0", before).sections["title"] == "trainee"


def test_an_epoch_takes_every_project_once_and_batches_repeat():
    found = examples()
    n_steps = steps_per_epoch(found, CONFIG)
    taken = [row for step in range(n_steps) for row in draw_batch(found, CONFIG, step=step).projects]
    assert sorted(taken) == sorted(found.wanted)
    one, same = draw_batch(found, CONFIG, step=1), draw_batch(found, CONFIG, step=1)
    assert (one.projects, one.profiles) == (same.projects, same.profiles)
    assert draw_batch(found, CONFIG, step=n_steps).projects != draw_batch(found, CONFIG, step=0).projects


def adjacencies(found, config):
    batch = draw_batch(found, config, step=0)
    to_projects = project_adjacency(found, config, projects=batch.projects, profiles=batch.profiles)
    return batch, to_projects, between_profiles(found, config, batch)


def test_adjacency_says_what_was_answered_and_categories_the_rest():
    found = examples()
    batch, to_projects, to_profiles = adjacencies(found, CONFIG)
    assert len(set(batch.profiles)) == len(batch.profiles)
    for place, project in enumerate(batch.projects):
        for column, profile in enumerate(batch.profiles):
            answer = found.feedback[found.projects.ids[project]].get(found.profiles.ids[profile])
            other = found.projects.categories[project] != found.profiles.categories[profile]
            assert to_projects[place, column] == (answer or (-1 if other else 0))
    assert not np.diag(to_profiles).any()
    assert (to_profiles > 0).any()


def test_switches_of_weak_negatives():
    found = examples()
    _, weak, _ = adjacencies(found, CONFIG)
    _, history, between = adjacencies(found, replace(CONFIG, weak_on_project=False))
    assert (history < 0).sum() < (weak < 0).sum()
    assert (between < 0).any()
    _, every, _ = adjacencies(found, replace(CONFIG, weak_negatives="all"))
    assert (every != 0).all()
    batch, _, none = adjacencies(found, replace(CONFIG, weak_negatives="none"))
    assert len(batch.profiles) <= 9  # two wanted and one refused for each of three projects
    assert (none < 0).sum() < (between < 0).sum()


def test_a_person_is_not_far_from_her_earlier_self():
    days = (date(2024, 1, 2), date(2024, 1, 20))
    found = examples([Interaction("p0", "f0", 1, days[0]), Interaction("p0", "f4", -1, days[0])])
    later = examples([*[Interaction("p4", "f0", 1, day) for day in days], Interaction("p4", "f4", -1, days[0])])
    assert adjacencies(found, CONFIG)[2].tolist() == [[0, -1], [0, 0]]
    batch, _, between = adjacencies(later, replace(CONFIG, weak_negatives="all"))
    own = [later.profiles.ids[row] == "f0" for row in batch.profiles]
    assert sum(own) == 2
    assert not between[np.ix_(own, own)].any()


def test_thinning_out_leaves_every_section_its_ends():
    counts = np.array([[2, 50], [3, 1]])
    tokens = np.arange(56, dtype=np.float32)[:, None]
    kept, layout = thin_out(tokens, Layout(counts), share=0.9, draw=np.random.default_rng(0))
    assert layout.counts[0, 0] == 2
    assert layout.counts[1].tolist() == [3, 1]
    assert 3 <= layout.counts[0, 1] < 20
    assert {0, 1, 2, 3, 51, 52, 53, 54, 55} <= set(kept[:, 0].tolist())
    assert len(kept) == layout.counts.sum()
    everything, same = thin_out(tokens, Layout(counts), share=0.0, draw=np.random.default_rng(0))
    assert np.array_equal(everything, tokens)
    assert np.array_equal(same.counts, counts)


def test_retrieved_wanted_by_hand():
    profiles = np.eye(3, dtype=np.float32)
    queries = np.array([[0.8, 0.6, 0], [0, 0.6, 0.8]], dtype=np.float32)
    wanted = [np.array([1]), np.array([1, 2])]
    # first: profile 1 is second; second query: 2 is first, 1 is second
    assert retrieved_wanted(queries, profiles, wanted, k=1) == 0.25
    assert retrieved_wanted(queries, profiles, wanted, k=2) == 1.0
    weights = [np.array([5], dtype=np.float32), np.array([1, 3], dtype=np.float32)]
    assert retrieved_wanted(queries, profiles, wanted, weights=weights, k=1) == 0.375  # (0 + 3 / 4) / 2


def test_tokens_averaged_are_the_means_and_keep_what_is_empty():
    rows = np.arange(12, dtype=np.float16).reshape(6, 2)
    tokens = Tokens([[rows[:3], rows[:2]], [rows[4:], rows[1:6]]]).averaged()  # two tokens: start and end alone
    joined, layout = tokens.joined([1, 0])
    assert joined.tolist() == [[9, 10], [6, 7], [2, 3], [1, 2]]  # (8+10)/2, (2+4+6+8+10)/5, (0+2+4)/3, (0+2)/2
    assert layout.filled.tolist() == [[False, True], [True, False]]


def test_a_tower_without_layers_makes_the_same_of_tokens_and_of_their_means():
    draw = np.random.default_rng(0)
    tokens = Tokens(
        [[draw.normal(size=(n, 8)).astype(np.float16) for n in counts] for counts in ((4, 2), (2, 7), (5, 3))]
    )
    shape = HeadShape(n_sections=2, dim=8, n_layers=0)
    arrays = {"sections": draw.normal(size=(2, 8)), "projections": draw.normal(size=(2, 8, 8))}
    whole = Head(shape, arrays).encode(*tokens.joined([0, 1, 2]))
    means = Head(shape, arrays).encode(*tokens.averaged().joined([0, 1, 2]))
    assert np.allclose(whole, means, atol=1e-3)  # of float16
