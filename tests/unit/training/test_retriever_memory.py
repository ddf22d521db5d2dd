import torch

from metier.training.retriever_memory import ProfileMemory


def vectors(*values):
    return torch.tensor([[float(value)] for value in values])


def test_it_begins_empty_and_forgets_the_oldest():
    memory = ProfileMemory(3, dim=1)
    assert memory.without([1])[0] == []
    memory.keep([4, 5], vectors(4, 5))
    memory.keep([6, 7], vectors(6, 7))
    rows, found = memory.without([6])
    assert rows == [5, 7]
    assert found.tolist() == [[5.0], [7.0]]


def test_the_new_vector_of_a_profile_replaces_the_old_one():
    memory = ProfileMemory(3, dim=1)
    memory.keep([4, 5], vectors(4, 5))
    memory.keep([4], vectors(40))
    rows, found = memory.without([])
    assert (rows, found.tolist()) == ([5, 4], [[5.0], [40.0]])


def test_a_batch_larger_than_the_memory_leaves_its_last():
    memory = ProfileMemory(2, dim=1)
    memory.keep([1, 2, 3], vectors(1, 2, 3))
    assert memory.without([])[0] == [2, 3]
    none = ProfileMemory(0, dim=1)
    none.keep([1], vectors(1))
    assert none.without([])[0] == []


def test_vectors_carry_no_slope():
    memory = ProfileMemory(2, dim=1)
    memory.keep([1], vectors(1).requires_grad_() * 2)
    assert not memory.without([])[1].requires_grad
