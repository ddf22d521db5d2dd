"""Marks that say a job is for everyone: (m/f/d), H/F, Verkäufer:in, cocinero/a, Agent / Agente."""

import re
import unicodedata
from functools import cache
from typing import Final

_LONGEST_PAIR: Final = 10  # words of one of two forms: "éleveur de volaille/éleveuse de volaille" has three
_SHORTEST_STEM: Final = 3  # letters that two forms of a word share
# What stands behind the common stem of the two forms of a word, accents put away.
_ENDINGS: Final = frozenset(
    {
        *(("", ending) for ending in ("a", "e", "in", "ne", "le", "se", "sse", "te", "re", "r", "inde", "ka")),
        *(("r", ending) for ending in ("re", "se")),
        *(("o", "a"), ("e", "a"), ("e", "in"), ("a", "ka"), ("f", "ve"), ("x", "se"), ("c", "que")),
        *(("eur", "rice"), ("eur", "eresse"), ("or", "riz"), ("er", "ress"), ("or", "ress"), ("nik", "niczka")),
    }
)


def strip_gender_marks(text: str) -> str:
    """Take away what marks genders; of two forms of a word or a phrase the first stays.

    Args:
        text: A title on one line.

    Returns:
        The title; where a mark stood there is a space, or nothing if it was part of a word.
    """
    if not _may_mark().search(text):
        return text
    text = _marks().sub(" ", text)
    text = _endings().sub("", text)
    return _one_form(text) if "/" in text else text


@cache
def _may_mark() -> re.Pattern[str]:
    """Something that each mark has: a quick look, for most titles have none."""
    return re.compile(r"[(\[{/|*:_·•∙.]|\w-|[a-zß]In|(?i:genders?|geschlechter|genres|géneros)")


@cache
def _marks() -> re.Pattern[str]:
    letter = r"(?:[mwfdxhvkig*]|div(?:ers)?\.?|gn|all)"
    person = (
        r"(?:m[aä]nnlich|weiblich|divers|male|female|man|men|woman|women|lad(?:y|ies)|mujer(?:es)?|hombres?|femmes?"
        r"|hommes?|mand|kvinde|sexo femenino)s?"
    )
    everyone = r"(?:all(?:e)?|any|tous(?: les)?|todos los) (?:genders?|geschlechter|genres|géneros)"
    two = "|".join(
        rf"{one}\s?[/|]\s?{other}" for one, other in ("mf", "fm", "mw", "wm", "hf", "fh", "mv", "vm", "mk", "km")
    )
    return re.compile(
        rf"""
        [(\[{{]\s*(?:
            {letter}(?:\s*[/|,.:;&+\\–\-\s]\s*{letter}){{1,5}}
            | mwd | mfd | mfx | hf | fh | gn | {everyone}
            | (?:(?:sol[oa]|only|nur|kun|preferible(?:\sde)?|preferably)\s)?{person}
              (?:\s*(?:[/,&]|or|and|o|y|et|ou|oder|eller)\s*{person})*(?:\sonly)?
        )\s*[)\]}}]
        | (?<![\w/|.-])(?:[mwfdxhvk](?:\s?[/|]\s?[mwfdxhvk*]){{2,4}} | {two} | h\s?/\s?m | m\s?/\s?h)(?![\w/|])
        | \b{everyone.replace(" ", chr(92) + "s")}\b
        """,
        re.IGNORECASE | re.VERBOSE,
    )


@cache
def _endings() -> re.Pattern[str]:
    """What is hung on to a word of three letters or more: Verkäufer/in, employé·e, asesor(a), angestellte(r)."""
    french = "euse|rice|trice|ère|ve|ne|nne|se|ienne|esse"
    return re.compile(
        rf"""
        (?<=[^\W\d_]{{3}})(?:
            \s?\((?:-?in(?:nen)?|es?|as?|r|s|n|{french})\)
            | (?:/-?|[*:_·•∙])(?:in(?:nen)?|es?|as?|r|n|{french})(?:[·.]s)?(?![\w-])
            | \.(?:e|{french})(?:\.s)?(?![\w.])
        )
        | (?<=[^\W\d_]{{4}})-es?(?=\s|$)
        | (?<=[a-zäöüß](?-i:er|or|nt|st|ge))(?-i:In|Innen)\b
        """,
        re.IGNORECASE | re.VERBOSE,
    )


def _one_form(text: str) -> str:
    """Keep the first of two forms that a slash parts, wherever they stand."""
    for slash in re.finditer("/", text):
        before = text[: slash.start()].split()[-_LONGEST_PAIR:]
        after = list(re.finditer(r"[^\s/]+", text[slash.end() :]))[:_LONGEST_PAIR]
        words = [_plain(word[0]) for word in after]
        for size in range(min(len(before), len(words)), 0, -1):
            pairs = list(zip(map(_plain, before[-size:]), words[:size], strict=True))
            if all(one == other or _are_forms(one, other) for one, other in pairs) and _are_forms(*pairs[0]):
                return text[: slash.start()].rstrip() + text[slash.end() + after[size - 1].end() :]
    return text


def _plain(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.casefold().strip(".,;()"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _are_forms(first: str, second: str) -> bool:
    if "-" in first and first.count("-") == second.count("-"):
        pairs = list(zip(first.split("-"), second.split("-"), strict=True))
        return first != second and all(one == other or _are_forms(one, other) for one, other in pairs)
    size = next((place for place, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), None)
    stem = min(len(first), len(second)) if size is None else size
    ends = (first[stem:], second[stem:])
    return stem >= _SHORTEST_STEM and (ends in _ENDINGS or ends[::-1] in _ENDINGS)
