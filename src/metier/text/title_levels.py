"""The words of a title that say how senior the job is, in English, German, French, Spanish and Danish.

The closed set of levels, from low to high: intern (trainees, apprentices and students at work too), junior
(graduates too), mid, senior, lead (of a team), principal (staff engineers too), head (of a function; chiefs that
are no officers), director, executive (officers of the company, presidents, managing directors).
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, get_args

Seniority = Literal["intern", "junior", "mid", "senior", "lead", "principal", "head", "director", "executive"]

LEVELS: Final[tuple[Seniority, ...]] = get_args(Seniority)

# Adjectives: taken off whatever they stand with, unless the two mean something else ("Senior Living", "Junior Doctor").
_ADJECTIVES: Final = {
    "junior": r"(?:junior|jr\.?|jnr\.?)(?!\s+(?:doctors?|high|college|school|golf|ranger))|entry[\s-]level|débutante?"
    r"|nyuddannede?t?|berufseinsteiger|berufsanfänger|recién\s(?:graduad|titulad)[oa]|(?:fresh|new|recent)\sgrad(?:uate)?s?"
    r"|fresh(?:er)?s?(?=\s*/)|fr(?=/)"
    r"|^graduate(?=\s+(?!school|teaching|admissions?|research|studies|programs?\b|assistants?\b))",
    "mid": r"mid(?:[\s-]level|(?=[\s/)\]]|-?senior|$)(?!\s+(?:market|office|career|term)))|medior"
    r"|intermediate(?!\s+(?:school|care))|confirmée?|regular(?!\s+education)"
    r"|middle\slevel|middle(?!\s+(?:school|manage|office|east|years|market|mile|grades?|leader))",
    "senior": r"(?:senior|sénior|sr\.?|snr\.?)(?!\s+(?:living|citizens?|high|services|cent(?:er|re)s?|housing"
    r"|companions?|helpers?|communities|fitness|adults?|nutrition|care\s+(?:cent|communit|facilit|services|companion|advis)))",
    "principal": r"staff(?=\s+(?:[\w/+#.&-]+\s+){0,3}(?:engineer|developer|scientist|designer)\b)",
}
# Nouns: taken off only if who does the job is still named ("Engineering Intern" stays, "Intern Engineer" does not).
_NOUNS: Final = {
    "intern": r"interns?|internship|trainee|apprentice(?:ship)?|praktikum|praktikant(?:in)?|praktik|werkstudent(?:in)?"
    r"|studentermedhjælper|stagiaire|alternante?|(?:en\s)?alternance|apprentie?|becari[oa]|pasante|practicante|lærling"
    r"|(?:ausbildung|auszubildende[rn]?|azubi)(?:\s+(?:zum|zur|als))?",
    "lead": r"(?<!team )(?<!tech )(?<!technical )(?<!squad )(?<!shift )"
    r"lead(?!\s*-?\s*(?:gen(?:eration)?|qualif\w*|management|acquisition|nurtur\w*|conversion|paint|time|abatement)\b)",
    "principal": r"(?<!vice )(?<!vice-)(?<!assistant )(?<!deputy )principal",
}
# Parts of the job's name: never taken off. `(?<!to )`: the assistant of a director is none.
_NOT_TO: Final = r"(?<!to )(?<!to the )(?<!of the )(?<!für )(?<!für die )(?<!for )(?<!de la )"
_KEPT: Final = {
    "intern": r"\w+(?:praktikant(?:in)?|lærling|elev)|stage(?=\s*(?:[-–:]|en\b|de\b|d'|été|pfe))",
    "junior": r"junior(?=[a-zäöüæøåß]{4})",
    "senior": r"senior(?!en|itet|ité)(?=[a-zäöüæøåß]{4})",
    "lead": r"team[\s-]?(?:lead(?:er)?|leiter(?:in)?|leder)|(?:tech|technical|squad|shift)[\s-]lead(?:er)?"
    r"|chef(?:fe)?\sd'équipe|jef[ea]\sde\sequipo|líder",
    "head": r"head(?!\s*-?(?:office|start|hunt\w*|and\s|&|quarter\w*))|chief(?!(?:\s+[\w&-]+){1,3}\s+officer)"
    r"|(?:abteilungs|bereichs)leiter(?:in)?|afdelings(?:chef|leder)|^leiter(?:in)?|jef[ea]\sdel?(?!\s(?:equipo|proyecto|obra))",
    "director": rf"{_NOT_TO}(?:directors?|directora|directeur|directrice|direktor(?:in)?|direktør)",
    "executive": rf"{_NOT_TO}(?:chief(?:\s+[\w&-]+){{1,3}}\s+officer|c[eftoim]o|ciso|chro|vice[\s-]president|[se]?vp"
    r"|(?<!vice )(?<!vice-)president|managing\sdirector|executive\sdirector|general\sdirector|geschäftsführer(?:in)?"
    r"|directeur\sgénéral|directrice\sgénérale|directora?\sgeneral|adm(?:inistrerende|\.)\sdirektør)",
}
_NOT_PERSONS: Final = (
    r"(?:summer|winter|customer|center|centre|computer|server|consumer|career|water|power|paper|order|labor|sector"
    r"|master|partner|number|newsletter|indoor|outdoor|\w*ment|content|talent|client|plant|restaurant|event|recruitment|cyber|under|over)s?"
)


_GONE: Final = "\x00"  # where a level stood, until what joined it to its neighbours is gone too


@dataclass(frozen=True, slots=True)
class Levelled:
    """A title without the levels that could be taken off, and every level that it named, as a set."""

    rest: str
    levels: frozenset[Seniority]


def take_levels(title: str) -> Levelled:
    """Take the words of seniority off a title.

    Args:
        title: A title on one line, with at least one letter.

    Returns:
        What is left, with spaces where words stood; it still has a letter. A level that is part of the job's name is
        told and left: "Head Chef", "Director of Sales"; a principal of a school has none.
    """
    levels = set()
    for kind, pattern in (("adjective", _adjectives()), ("noun", _nouns())):
        for match in reversed(list(pattern.finditer(title))):
            level, rest = match.lastgroup, f"{title[: match.start()]}{_GONE}{title[match.end() :]}"
            if _names_job(rest, of_noun=kind == "noun"):
                title = rest
            elif level == "principal" or kind == "adjective":
                continue
            levels.add(level)
    levels |= {match.lastgroup for match in _kept().finditer(title)}
    title = _joints().sub(_GONE, title)
    title = _slashes().sub("", title).replace(_GONE, " ")
    return Levelled(title, frozenset(level for level in LEVELS if level in levels))


def _names_job(rest: str, *, of_noun: bool) -> bool:
    if not of_noun:
        return any(map(str.isalpha, rest))
    return _person().search(rest) is not None and not _dangling().match(rest)


@cache
def _dangling() -> re.Pattern[str]:
    """What follows a noun at the beginning and cannot stand without it: `Trainee for …`, `Praktikant inden for …`."""
    return re.compile(rf"[\s{_GONE}]*(?:for|in|of|to|til|i|inden|ved|de|en|dans|bei|im|für)\b", re.IGNORECASE)


@cache
def _joints() -> re.Pattern[str]:
    """What joins two levels: `Mid/Senior`, `Jr., Sr., and Lead`."""
    return re.compile(rf"{_GONE}(?:(?:[\s/&,]|\b(?:and|or|to|y|o|og|eller|und|oder|et|ou)\b)*{_GONE})+", re.IGNORECASE)


@cache
def _slashes() -> re.Pattern[str]:
    """The slash of `Senior/Tech Lead` and `Developer/Junior`, and the space after that of `Tester/Senior Developer`."""
    return re.compile(rf"{_GONE}\s*/|/\s*{_GONE}(?!\s*\w)|(?<=\S/){_GONE}\s*(?=\w)")


@cache
def _adjectives() -> re.Pattern[str]:
    return _alternatives(_ADJECTIVES, after=r"(?:-(?=\w))?(?!\w)")


@cache
def _nouns() -> re.Pattern[str]:
    return _alternatives(_NOUNS, after=r"(?![\w-])")


@cache
def _kept() -> re.Pattern[str]:
    groups = "|".join(rf"(?P<{level}>{pattern})" for level, pattern in reversed(_KEPT.items()))
    return re.compile(rf"(?<![\w-])(?:{groups})(?:(?!\w)|(?<=junior)|(?<=senior))", re.IGNORECASE)


def _alternatives(patterns: dict[str, str], *, after: str) -> re.Pattern[str]:
    groups = "|".join(rf"(?P<{level}>{pattern})" for level, pattern in patterns.items())
    return re.compile(rf"(?<![\w-])(?:{groups}){after}", re.IGNORECASE)


@cache
def _person() -> re.Pattern[str]:
    """A word that says who: by its ending, or one of a few."""
    return re.compile(
        rf"\b(?!{_NOT_PERSONS}\b)(?:\w{{3,}}(?:er|or|ist|iste|ista|ant|ent|eur|euse|rice|ian|cien|cienne|yst|tect|man|iker|eer"
        r"|ør|öer|ologe|ero|era|dora|ada|ado|rin|tin|ekt|tekt|agog|nom|ekspert|ingeniør)s?|nurse|chef|cook|clerk|dev|coach"
        r"|pilot|expert|advisor|chemist|responsable|comptable|sygeplejerske|kok|koch|arzt|steward|médico|guard|admin|medic|judge)s?\b",
        re.IGNORECASE,
    )
