"""How a word is written, for encoders whose vocabulary knows lower case only."""

from typing import Final

N_CASES: Final = 5
LOWER, TITLE, UPPER, MIXED, OTHER = range(N_CASES)


def casing(word: str) -> int:
    """Say how a word is written.

    An uncased encoder reads "Go", "GO" and "go" alike; the class is fed to it as its token type, so that
    the case is not lost (names of technologies are told by it).

    Args:
        word: One word.

    Returns:
        0 lower case, 1 first letter upper, 2 all upper (two letters or more), 3 mixed ("JavaScript"),
        4 no letters, or letters of a script without case.
    """
    letters = [character for character in word if character.isalpha()]
    if not letters or word.lower() == word.upper():
        return OTHER
    if word == word.lower():
        return LOWER
    if len(letters) > 1 and word == word.upper():
        return UPPER
    if letters[0].isupper() and all(letter.islower() for letter in letters[1:]):
        return TITLE
    return MIXED
