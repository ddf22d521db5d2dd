"""Words: white space and edge punctuation part them, and the names of technologies stay whole."""

import re
from functools import cache
from itertools import pairwise

from metier.domain import Span

# Characters that are words of their own where each stands for one: kana and Han.
_IDEOGRAPHS = "\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PICTURES = "\u2190-\u2bff\U0001f000-\U0001faff"  # arrows, boxes, dingbats, emoji
_PUNCTUATION = (
    r"!-/:-@\[-^`{-~\u00a1-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf"
    r"\u2010-\u205e\u20a0-\u20cf\u2e00-\u2e7f\u3000-\u303f\u30fb\uff01-\uff0f\uff1a-\uff20\ufe30-\ufe6f"
)


@cache
def _lexer() -> re.Pattern[str]:
    letters = rf"[^\s{_PUNCTUATION}{_PICTURES}{_IDEOGRAPHS}]++"
    tail = r"(?:\+{1,2}|[#%°])"  # C++, C#, 3+, 10 %
    unit = rf"(?:(?:(?<!\w)\.)?{letters}(?:{tail}{letters})*+{tail}?)"
    run_on = r"\.(?=[A-Z][a-z]{2})(?!Net\b|Core\b)(?<=[a-z]{2}\.)"  # "our team.You will"
    join = rf"(?:(?!{run_on})[./@&'’\-‐‑–_~=*\u00b7]|(?<=\d)[,:](?=\d)|:(?=\d)|,(?=\d))"
    return re.compile(
        rf"""
        (?:https?://|www\.)[^\s<>"“”]*[^\s<>"“”.,;:!?)\]}}'’]   # addresses
        | <[A-Z][A-Z_]*>                                       # placeholders: <ORGANIZATION>
        | {unit}(?:{join}{unit})*+(?:\([a-zà-ÿ]{{1,5}}\))?        # words; API(s)
        | \.{{2,}} | -{{2,}} | _{{2,}} | ={{2,}} | \*{{2,}} | [!?]{{2,}}
        | \S
        """,
        re.VERBOSE,
    )


def words(text: str) -> list[Span]:
    """Split a text into words.

    `C++`, `C#`, `.NET`, `Node.js`, `CI/CD`, `R&D`, `m/f/d`, `3+`, `5-7`, `e-mail` and `<ORGANIZATION>` are one
    word each; a list such as `Java/Python/Go` is five. Han and kana characters are words of their own.

    Args:
        text: Any text.

    Returns:
        The words in order; none empty, none overlapping, and every character that is not white space
        is in one.
    """
    found: list[Span] = []
    for match in _lexer().finditer(text):
        start, end = match.span()
        if "/" in (word := match[0]) and len(word) > 1 and _is_list(word):
            found += _listed(word, start)
        else:
            found.append(Span(start, end))
    return found


def _is_list(word: str) -> bool:
    """Tell `Java/Python` from `CI/CD`, `m/f/d`, `and/or`, `24/7`, `C/C++` and addresses."""
    if "@" in word or "://" in word or word.startswith("www."):
        return False
    parts = word.split("/")
    alphabetic = [len(part) if any(map(str.isalpha, part)) else 0 for part in parts]
    pairs = pairwise(alphabetic)
    return max(alphabetic) > 3 or any(min(pair) >= 3 for pair in pairs)


def _listed(word: str, offset: int) -> list[Span]:
    pieces = re.finditer(r"/|[^/]+", word)
    return [Span(offset + piece.start(), offset + piece.end()) for piece in pieces]
