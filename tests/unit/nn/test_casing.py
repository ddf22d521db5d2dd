import pytest

from metier.nn.casing import casing


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("java", 0),
        ("naïve", 0),
        ("c++", 0),
        ("node.js", 0),
        ("ß", 0),
        ("Java", 1),
        ("C", 1),  # one capital: as at the start of a sentence
        ("C#", 1),
        ("Élan", 1),
        ("SQL", 2),
        ("R&D", 2),
        ("ÉCOLE", 2),
        ("JavaScript", 3),
        ("iOS", 3),
        ("Node.JS", 3),
        ("APIs", 3),
        ("", 4),
        ("42", 4),
        ("&", 4),
        ("👍", 4),
        ("日本", 4),
        ("العربية", 4),
    ],
)
def test_casing_tells_how_a_word_is_written(word, expected):
    assert casing(word) == expected
