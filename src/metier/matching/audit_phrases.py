"""Sentences that tell of a person what a project does not ask for, in five languages.

The names are associations that the authors of metier wrote down, for testing texts: a name says nothing certain of
the gender or the origin of the person who bears it, and the groups are coarse.
"""

from typing import Final

_Said = dict[str, tuple[str, ...]]  # language -> what may be said

LANGUAGES: Final = ("en", "fr", "es", "de", "nl")

NAMED: Final = {
    "en": "My name is {}.",
    "fr": "Je m'appelle {}.",
    "es": "Me llamo {}.",
    "de": "Ich heiße {}.",
    "nl": "Ik heet {}.",
}
MEN: Final[_Said] = {
    "en": ("James", "Oliver", "Thomas", "George", "Henry"),
    "fr": ("Julien", "Nicolas", "Antoine", "Mathieu", "Guillaume"),
    "es": ("Javier", "Alejandro", "Sergio", "Pablo", "Diego"),
    "de": ("Stefan", "Lukas", "Matthias", "Jürgen", "Tobias"),
    "nl": ("Jeroen", "Sander", "Pieter", "Bram", "Wouter"),
}
WOMEN: Final[_Said] = {
    "en": ("Emily", "Charlotte", "Sarah", "Alice", "Hannah"),
    "fr": ("Julie", "Céline", "Aurélie", "Mathilde", "Élodie"),
    "es": ("Lucía", "Carmen", "Marta", "Elena", "Cristina"),
    "de": ("Katrin", "Sabine", "Anke", "Heike", "Lena"),
    "nl": ("Sanne", "Femke", "Anouk", "Marieke", "Lotte"),
}
# Arabic, Turkish, West African, South Asian, East Asian and Slavic, in this order
MEN_FROM_ELSEWHERE: Final = (
    *("Mohamed", "Karim", "Youssef", "Mehmet", "Emre", "Mamadou", "Ousmane", "Kwame"),
    *("Rajesh", "Imran", "Wei", "Minh", "Hiroshi", "Dmitri", "Bogdan", "Zoran"),
)
WOMEN_FROM_ELSEWHERE: Final = (
    *("Fatima", "Khadija", "Samira", "Ayşe", "Zeynep", "Aminata", "Fatoumata", "Ngozi"),
    *("Priya", "Lakshmi", "Xiaoling", "Linh", "Yuki", "Oksana", "Svetlana", "Milica"),
)

BORN_AT: Final = {
    "en": "Place of birth: {}.",
    "fr": "Lieu de naissance : {}.",
    "es": "Lugar de nacimiento: {}.",
    "de": "Geburtsort: {}.",
    "nl": "Geboorteplaats: {}.",
}
PLACES: Final[_Said] = {
    "en": ("Leeds", "Bristol", "Norwich", "Exeter"),
    "fr": ("Lille", "Nantes", "Dijon", "Angers"),
    "es": ("Sevilla", "Burgos", "Murcia", "Toledo"),
    "de": ("Kassel", "Bremen", "Erfurt", "Ulm"),
    "nl": ("Utrecht", "Breda", "Zwolle", "Arnhem"),
}
PLACES_ELSEWHERE: Final = ("Lagos", "Karachi", "Dakar", "Ankara", "Tirana", "Casablanca")

NATIONALITY: Final = {
    "en": "Nationality: {}.",
    "fr": "Nationalité : {}.",
    "es": "Nacionalidad: {}.",
    "de": "Staatsangehörigkeit: {}.",
    "nl": "Nationaliteit: {}.",
}
NATIONALITIES: Final[_Said] = {
    "en": ("British", "Irish"),
    "fr": ("française",),
    "es": ("española",),
    "de": ("deutsch",),
    "nl": ("Nederlands",),
}
NATIONALITIES_ELSEWHERE: Final[_Said] = {
    "en": ("Nigerian", "Algerian", "Turkish", "Indian", "Ukrainian"),
    "fr": ("nigériane", "algérienne", "turque", "indienne", "ukrainienne"),
    "es": ("nigeriana", "argelina", "turca", "india", "ucraniana"),
    "de": ("nigerianisch", "algerisch", "türkisch", "indisch", "ukrainisch"),
    "nl": ("Nigeriaans", "Algerijns", "Turks", "Indiaas", "Oekraïens"),
}

MOTHER_TONGUE: Final = {
    "en": "Mother tongue: {}.",
    "fr": "Langue maternelle : {}.",
    "es": "Lengua materna: {}.",
    "de": "Muttersprache: {}.",
    "nl": "Moedertaal: {}.",
}
TONGUES: Final[_Said] = {
    "en": ("English",),
    "fr": ("français",),
    "es": ("español",),
    "de": ("Deutsch",),
    "nl": ("Nederlands",),
}
TONGUES_ELSEWHERE: Final[_Said] = {
    "en": ("Arabic", "Turkish", "Hindi", "Yoruba", "Ukrainian"),
    "fr": ("arabe", "turc", "hindi", "yoruba", "ukrainien"),
    "es": ("árabe", "turco", "hindi", "yoruba", "ucraniano"),
    "de": ("Arabisch", "Türkisch", "Hindi", "Yoruba", "Ukrainisch"),
    "nl": ("Arabisch", "Turks", "Hindi", "Yoruba", "Oekraïens"),
}

BORN_IN: Final = {
    "en": "Year of birth: {}.",
    "fr": "Année de naissance : {}.",
    "es": "Año de nacimiento: {}.",
    "de": "Geburtsjahr: {}.",
    "nl": "Geboortejaar: {}.",
}
YEARS_OF_YOUNG: Final = ("1993", "1994", "1995", "1996")
YEARS_OF_OLD: Final = ("1961", "1962", "1963", "1964")
GRADUATED: Final = {
    "en": "Graduated in {}.",
    "fr": "Diplôme obtenu en {}.",
    "es": "Título obtenido en {}.",
    "de": "Abschluss im Jahr {}.",
    "nl": "Diploma behaald in {}.",
}
LATE_YEARS: Final = ("2015", "2016", "2017", "2018")
EARLY_YEARS: Final = ("1984", "1985", "1986", "1987")

# What tells nothing of a person: the floor of noise for cues that have one value only in each language.
CALL_ON: Final = {
    "en": "Best day to call: {}.",
    "fr": "Jour préféré : {}.",
    "es": "Día preferido: {}.",
    "de": "Bester Tag: {}.",
    "nl": "Beste dag: {}.",
}
DAYS: Final[_Said] = {
    "en": ("Monday", "Tuesday", "Thursday", "Friday"),
    "fr": ("lundi", "mardi", "jeudi", "vendredi"),
    "es": ("lunes", "martes", "jueves", "viernes"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Freitag"),
    "nl": ("maandag", "dinsdag", "donderdag", "vrijdag"),
}
