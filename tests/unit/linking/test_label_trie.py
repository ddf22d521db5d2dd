"""Labels as paths that tell them apart."""

from hypothesis import given
from hypothesis import strategies as st

from metier.linking.label_trie import LabelTrie

END = 9
LABELS = st.lists(st.lists(st.integers(0, 3), max_size=4).map(tuple), max_size=25)


def make(labels, concepts=None):
    return LabelTrie(labels, n_classes=10, end=END, concepts=concepts)


def test_a_label_is_written_until_it_is_told_apart():
    trie = make([(1, 2, 3), (1, 2, 0), (2, 2, 2), (1,)])
    assert [trie.path(number) for number in range(4)] == [(1, 2, 3), (1, 2, 0), (2,), (1,)]
    assert trie.allowed(()).tolist() == [1, 2]
    assert trie.allowed((1,)).tolist() == [2, END]  # (1,) is a label, and others begin so
    assert trie.allowed((2,)).tolist() == [END]


def test_labels_that_are_cut_alike_share_a_path_and_alternatives_lead_to_their_concept():
    trie = make([(1, 2), (3,), (1, 2), (3, 1)], concepts=[0, 1, 2, 0])
    assert trie.concepts((1,)) == (0, 2)
    assert trie.concepts((3,)) == (1,)
    assert trie.concepts((3, 1)) == (0,)


def test_a_label_without_a_class_has_no_path():
    trie = make([(), (2,)])
    assert trie.path(0) == ()
    assert trie.concepts(()) == ()
    assert trie.concepts((2,)) == (1,)


def test_without_labels_nothing_may_be_written():
    trie = make([])
    assert trie.allowed(()).tolist() == []
    assert trie.concepts((1,)) == ()


@given(LABELS)
def test_each_path_leads_to_the_concepts_of_its_label_and_to_no_others(labels):
    trie = make(labels)
    for number, label in enumerate(labels):
        same = tuple(row for row, other in enumerate(labels) if other == label)
        assert trie.concepts(trie.path(number)) == (same if label else ())


@given(LABELS)
def test_a_path_is_the_shortest_beginning_that_tells_apart(labels):
    trie = make(labels)
    for number, label in enumerate(labels):
        path = trie.path(number)
        others = [other for other in labels if other != label]
        assert label[: len(path)] == path
        if path != label:
            assert not any(other[: len(path)] == path for other in others)
        if len(path) > 1:
            assert any(other[: len(path) - 1] == path[:-1] for other in others)


@given(LABELS)
def test_whatever_is_allowed_leads_to_a_concept(labels):
    trie = make(labels)
    prefixes, reached = [()], set()
    while prefixes:
        prefix = prefixes.pop()
        for number in trie.allowed(prefix).tolist():
            if number == END:
                reached |= set(trie.concepts(prefix))
            else:
                prefixes.append((*prefix, number))
    assert reached == {row for row, label in enumerate(labels) if label}
