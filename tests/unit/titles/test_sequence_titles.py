"""Titles written word by word."""

import itertools

import numpy as np
import pytest
import torch

from metier.nn.trie import PrefixTrie
from metier.titles.beam_search import END, UNKNOWN, beam_search
from metier.titles.sequence import OutputWords, SequenceTitles
from metier.titles.sequence_network import SequenceNetwork
from metier.titles.word_vectors import WordVectors

WORDS = ["bakes", "bread", "welds", "steel", "baker", "welder", "senior", "café"]


@pytest.fixture(autouse=True)
def _one_thread_and_own_random_numbers():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so little work is slower shared
    with torch.random.fork_rng():
        torch.manual_seed(4)
        yield
    torch.set_num_threads(threads)


@pytest.fixture
def vectors():
    return WordVectors.from_floats(WORDS, np.random.default_rng(1).normal(size=(8, 6)).astype(np.float32))


@pytest.fixture
def make(vectors):
    def make(words=("baker", "welder", "senior"), only=None, longest=4):
        outputs = OutputWords(words, vectors)
        network = SequenceNetwork(6, len(outputs), hidden=5, dropout=0.0)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter)  # wide, so that titles differ in probability
        return SequenceTitles(network, outputs=outputs, vectors=vectors, n_words=6, longest=longest, only=only)

    return make


def read(network, n_texts=2, n_words=3):
    lengths = torch.arange(n_texts) % n_words + 1
    return network.read(torch.randn(n_texts, n_words, 6), lengths)


def log_probability(network, encoded, inputs, classes):
    """The mean over a title's words and its end, word by word."""
    state, previous, total = encoded.last[:, None], torch.zeros(len(encoded.last), 1, 6), 0.0
    for number in (*classes, END):
        state = network.write(previous, state, encoded)
        total = total + torch.log_softmax(network.output(state), dim=-1)[:, 0, number]
        previous = inputs[number].expand(len(encoded.last), 1, -1)
    return total / (len(classes) + 1)


def test_attention_sums_to_one_and_is_nothing_at_padding():
    network = SequenceNetwork(6, 4, hidden=5, dropout=0.0)
    attention = network.attend(torch.randn(2, 3, 5), read(network))  # texts of one word and of two
    torch.testing.assert_close(attention.sum(dim=2), torch.ones(2, 3))
    assert attention[0, :, 1:].count_nonzero() == 0


def test_the_parameters_are_as_many_as_published():
    # Reader 3(300·256 + 256² + 2·256) = 428,544; writer 3(556·256 + 256² + 2·256) = 625,152; attention 2·256² + 256.
    assert SequenceNetwork(300, 7, hidden=256, dropout=0.0).n_parameters == 428_544 + 625_152 + 131_328


def test_the_loss_is_the_mean_over_words_of_the_cross_entropy():
    network = SequenceNetwork(6, 4, hidden=5, dropout=0.0)
    encoded, inputs = read(network), torch.randn(4, 6)
    inputs[END] = 0
    titles = [(2, 3), (3,)]
    means = [log_probability(network, encoded, inputs, title)[row] for row, title in enumerate(titles)]
    expected = -(3 * means[0] + 2 * means[1]) / 5  # words and ends
    loss = network.loss(encoded, inputs[torch.tensor([[0, 2, 3], [0, 3, 0]])], torch.tensor([[2, 3, 0], [3, 0, -1]]))
    torch.testing.assert_close(loss, expected)


def all_titles(classes, longest):
    return [title for n in range(1, longest) for title in itertools.product(classes, repeat=n)]


@pytest.mark.parametrize("restricted", [False, True])
def test_a_wide_beam_finds_what_trying_everything_finds(restricted):
    network = SequenceNetwork(6, 5, hidden=5, dropout=0.0).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    encoded, inputs = read(network, n_texts=3), torch.randn(5, 6)
    inputs[END] = 0
    titles = [(2,), (2, 3), (4, 2, 3), (UNKNOWN, 3)] if restricted else all_titles((2, 3, 4), 4)
    trie = PrefixTrie(titles, n_classes=5, end=END) if restricted else None
    found = beam_search(network, encoded, inputs=inputs, width=40, longest=4, trie=trie)
    means = torch.stack([log_probability(network, encoded, inputs, title) for title in titles])
    for row, hypotheses in enumerate(found):
        expected = sorted(zip(means[:, row].tolist(), titles, strict=True), reverse=True)
        assert [one.classes for one in hypotheses] == [title for _, title in expected][:40]
        assert [one.log_probability for one in hypotheses] == pytest.approx([mean for mean, _ in expected][:40])


def test_a_narrow_beam_stops_early_and_loses_nothing():
    network = SequenceNetwork(6, 5, hidden=5, dropout=0.0).eval()
    encoded, inputs = read(network), torch.randn(5, 6)
    inputs[END] = 0
    torch.nn.init.zeros_(network.output.weight)
    network.output.bias.data = torch.tensor([9.0, 0.0, 0.0, 0.1, 0.2])  # every title wants to end at once
    steps = []
    write = network.write
    network.write = lambda *arguments: steps.append(1) or write(*arguments)
    (found, _) = beam_search(network, encoded, inputs=inputs, width=1, longest=30)
    assert [one.classes for one in found] == [(4,)]
    assert len(steps) < 30


