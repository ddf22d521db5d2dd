from itertools import pairwise, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.nn import chain as module
from metier.nn.chain import IMPOSSIBLE, Chain, legal_starts, legal_transitions
from metier.nn.crf import ChainLoss

OUTSIDE, BEGIN, INSIDE = range(3)


def legal_paths(n):
    """Every path over O, B, I in which an I follows a B or an I."""
    for path in product(range(3), repeat=n):
        if all(tag != INSIDE or (t and path[t - 1] != OUTSIDE) for t, tag in enumerate(path)):
            yield path


def path_score(path, emissions, transitions, starts):
    score = float(starts[path[0]])
    score += sum(float(emissions[t, tag]) for t, tag in enumerate(path))
    return score + sum(float(transitions[a, b]) for a, b in pairwise(path))


def spans(path):
    found = []
    for t, tag in enumerate(path):
        if tag == BEGIN:
            found.append([t, t + 1])
        elif tag == INSIDE:
            found[-1][1] = t + 1
    return [tuple(span) for span in found]


def brute_force(emissions, transitions, starts):
    """Every legal path with its probability."""
    paths = list(legal_paths(len(emissions)))
    scores = np.array([path_score(path, emissions, transitions, starts) for path in paths])
    weights = np.exp(scores - scores.max())
    return dict(zip(paths, weights / weights.sum(), strict=True))


def random_chain(draw, *, learnt):
    transitions, starts = legal_transitions(), legal_starts()
    if learnt:
        transitions = transitions + draw.normal(size=(3, 3)).astype(np.float32)
        starts = starts + draw.normal(size=3).astype(np.float32)
    return Chain(transitions, starts)


def random_emissions(draw, n, *, learnt):
    scores = draw.normal(scale=2, size=(n, 3)).astype(np.float32)
    return scores if learnt else scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("learnt", [True, False])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_chain_gives_the_best_path_and_the_exact_span_probabilities(n, learnt):
    draw = np.random.default_rng(n)
    chain = random_chain(draw, learnt=learnt)
    emissions = random_emissions(draw, n, learnt=learnt)
    probabilities = brute_force(emissions, chain.transitions, chain.starts)

    assert tuple(chain.best_paths([emissions])[0]) == max(probabilities, key=probabilities.get)
    every_span = [(start, end) for start in range(n) for end in range(start + 1, n + 1)]
    by_hand = [sum(p for path, p in probabilities.items() if span in spans(path)) for span in every_span]
    assert chain.span_probabilities([emissions], [every_span])[0] == pytest.approx(by_hand, abs=1e-6)


def test_a_span_of_one_word_between_two_others_by_hand():
    # All nine scores 0: the legal paths over two words are OO, OB, BO, BB, BI. The first word alone is a span in
    # BO and BB, the second in OB and BB, both together in BI.
    chain = Chain(legal_transitions(), legal_starts())
    found = chain.span_probabilities([np.zeros((2, 3), dtype=np.float32)], [[(0, 1), (1, 2), (0, 2)]])
    assert found[0] == pytest.approx([0.4, 0.4, 0.2])


def test_empty_sentences_have_empty_paths():
    chain = Chain(legal_transitions(), legal_starts())
    empty, one = np.zeros((0, 3), dtype=np.float32), np.array([[0, 5, 0]], dtype=np.float32)
    assert chain.best_paths([]) == []
    assert chain.span_probabilities([], []) == []
    assert [path.tolist() for path in chain.best_paths([empty, one, empty])] == [[], [BEGIN], []]
    assert [len(found) for found in chain.span_probabilities([empty, one], [[], [(0, 1)]])] == [0, 1]


def test_inside_is_never_first_nor_after_outside():
    chain = Chain(legal_transitions(), legal_starts())
    wants_inside = np.tile(np.array([2, 0, 9], dtype=np.float32), (4, 1))
    # I is not open to the first word: B I I I scores 0 + 27, O and then O or B far less
    assert chain.best_paths([wants_inside])[0].tolist() == [BEGIN, INSIDE, INSIDE, INSIDE]


@settings(max_examples=40, deadline=None)
@given(lengths=st.lists(st.integers(0, 30), min_size=1, max_size=8), learnt=st.booleans(), seed=st.integers(0, 999))
def test_a_sentence_in_a_batch_gives_the_bits_it_gives_alone(lengths, learnt, seed):
    draw = np.random.default_rng(seed)
    chain = random_chain(draw, learnt=learnt)
    batch = [random_emissions(draw, n, learnt=learnt) for n in lengths]
    wanted = [[(s, e) for s in range(n) for e in range(s + 1, min(n, s + 3) + 1)] for n in lengths]
    paths, probabilities = chain.best_paths(batch), chain.span_probabilities(batch, wanted)
    for i, emissions in enumerate(batch):
        assert np.array_equal(chain.best_paths([emissions])[0], paths[i])
        assert chain.span_probabilities([emissions], [wanted[i]])[0] == probabilities[i]


