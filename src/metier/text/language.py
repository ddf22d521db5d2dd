"""Which language a text is in."""

from functools import cache
from typing import Any, Final

# The languages of the EU and its neighbours, and the most spoken ones elsewhere. `zxx` is "no language at
# all": lists of product names, code.
_LANGUAGES: Final = (  # noqa: SIM905
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv ar he hi is ja ko no ru sr tr uk vi zh zxx"
).split()
_FEWEST_LETTERS: Final = 20
_LEAST_PROBABILITY: Final = 0.5
_SAMPLE: Final = 4000  # characters; more change nothing and cost time
_SAMPLES: Final = 5  # taken evenly from the whole text, which may begin with a notice in another language


def identify(text: str) -> str | None:
    """Identify the language of a text.

    Args:
        text: Clean or plain text.

    Returns:
        An ISO 639-1 code such as `en`; None for fewer than twenty letters, for text in no language, and
        where no language has a probability of at least one half.
    """
    sample = _sampled(text)
    if sum(map(str.isalpha, sample)) < _FEWEST_LETTERS:
        return None
    language, probability = _identifier().classify(sample)
    return str(language) if probability >= _LEAST_PROBABILITY and language != "zxx" else None


def _sampled(text: str) -> str:
    if len(text) <= _SAMPLE:
        return text
    size = _SAMPLE // _SAMPLES
    last = len(text) - size
    return "\n".join(text[at : at + size] for at in range(0, last + 1, max(1, last // (_SAMPLES - 1))))


@cache
def _identifier() -> Any:  # noqa: ANN401 - py3langid has no types
    """Load the model once, cut down to our languages: half a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    full = LanguageIdentifier.from_model_file(MODEL_FILE)
    full.set_languages(_LANGUAGES)
    # A new object lets go of the columns of the other languages.
    return LanguageIdentifier(
        full.nb_ptc, full.nb_pc, full.nb_classes, full.tk_nextmove, full.tk_output, norm_probs=True, tk_row=full.tk_row
    )
