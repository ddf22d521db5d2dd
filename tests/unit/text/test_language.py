import pytest

from metier.text.language import identify


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We are looking for a nurse who likes people."),
        ("de", "Wir suchen eine Pflegekraft mit Erfahrung (m/w/d)."),
        ("fr", "Nous recherchons un développeur expérimenté."),
        ("da", "Vi søger en udvikler med erfaring i Java."),
        ("pl", "Szukamy programisty z doświadczeniem w Javie."),
        ("zh", "我们正在寻找一名拥有五年经验的软件工程师和数据科学家"),
    ],
)
def test_language_is_identified(language, text):
    assert identify(text) == language


@pytest.mark.parametrize("text", ["", "Java", "12345 67890 12345 67890 12345", "🚀" * 40, "C++ C# .NET"])
def test_too_little_text_has_no_language(text):
    assert identify(text) is None


def test_long_text_is_sampled_throughout():
    # A short English notice before a long German posting.
    text = "Please apply in English. " * 20 + "Wir suchen eine Pflegekraft mit Erfahrung in der Klinik. " * 5_000
    assert identify(text) == "de"