def test_blocks_change_nothing(monkeypatch):
    draw = np.random.default_rng(1)
    chain = random_chain(draw, learnt=True)
    batch = [random_emissions(draw, n, learnt=True) for n in (3, 40, 0, 7, 7, 12)]
    wanted = [[(0, n)] if (n := len(scores)) else [] for scores in batch]
    whole = chain.best_paths(batch), chain.span_probabilities(batch, wanted)
    monkeypatch.setattr(module, "_WORDS_PER_BLOCK", 14)
    cut = chain.best_paths(batch), chain.span_probabilities(batch, wanted)
    assert all(np.array_equal(one, other) for one, other in zip(whole[0], cut[0], strict=True))
    assert whole[1] == cut[1]


def test_probabilities_stay_exact_twenty_thousand_words_into_a_text():
    draw = np.random.default_rng(2)
    chain = random_chain(draw, learnt=True)
    near = random_emissions(draw, 40, learnt=True)
    wall = np.array([[60, 0, 0]], dtype=np.float32)  # certainly outside: parts what is around it
    filler = random_emissions(draw, 20_000, learnt=True) + 3
    far = np.concatenate([filler, wall, near, wall, filler[:50]])
    wanted = [(s, s + n) for s in range(0, 36, 3) for n in (1, 2, 3)]
    alone = chain.span_probabilities([np.concatenate([wall, near, wall])], [[(s + 1, e + 1) for s, e in wanted]])[0]
    deep = chain.span_probabilities([far], [[(s + 20_001, e + 20_001) for s, e in wanted]])[0]
    assert deep == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize("learnt", [True, False])
def test_loss_is_the_negative_log_likelihood_of_all_paths(learnt):
    draw = np.random.default_rng(4)
    loss = ChainLoss()
    if learnt:
        torch.nn.init.normal_(loss.transitions, generator=torch.Generator().manual_seed(1))
        torch.nn.init.normal_(loss.starts, generator=torch.Generator().manual_seed(2))
    transitions, starts = (scores.detach().numpy() for scores in loss.scores())
    sentences = [random_emissions(draw, n, learnt=True) for n in (5, 1, 3)]
    gold = [(BEGIN, INSIDE, OUTSIDE, BEGIN, BEGIN), (OUTSIDE,), (BEGIN, INSIDE, INSIDE)]
    by_hand = -sum(
        np.log(brute_force(emissions, transitions, starts)[path])
        for emissions, path in zip(sentences, gold, strict=True)
    )

    emissions = torch.full((3, 5, 3), 7.0)  # what stands in the padding must not matter
    tags = torch.full((3, 5), -1)
    for i, (scores, path) in enumerate(zip(sentences, gold, strict=True)):
        emissions[i, : len(path)] = torch.from_numpy(scores)
        tags[i, : len(path)] = torch.tensor(path)
    assert loss(emissions, tags, tags >= 0).item() == pytest.approx(by_hand / 9, rel=1e-5)


def test_the_loss_and_the_chain_agree_on_what_is_impossible():
    transitions, starts = ChainLoss().scores()
    assert np.array_equal(transitions.detach().numpy(), legal_transitions())
    assert np.array_equal(starts.detach().numpy(), legal_starts())
    assert transitions[OUTSIDE, INSIDE] == IMPOSSIBLE


def test_learning_does_not_make_an_illegal_move_likely():
    loss = ChainLoss()
    optimizer = torch.optim.SGD(loss.parameters(), lr=1.0)
    emissions, tags = torch.zeros(1, 3, 3), torch.tensor([[BEGIN, INSIDE, OUTSIDE]])
    for _ in range(20):
        optimizer.zero_grad()
        loss(emissions, tags, tags >= 0).backward()
        optimizer.step()
    transitions, starts = (scores.detach().numpy() for scores in loss.scores())
    assert transitions[OUTSIDE, INSIDE] < IMPOSSIBLE / 2
    # of the thirteen legal paths over three words the one that was taught has become the best
    assert Chain(transitions, starts).best_paths([np.zeros((3, 3), dtype=np.float32)])[0].tolist() == [1, 2, 0]
