"""The words of a document as the lexical retrievers compare them, in any language."""

import unicodedata

from metier.data.documents import section_texts
from metier.domain import Profile, Project
from metier.text.words import words


def folded(text: str) -> str:
    """Write a text one way: compatible characters, no accents, no case, single spaces.

    Args:
        text: Any.

    Returns:
        "Développeur  C++" gives "developpeur c++".
    """
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.casefold().split())


def folded_words(text: str) -> list[str]:
    """Give the words of a text, each written one way; marks of punctuation and emoji are left out.

    Args:
        text: Any.

    Returns:
        In text order, repeats included. "Vérifié : C++, Node.js" gives `["verifie", "c++", "node.js"]`.
    """
    plain = folded(text)
    found = (plain[span.start : span.end] for span in words(plain))
    return [word for word in found if any(map(str.isalnum, word))]


def whole_text(document: Profile | Project) -> str:
    """Join the texts of all sections of a document, one a line; empty ones are left out."""
    return "\n".join(text for text in section_texts(document).values() if text)
