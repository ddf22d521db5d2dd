"""What stands in titles and is no part of them: adverts, terms of work, money, codes, employers and places.

Patterns are for titles on one line, in English, German, French, Spanish and Danish. Each is as narrow as keeps jobs
safe: "Urgent Care Nurse", "Contract Manager", "Remote Sensing Analyst", "Hiring Manager" and "24/7" stay.
"""

import re
from functools import cache
from typing import Final

_MONEY: Final = r"(?:[€$£]|eur\b|usd\b|gbp\b|chf\b|dkk\b|kr\.?(?!\w)|euros?\b)"
_AMOUNT: Final = r"\d[\d.,' ]*\d|\d"
_PERIOD: Final = (
    r"(?:\s?(?:/|per|pro|par|por|an?|al|pr\.?|p\.)\s?(?:hour|h|hr|year|yr|annum|a\.?|month|mo|week|day|stunde|std|jahr|monat"
    r"|heure|an|mois|jour|hora|año|mes|día|time|måned|år)\b)?"
)


@cache
def adverts() -> re.Pattern[str]:
    """Words that call for attention, wherever they stand."""
    return re.compile(
        r"""(?<![\w-])(?:
        urgent(?:e|ly|\sement)?(?!\s+care|\s*&\s*emergency)(?:\s(?:hiring|positions?|requirement|opening|vacancy|need(?:ed)?|role))?
        | (?:we(?:\s|')?(?:\sa)?re|now|immediate(?:ly)?|mass)\shiring | hiring(?:\snow|(?=\s*[:!]|\s*$))
        | (?:we\s)?want\syou
        | immediate(?:ly)?\s(?:start(?:er)?|joiners?|hire|joining|available|availability|opening|vacancy|requirement)s?
        | start(?:ing|s)?\s(?:immediately|asap|now) | a\.?s\.?a\.?p\.?(?!\w)
        | (?:please\s)?apply\s(?:now|today|here|online)
        | (?:great|excellent|amazing|exciting|good|new|top|hot|attractive|competitive|generous)
          \s(?:new\s)?(?:opportunit(?:y|ies)|salary|pay|benefits|package|job|role|position|career|bonus|perks)
        | join\s(?:us|our\s\w+)(?:\snow)? | (?:sign(?:ing)?[\s-]on|signing|joining|hiring)\sbonus
          (?:\s?[~+]?\d+\s?[km]?\b)?
        | (?:multiple|several|many|\d+)\s(?:positions|roles|vacanc(?:y|ies)|openings|posts|plazas|vacantes|stillinger)
        | no\sexperience(?:\s(?:needed|required|necessary))? | experience\s(?:preferred|required|needed|a\splus)
        | fresh(?:ers?|\sgrad(?:uate)?s?)\s(?:are\s)?(?:welcome|can\sapply)(?:\sto\sapply)? | no\sweekends
        | experienced(?=\s\w) | erfaren(?=\s\w) | erfarne(?=\s\w) | erfahrene[rn]?(?=\s\w) | expérimentée?
        | experimentad[oa]s?
        | con\sexperiencia | ab\ssofort | zum\snächst(?:möglichen\s(?:zeitpunkt|termin)|en\stermin)
        | dringend(?:\sgesucht)?
        | incorporación\sinmediata | dès\sque\spossible | immédiate?ment | poste?\sà\spourvoir
        | prise\sde\sposte\simmédiate
        | snarest(?:\smuligt)? | hurtigst\smuligt | oferta\sde\s(?:empleo|trabajo) | offre\sd'emploi | stellenangebot
        )(?!\w)""",
        re.IGNORECASE | re.VERBOSE,
    )


@cache
def exceptions() -> re.Pattern[str]:
    """What a statistical classification adds to the name of a group to say that its other groups are none of it."""
    return re.compile(
        r"""\s*[,;(\u2013-]\s*(?:
          (?:except(?:ing)?|excluding|other\sthan|excepto|salvo|sauf|à\sl'ex(?:ception|clusion)\sd\w*|außer|ausgenommen
            |undtag(?:en|et)|bortset\sfra)\b.*
          | all\sothers?\)?
        )$
        | [\s,;(]+(?:not\s(?:elsewhere|otherwise)\s(?:classified|specified)|n\.e\.c\.?
          | no\sclasificad[oa]s\s(?:bajo|en)\sotr[oa]s?\s\w+ | n\.c\.o\.p\.? | non\sclassée?s?\sailleurs | n\.c\.a\.?
          | anderweitig\snicht\sgenannte? | a\.\s?n\.\s?g\.? | ikke\sklassificeret\sandetsteds)(?!\w)\)?""",
        re.IGNORECASE | re.VERBOSE,
    )


