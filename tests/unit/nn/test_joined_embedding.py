import torch

from metier.nn.joined_embedding import JoinedEmbedding


def test_pieces_are_numbered_through_both_parts():
    old, new = torch.arange(6.0).view(3, 2), 10 + torch.arange(4.0).view(2, 2)
    joined = JoinedEmbedding(old, new)
    ids = torch.tensor([[0, 3], [4, 2]])
    assert torch.equal(joined(ids), torch.cat([old, new])[ids])
    assert torch.equal(joined.whole, torch.cat([old, new]))


def test_only_new_vectors_are_learnt():
    joined = JoinedEmbedding(torch.ones(3, 2), torch.ones(2, 2))
    joined(torch.tensor([0, 1, 4])).sum().backward()
    assert joined.old.weight.grad is None
    assert joined.new.weight.grad.to_dense().tolist() == [[0, 0], [1, 1]]  # nothing for the number of an old piece
