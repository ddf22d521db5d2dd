"""A tagger whose doubts are settled by the nearest training words (NNOSE; Zhang et al., 2024).

p(y|x) = lambda p_kNN(y|x) + (1 - lambda) p_LM(y|x), word by word and layer by layer, where p_LM is the softmax of the
tagger's scores. The log of the mixture takes the place of the scores in the tagger's own chain, so that legal moves,
the path, the probability of a span and its calibration are those of the tagger; without a vote nothing changes at all.

With a conditional random field p_LM could be the marginals of its chain too, but they hold what is known of a whole
span in each of its words: a product over the words would count it again and again.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.skillspan import TaggedSentence
from metier.domain import Mention, MentionKind, Span
from metier.nn.chain import N_TAGS
from metier.tagging.datastore import Datastore, Neighbours, Vote, tags_of
from metier.tagging.layers import LAYERS, spans_of, tags_to_ids
from metier.tagging.tagger import NeuralTagger
from metier.text.words import words as words_of

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_LEAST_PROBABILITY: Final = 1e-12  # of the tagger's, so that its logarithm is finite


class NearestTagger:
    """A tagger, the datastore that votes with it, and the corrections that overrule both."""

    def __init__(self, tagger: NeuralTagger, datastore: Datastore) -> None:
        """Put the two together.

        Args:
            tagger: Reads the sentences.
            datastore: Built for it; what is added to it or removed counts from the next call on.

        Raises:
            ModelError: If the datastore was built for another tagger.
        """
        datastore.check_tagger(tagger.version)
        self.tagger = tagger
        self.datastore = datastore

    @property
    def version(self) -> str:
        """Names and content hashes, such as `tagger-en@1a2b3c4d+my-store@5e6f7a8b`."""
        return f"{self.tagger.version}+{self.datastore.version}"

    def tag(self, texts: Sequence[str], *, words: Sequence[Sequence[Span]] | None = None) -> list[list[Mention]]:
        """Find the mentions of each text; see `metier.protocols.Tagger`.

        Args:
            texts: Sentences; a longer text is read through overlapping windows, never cut.
            words: The word boundaries of each text; found by `metier.text.words` where not given.

        Returns:
            One list per text; mentions by start, then end, skill before knowledge. Those of a corrected sentence are
            what the correction says, with probability 1.
        """
        boundaries = [words_of(text) for text in texts] if words is None else words
        vectors = self.tagger.word_vectors(
            [[text[w.start : w.end] for w in spans] for text, spans in zip(texts, boundaries, strict=True)]
        )
        emissions = self._voted(vectors, self.tagger.score(vectors))
        found = self.tagger.mentions(texts, words=boundaries, emissions=emissions)
        for i, here in enumerate(vectors):
            correction = self.datastore.corrections.find(here)
            if correction is not None:
                found[i] = corrected(found[i], correction, text=texts[i], words=boundaries[i])
        return found

    def add(self, sentence: TaggedSentence) -> int:
        """Correct a sentence; it counts from the next call on.

        Args:
            sentence: Its words and right tags; a layer of None is not corrected.

        Returns:
            The number of the entry, for `remove`.

        Raises:
            InputError: If the sentence has no words, no tags, or not one tag per word.
        """
        [vectors] = self.tagger.word_vectors([sentence.words])
        return self.datastore.add(sentence, vectors=vectors)

    def remove(self, entry: int) -> None:
        """Take an entry out; after the last correction of a sentence the old answer is back.

        Args:
            entry: Its number.

        Raises:
            InputError: If there is no such entry.
        """
        self.datastore.remove(entry)

    def _voted(
        self, vectors: Sequence[Floats], emissions: Mapping[MentionKind, list[Floats]]
    ) -> Mapping[MentionKind, list[Floats]]:
        vote = self.datastore.vote
        if not vote.weight or not self.datastore.n_keys or not sum(map(len, vectors)):
            return emissions
        neighbours = self.datastore.search(np.concatenate(vectors), k=vote.n_neighbours)
        cuts = np.cumsum([len(rows) for rows in vectors])[:-1]
        return {
            kind: np.split(self._reweighed(kind, scores, neighbours, vote), cuts) for kind, scores in emissions.items()
        }

    def _reweighed(self, kind: MentionKind, emissions: Sequence[Floats], neighbours: Neighbours, vote: Vote) -> Floats:
        tags = neighbours.tags[:, :, LAYERS.index(kind)]
        shares = vote_shares(neighbours.distances, tags, temperature=vote.temperature)
        return reweighed(np.concatenate(emissions), shares, weight=vote.weight)


def vote_shares(distances: Floats, tags: NDArray[np.int8], *, temperature: float) -> Doubles:
    """Let the neighbours of each word vote: p_kNN(y) proportional to the sum of exp(-d / T) over those tagged y.

    Args:
        distances: float32 (n_words, k), squared; infinite where there is no neighbour.
        tags: int8 (n_words, k): O, B, I, or less than 0: no vote.
        temperature: T; the lower, the more the nearest alone count.

    Returns:
        float64 (n_words, 3); rows sum to 1, or are all 0 where nobody votes.
    """
    votes = np.where(tags >= 0, distances.astype(np.float64), np.inf)
    nearest = votes.min(axis=1, keepdims=True, initial=np.inf)  # taken off, so that a low T leaves something to add up
    weights = np.exp((np.where(np.isfinite(nearest), nearest, 0.0) - votes) / temperature)
    sums = np.stack([(weights * (tags == tag)).sum(axis=1) for tag in range(N_TAGS)], axis=1)  # (n_words, 3)
    totals = sums.sum(axis=1, keepdims=True)
    shares: Doubles = sums / np.where(totals > 0, totals, 1.0)
    return shares


def reweighed(emissions: Floats, shares: Doubles, *, weight: float) -> Floats:
    """Put the mixture of the tagger's probabilities and the votes into the scores of the chain.

    Args:
        emissions: float32 (n_words, 3), the tagger's scores U; p_LM is their softmax.
        shares: float64 (n_words, 3), p_kNN; a row of zeros: nobody votes.
        weight: lambda, in [0, 1].

    Returns:
        float32 (n_words, 3), U + log p - log p_LM, which is log p up to a constant for each word; where the weight is 0
        or nobody votes, the scores digit for digit.
    """
    own = np.exp(emissions.astype(np.float64) - emissions.max(axis=1, keepdims=True))
    own = np.maximum(own / own.sum(axis=1, keepdims=True), _LEAST_PROBABILITY)
    mixed = np.where(shares.any(axis=1, keepdims=True), weight * shares + (1 - weight) * own, own)
    scores: Floats = (emissions + np.log(np.maximum(mixed, _LEAST_PROBABILITY)) - np.log(own)).astype(np.float32)
    return scores


def corrected(
    mentions: Sequence[Mention], correction: TaggedSentence, *, text: str, words: Sequence[Span]
) -> list[Mention]:
    """Replace the mentions of the corrected layers.

    Args:
        mentions: What was found.
        correction: The right tags of as many words.
        text: The sentence.
        words: Its word boundaries.

    Returns:
        Mentions by start, then end, skill before knowledge; those of a corrected layer have probability 1.
    """
    right: list[Mention] = []
    for kind in LAYERS:
        tags = tags_of(correction, kind)
        if tags is None:
            right += [mention for mention in mentions if mention.kind == kind]
            continue
        spans = [Span(words[start].start, words[end - 1].end) for start, end in spans_of(tags_to_ids(tags))]
        right += [Mention(span, text[span.start : span.end], kind, 1.0) for span in spans]
    return sorted(right, key=lambda mention: mention.span)
