"""Description in, title out, word by word: a GRU that reads and a GRU that writes, with attention between them.

Bahdanau, Cho and Bengio (2015), "Neural machine translation by jointly learning to align and translate": the
attention of its equations 5 and 6, over a reader of one direction, as the parameter counts of the JOAPS paper (2020)
have it: reader .428M, writer .624M, attention .131M, the output softmax not counted. Needs the extra `train`.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Encoded(NamedTuple):
    """Descriptions as they were read."""

    states: Tensor  # float32 (texts, words, hidden)
    keys: Tensor  # float32 (texts, words, hidden): the states as the attention sees them
    padding: Tensor  # bool (texts, words)
    last: Tensor  # float32 (texts, hidden): the state after the last word


class SequenceNetwork(nn.Module):
    """Reader, attention and writer; the vectors of words are given and stay as they are."""

    def __init__(self, dim: int, n_outputs: int, *, hidden: int, dropout: float) -> None:
        """Make a network of random weights.

        Args:
            dim: Of the word vectors.
            n_outputs: Words that a title can be written with.
            hidden: Units of the reader and of the writer.
            dropout: Probability, for what the output layer sees.
        """
        super().__init__()
        self.reader = nn.GRU(dim, hidden, batch_first=True)
        self.writer = nn.GRUCell(dim + hidden, hidden)
        self.query = nn.Linear(hidden, hidden, bias=False)  # W_a of the paper
        self.key = nn.Linear(hidden, hidden, bias=False)  # U_a
        self.energy = nn.Linear(hidden, 1, bias=False)  # v_a
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, n_outputs)

    @property
    def n_parameters(self) -> int:
        """Trainable parameters without those of the output layer, as the published figure counts them."""
        return sum(values.numel() for name, values in self.named_parameters() if not name.startswith("output"))

    def read(self, vectors: Tensor, lengths: Tensor) -> Encoded:
        """Read descriptions.

        Args:
            vectors: float32 (texts, words, dim), padded at the end.
            lengths: int64 (texts,), words of each text, at least one.

        Returns:
            What the writer looks at.
        """
        # Padding is read too: it comes after every word, and packed sequences take three times as long on the way back.
        states, _ = self.reader(vectors)  # (texts, words, hidden)
        padding = torch.arange(states.shape[1])[None, :] >= lengths[:, None]
        last = states[torch.arange(len(states)), lengths - 1]
        return Encoded(states, self.key(states), padding, last)

    def attend(self, state: Tensor, encoded: Encoded) -> Tensor:
        """Look at the descriptions (equation 6).

        Args:
            state: float32 (texts, beams, hidden), of the writer before its next word.
            encoded: Of the same texts.

        Returns:
            float32 (texts, beams, words), rows that sum to one; 0 at padding.
        """
        mixed = torch.tanh(self.query(state)[:, :, None] + encoded.keys[:, None])  # (texts, beams, words, hidden)
        energies = self.energy(mixed)[..., 0]
        return torch.softmax(energies.masked_fill(encoded.padding[:, None], -torch.inf), dim=-1)

    def write(self, previous: Tensor, state: Tensor, encoded: Encoded) -> Tensor:
        """Take one step of the writer.

        Args:
            previous: float32 (texts, beams, dim), the vector of the word before; zeros at the start of a title.
            state: float32 (texts, beams, hidden).
            encoded: Of the same texts.

        Returns:
            The next state, float32 (texts, beams, hidden).
        """
        context = self.attend(state, encoded) @ encoded.states  # (texts, beams, hidden), equation 5
        seen = torch.cat([previous, context], dim=-1).flatten(0, 1)
        following: Tensor = self.writer(seen, state.flatten(0, 1)).view_as(state)
        return following

    def loss(self, encoded: Encoded, previous: Tensor, targets: Tensor) -> Tensor:
        """Measure how well titles are written when every word before is right (teacher forcing).

        Args:
            encoded: The descriptions.
            previous: float32 (texts, steps, dim), the vector of the right word before each step.
            targets: int64 (texts, steps), the right words; -1 is padding.

        Returns:
            The mean cross-entropy per word, a scalar.
        """
        state = encoded.last[:, None]
        states = []
        for step in range(targets.shape[1]):
            state = self.write(previous[:, step, None], state, encoded)
            states.append(state[:, 0])
        real = targets >= 0
        written = torch.stack(states, dim=1)[real]  # (words of all titles, hidden)
        return nn.functional.cross_entropy(self.output(self.dropout(written)), targets[real])