@cache
def terms() -> re.Pattern[str]:
    """Terms of work, wherever they stand: hours, kinds of contract, remote work, pay, share of a post."""
    return re.compile(
        r"""(?<![\w.-])(?:
        full[\s-]?time | part[\s-]?time | temps\s(?:plein|partiel|complet) | tiempo\s(?:completo|parcial)
        | medi[oa]\s(?:tiempo|jornada)
        | jornada\s(?:completa|parcial) | (?:i[nm]\s)?(?:voll-?\s?(?:und|oder|/)\s?teilzeit|vollzeit|teilzeit)
        | unbefristet | befristet
        | fuldtid | deltid | heltid | tidsbegrænset | fastansættelse | (?:en\s)?(?:cdi|cdd) | fixed[\s-]term
        | minijob | ft/pt | pt/ft
        | (?:100\s?%\s)?(?:fully\s)?remote(?:ly)?(?!\s+(?:sens|pilot|control|patient|monitor|site|support
          |operat|deposit|interpret|sign\b))(?:\s(?:work|job|opportunity|option|position|role|ok))?
        | work(?:ing)?\sfrom\s(?:home|anywhere) | wfh | trabajo\sdesde\scasa | teletrabajo | télétravail
        | hjemmearbejde | homeoffice
        | \d{1,3}(?:\s?[-–]\s?\d{1,3})?\s?%(?:ig)?
        | \d{1,2}(?:[.,]\d+)?(?:\s?[-–]\s?\d{1,2}(?:[.,]\d+)?)?\s?\+?
          \s?(?:h|hrs?|hours?|std\.?|stunden|timer|heures|horas)(?!\w)
          (?:\s?(?:/|per|pro|par|a|om|pr\.?|por|p\.|por\sla)\s?(?:week|wk|woche|semaine|sem|ugen?|semana|day|tag|jour))?
        | \d+\s?\+?(?:\s?[-–]\s?\d+)?\s?(?:years?|yrs?|ans|jahre|años|års?)'?(?:\sof|\sd'|\sde)?
          \s?(?:experience|exp|erfahrung|expérience|experiencia|erfaring)
        )(?![\w])""",
        re.IGNORECASE | re.VERBOSE,
    )


@cache
def money() -> re.Pattern[str]:
    """Pay: `€50k`, `$184-172k`, `up to 35M`, `£12.21 per hour`, `2.000 € / Monat`."""
    scale = r"\s?(?:k|m|tsd|mil|mio)?(?![^\W\d_])"
    return re.compile(
        rf"(?:(?<!\w)(?:(?:earn\s)?up\s?to|upto|min\.?|max\.?|ab|from|desde|bis\szu|hasta|jusqu'à|op\still|[~>]|->)\s*)?"
        rf"(?:{_MONEY}\s?(?:{_AMOUNT}){scale}(?:\s?(?:[-–]|to|bis)\s?{_MONEY}?\s?(?:{_AMOUNT}){scale})?\s?{_MONEY}?"
        rf"|(?<![\w.,-])(?:{_AMOUNT}){scale}(?:\s?(?:[-–]|to|bis)\s?(?:{_AMOUNT}){scale})?\s?{_MONEY}"
        rf"|(?<!\w)(?:up\s?to|upto)\s?(?:{_AMOUNT})\s?[km]\b){_PERIOD}(?:\s?\+*\s?(?:super|ote|bonus|benefits|tips|package|commission|brutto|brut)\b)?",
        re.IGNORECASE,
    )


@cache
def codes() -> re.Pattern[str]:
    """Reference numbers: `REF 12345`, `#123`, `Class Code: 1234`, `(ID: 11513)`, `JR-004567`."""
    return re.compile(
        r"""
        (?<![\w-])(?:(?:job\s?|class\s?|position\s?|req(?:uisition)?\s?|vacancy\s?|stellen-?\s?)?
            (?:ref(?:erence|erenz|erencia|érence)?|réf(?:érence)?|kennziffer|kennung|code|id|nr|number|n[°º]|sagsnr|req|requisition)
        ){1,2}\.?\s?(?:no\b|nr\b|number\b|id\b|n[°º])?[.:#\s-]*(?=[\w/.-]*\d{3})[\w/.-]+
        | (?<!\w)\#\s?\d[\w-]*
        | (?<![\w-])(?=[A-Z0-9-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+){3,}(?![\w-])
        | (?<![\w.,/-])(?:[A-Z]{1,3}-?)?\d{5,}(?![\w,.]*\w)
        | ^[A-Z]{1,2}-?\d{4}\s(?=\w)
        | ^0\d\s(?=[^\W\d])
        """,
        re.VERBOSE | re.IGNORECASE,
    )


