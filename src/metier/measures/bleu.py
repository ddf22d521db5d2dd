"""BLEU of one short text against another: how many of its n-grams are right, and whether it is long enough."""

from collections import Counter
from collections.abc import Sequence
from math import exp, log


def bleu(candidate_words: Sequence[str], reference_words: Sequence[str], *, order: int, smooth: bool = False) -> float:
    """Compare a candidate with its reference.

    Papineni et al. (2002), BLEU: a Method for Automatic Evaluation of Machine Translation, section 2.3: the
    geometric mean of the clipped n-gram precisions, times the brevity penalty exp(1 - r / c) where the candidate
    is shorter. As texts of one word have no longer n-grams, the mean is over the orders that the candidate has
    (sacrebleu's `effective_order`).

    Args:
        candidate_words: What a system says.
        reference_words: What is right.
        order: Longest n-grams to count, at least 1.
        smooth: Put 1 / (2^j n) for the j-th precision that is 0, of n n-grams (NIST's mteval-v13a; sacrebleu's
            `exp`; Chen and Cherry, 2014, method 3); else a precision of 0 makes the whole 0.

    Returns:
        In [0, 1]; 1 for equal texts. 0 where no word is shared, so also for an empty text.
    """
    if set(candidate_words).isdisjoint(reference_words):
        return 0.0
    precisions: list[float] = []
    halving, n_right = 1.0, 1
    for length in range(1, min(order, len(candidate_words)) + 1):
        n_grams = len(candidate_words) - length + 1
        # where no n-gram is shared, no longer one is
        n_right = _n_shared(candidate_words, reference_words, length) if n_right else 0
        if n_right == 0:
            if not smooth:
                return 0.0
            halving /= 2
        precisions.append((n_right or halving) / n_grams)
    brevity = min(0.0, 1 - len(reference_words) / len(candidate_words))
    return exp(brevity + sum(map(log, precisions)) / len(precisions))


def _n_shared(candidate: Sequence[str], reference: Sequence[str], length: int) -> int:
    """Count the n-grams that both have, each as often as both have it."""
    shared = _n_grams(candidate, length) & _n_grams(reference, length)
    return sum(shared.values())


def _n_grams(words: Sequence[str], length: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + length]) for start in range(len(words) - length + 1))