def test_titles_come_by_falling_probability_and_none_is_empty(make):
    for titles in make().predict(["bakes bread", "steel, steel 🙂 CAFÉ"], k=10):
        assert len({title.title for title in titles}) == 10
        assert all(title.title for title in titles)
        probabilities = [title.word_probability for title in titles]
        assert probabilities == sorted(probabilities, reverse=True)
        assert all(0 < probability <= 1 for probability in probabilities)


def test_restricted_to_a_list_only_its_titles_come_and_all_that_differ(make):
    only = ["senior baker", "baker", "welder 🙂", "welder c++", "baker", ""]
    (found,) = make(only=only).predict(["bakes bread"], k=10)
    assert sorted(title.title for title in found) == sorted({*only} - {""})
    probabilities = {title.title: title.word_probability for title in found}
    assert probabilities["welder 🙂"] == probabilities["welder c++"]  # neither word can be written
    assert [title.title for title in found if title.title.startswith("welder")] == ["welder 🙂", "welder c++"]


def test_a_long_title_of_the_list_can_be_written_too(make):
    (found,) = make(only=["baker baker baker baker baker baker"], longest=2).predict(["bread"], k=3)
    assert [title.title for title in found] == ["baker baker baker baker baker baker"]


@pytest.mark.parametrize("text", ["", "🙂", "nothing known", "12345"])
def test_a_description_without_a_known_word_gets_no_title(make, text):
    assert make().predict([text, "bread"], k=2)[0] == []
    assert make(only=["baker"]).predict([text], k=2) == [[]]


def test_nothing_asked_and_nothing_to_choose_from_give_nothing(make):
    assert make().predict([], k=3) == []
    assert make().predict(["bread"], k=0) == [[]]
    assert make(only=[]).predict(["bread"], k=3) == [[]]


def test_the_others_in_a_call_change_nothing(make):
    titles = make()
    alone = [titles.predict([text], k=3)[0] for text in ("bread", "bakes bread and steel")]
    together = titles.predict(["bread", "bakes bread and steel"], k=3)
    for one, other in zip(alone, together, strict=True):
        assert [title.title for title in one] == [title.title for title in other]
        assert [t.word_probability for t in one] == pytest.approx([t.word_probability for t in other])


def test_attention_points_into_the_description_and_sums_to_one(make):
    text = "She bakes… BREAD at the Café 🙂"
    weights = make().attention(text, "Senior Baker")
    assert [text[one.span.start : one.span.end] for one in weights] == ["bakes", "BREAD", "Café"]
    assert sum(one.weight for one in weights) == pytest.approx(1.0)
    assert all(one.weight > 0 for one in weights)


def test_attention_is_that_of_the_first_step_for_a_title_of_one_word(make, vectors):
    titles = make()
    (alone,) = titles.attention("bread", "baker")
    assert alone.weight == 1.0  # one word gets it all
    assert titles.attention("🙂", "baker") == []
    assert titles.attention("bread", "") == []


def test_a_written_word_is_seen_as_the_sum_of_its_parts(vectors):
    outputs = OutputWords(["baker-welder", "zzz"], vectors)
    assert outputs.classes("zzz baker-welder other") == (3, 2, UNKNOWN)
    assert outputs.title((3, 2)) == "zzz baker-welder"
    both = vectors.floats()[[WORDS.index("baker"), WORDS.index("welder")]].sum(axis=0)
    np.testing.assert_allclose(outputs.inputs[2], both, rtol=1e-6)
    assert not outputs.inputs[3].any()


def test_ten_pairs_are_learnt_by_heart(vectors):
    draw = np.random.default_rng(2)
    outputs = OutputWords(["baker", "welder", "senior", "junior"], vectors)
    network = SequenceNetwork(6, len(outputs), hidden=24, dropout=0.0)
    texts = [" ".join(words) for words in itertools.islice(itertools.permutations(WORDS, 3), 0, 300, 30)]
    titles = [" ".join(draw.choice(outputs.words, size=n, replace=False)) for n in (1, 2, 3, 1, 2, 3, 1, 2, 3, 2)]
    rows = torch.tensor([vectors.known_rows(text.split()) for text in texts])
    classes = [(*outputs.classes(title), END) for title in titles]
    targets = torch.full((10, 4), -1)
    for row, title in zip(targets, classes, strict=True):
        row[: len(title)] = torch.tensor(title)
    before = outputs.inputs[torch.nn.functional.pad(targets[:, :-1].clamp(min=0), (1, 0))]
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(120):
        encoded = network.read(torch.from_numpy(vectors.floats())[rows], torch.full((10,), 3))
        loss = network.loss(encoded, before, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    predictor = SequenceTitles(network, outputs=outputs, vectors=vectors, n_words=5, longest=6)
    predicted = predictor.predict(texts, k=1)
    assert [found[0].title for found in predicted] == titles
