"""Whether one side wins more often than chance."""

from math import comb


def sign_test(n_first: int, n_second: int) -> float:
    """Test whether two sides are preferred equally often; ties are to be left out.

    Dixon and Mood (1946), The Statistical Sign Test, Journal of the American Statistical Association 41: under the
    hypothesis each win is the toss of a fair coin.

    Args:
        n_first: Wins of the first side.
        n_second: Wins of the second.

    Returns:
        The two-sided p-value: the probability of a split that is at least as uneven; 1 where there are no wins.
    """
    n_wins = n_first + n_second
    fewer = sum(comb(n_wins, n) for n in range(min(n_first, n_second) + 1))
    return min(1.0, 2 * fewer / (1 << n_wins))