@cache
def callers() -> re.Pattern[str]:
    """A beginning that says who calls for whom: `Acme Bank Hiring Data Scientist`, `Vi søger en …`, `Se busca …`."""
    return re.compile(
        r"""^.{0,60}?(?<!\w)(?:
            (?:is\s|are\s)?hiring(?!\s+(?:bonus|event|fair|manager|coordinator|specialist|assistant|partner|lead|team))
            | (?<!special\s)(?<!care\s)(?-i:(?<=\s)Need)(?=\s[A-Z]) | (?:is|are)\s(?:recruiting|seeking) | looking\sfor
            | søger | (?-i:sucht) | wir\ssuchen | recherche\s(?=une?\s|des\s) | recrute | recrutons
            | se\s(?:busca|necesita|solicita|requiere)n?
            | buscamos | necesitamos
        )(?!\w)(?:\snow)?\s*:?\s*(?:(?:for|an?|the|en|et|ein|eine|einen|une?|unos|unas|una|des|ny|nyt|nye|flere|dygtige?|to|multiple|urgently)(?:\s+|$))*+
        (?=[^\W\d_])""",
        re.IGNORECASE | re.VERBOSE,
    )


@cache
def wanted() -> re.Pattern[str]:
    """An end that says the same: `Koch gesucht`, `Servicetekniker søges til …`, `Nurse needed`."""
    return re.compile(
        r"(?<=\w)[\s,–-]+(?:søges\b.*|(?:wird\s)?gesucht\b.*|wanted|needed|required|recherchée?s?|"
        r"vacancy|vacancies|opening|opportunity|job|jobs|stillinger|stilling)(?!\w)[\s.,]*$",
        re.IGNORECASE,
    )


@cache
def employers() -> re.Pattern[str]:
    """An end that names the employer, with a capital or a legal form: `at Acme Ltd`, `@ Acme`, `hos Novo`."""
    return re.compile(
        r"(?<=\w)\s+(?![^()]*\))(?:@\s?\S|(?:at|bei|chez|hos)\s+(?:the\s+|der\s+|dem\s+|den\s+)?(?=\w*[A-ZÀ-ÖØ-Þ])).*$"
    )


@cache
def companies() -> re.Pattern[str]:
    """A part of a title that is a company by its legal form."""
    return re.compile(
        r"^(?:[\w.&'-]+\s){1,5}(?:Ltd|Limited|Inc|LLC|GmbH|A/S|ApS|S\.A|S\.L|Corp|Corporation|SARL|Pty|LLP|KG|S\.p\.A|B\.V|Oy)\.?$",
        re.IGNORECASE,
    )


@cache
def notice_words() -> frozenset[str]:
    """Words that make a bracket or a tail a notice if it holds no others."""
    return frozenset(
        "remote hybrid hybride hybrid-remote onsite on-site site home office contract contractor contrat "  # noqa: SIM905
        "temporary temp permanent perm casual seasonal saisonnier freelance freelancer freiberuflich new "
        "days day nights night shift shifts weekend weekends evening evenings flexible flex hours bonus "
        "prn perdiem diem vikariat barselsvikariat intérim interim vikar relocation visa sponsorship "
        "sponsored allowance commission commissions hot immediate start now ft urgent hiring vacancy "
        "vacancies job jobs position positions stilling full-time part-time half-time nationwide anywhere "
        "worldwide presencial presentiel remoto híbrido distanciel deutschlandweit bundesweit fulltime "
        "parttime tidsbegrænset studiejob ratings wfh".split()
    )


@cache
def filler_words() -> frozenset[str]:
    """Words that a notice or a place may hold besides."""
    return frozenset(
        "a an and or & the in of for from to at by per with i og eller på til y o en de la le du des et "  # noqa: SIM905
        "ou à und oder der die das dem im bei nær available only based area region metro greater north "
        "south east west northern southern eastern western central centre center city county district "
        "downtown cbd kommune raum umgebung around near secteur zone zona ciudad work working option "
        "based options possible any time location locations multiple various several across".split()
    )
