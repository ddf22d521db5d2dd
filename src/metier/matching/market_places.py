"""Tables of the simulated market: places, languages, and the families of occupations in five languages."""

from dataclasses import dataclass
from typing import Final

LANGUAGE_SHARES: Final = {
    "fr": 0.66,
    "es": 0.12,
    "en": 0.10,
    "de": 0.09,
    "nl": 0.03,
}  # Malt's test: .81 .09 .05 .05 .002


@dataclass(frozen=True, slots=True)
class Place:
    """A city: its country, where it lies, and how many people it has beside the others, about."""

    city: str
    country: str
    latitude: float
    longitude: float
    weight: float


PLACES: Final = (
    Place("Paris", "FR", 48.857, 2.352, 22),
    Place("Lyon", "FR", 45.764, 4.836, 8),
    Place("Marseille", "FR", 43.296, 5.370, 6),
    Place("Toulouse", "FR", 43.605, 1.444, 6),
    Place("Nantes", "FR", 47.218, -1.554, 6),
    Place("Bordeaux", "FR", 44.838, -0.579, 6),
    Place("Lille", "FR", 50.629, 3.057, 5),
    Place("Rennes", "FR", 48.117, -1.678, 3),
    Place("Montpellier", "FR", 43.611, 3.877, 3),
    Place("Strasbourg", "FR", 48.573, 7.752, 3),
    Place("Nice", "FR", 43.710, 7.262, 3),
    Place("Grenoble", "FR", 45.188, 5.724, 2),
    Place("Madrid", "ES", 40.417, -3.704, 10),
    Place("Barcelona", "ES", 41.387, 2.170, 9),
    Place("Valencia", "ES", 39.470, -0.376, 4),
    Place("Sevilla", "ES", 37.389, -5.984, 3),
    Place("Málaga", "ES", 36.721, -4.421, 2),
    Place("Bilbao", "ES", 43.263, -2.935, 2),
    Place("London", "GB", 51.507, -0.128, 10),
    Place("Manchester", "GB", 53.481, -2.242, 4),
    Place("Bristol", "GB", 51.455, -2.588, 2),
    Place("Edinburgh", "GB", 55.953, -3.188, 2),
    Place("Dublin", "IE", 53.350, -6.260, 4),
    Place("Cork", "IE", 51.898, -8.473, 1),
    Place("Berlin", "DE", 52.520, 13.405, 9),
    Place("München", "DE", 48.137, 11.575, 6),
    Place("Hamburg", "DE", 53.551, 9.994, 6),
    Place("Köln", "DE", 50.938, 6.960, 4),
    Place("Frankfurt", "DE", 50.111, 8.682, 4),
    Place("Leipzig", "DE", 51.340, 12.375, 2),
    Place("Wien", "AT", 48.208, 16.374, 3),
    Place("Zürich", "CH", 47.377, 8.541, 3),
    Place("Genève", "CH", 46.204, 6.143, 2),
    Place("Bruxelles", "BE", 50.850, 4.352, 5),
    Place("Liège", "BE", 50.633, 5.567, 1),
    Place("Antwerpen", "BE", 51.219, 4.402, 2),
    Place("Gent", "BE", 51.054, 3.725, 2),
    Place("Amsterdam", "NL", 52.368, 4.904, 6),
    Place("Rotterdam", "NL", 51.924, 4.478, 4),
    Place("Utrecht", "NL", 52.091, 5.122, 3),
    Place("Eindhoven", "NL", 51.442, 5.470, 2),
)

# Where those who write in a language live, and what is spoken in each place beside it.
CITIES_OF: Final = {
    "fr": ("FR", "CH:Genève", "BE:Bruxelles", "BE:Liège"),
    "es": ("ES",),
    "en": ("GB", "IE", "FR:Paris", "DE:Berlin", "NL:Amsterdam", "ES:Barcelona"),
    "de": ("DE", "AT", "CH:Zürich"),
    "nl": ("NL", "BE:Antwerpen", "BE:Gent", "BE:Bruxelles"),
}
SPOKEN_IN: Final = {"FR": "fr", "ES": "es", "GB": "en", "IE": "en", "DE": "de", "AT": "de", "NL": "nl", "BE": "fr"}
RATE_FACTORS: Final = {
    "FR": 1.0,
    "ES": 0.7,
    "GB": 1.15,
    "IE": 1.1,
    "DE": 1.15,
    "AT": 1.05,
    "CH": 1.5,
    "BE": 1.05,
    "NL": 1.1,
}


@dataclass(frozen=True, slots=True)
class Family:
    """A sub-major group of ISCO-08 as the market calls it, and a day rate of a person with some experience, in euro."""

    code: str
    day_rate: float
    names: dict[str, str]


# By falling demand, roughly: the market of freelancers is not that of employees.
FAMILIES: Final = (
    Family(
        "25",
        520,
        {
            "fr": "Tech & développement",
            "es": "Tecnología y desarrollo",
            "en": "Software and technology",
            "de": "IT und Entwicklung",
            "nl": "IT en ontwikkeling",
        },
    ),
    Family(
        "26",
        380,
        {
            "fr": "Création, droit et culture",
            "es": "Creación, derecho y cultura",
            "en": "Creative, legal and cultural work",
            "de": "Kreation, Recht und Kultur",
            "nl": "Creatie, recht en cultuur",
        },
    ),
    Family(
        "24",
        560,
        {
            "fr": "Finance, conseil et marketing",
            "es": "Finanzas, consultoría y marketing",
            "en": "Finance, consulting and marketing",
            "de": "Finanzen, Beratung und Marketing",
            "nl": "Financiën, advies en marketing",
        },
    ),
    Family(
        "21",
        500,
        {
            "fr": "Ingénierie, sciences et design",
            "es": "Ingeniería, ciencia y diseño",
            "en": "Engineering, science and design",
            "de": "Ingenieurwesen, Wissenschaft und Design",
            "nl": "Techniek, wetenschap en ontwerp",
        },
    ),
    Family(
        "33",
        350,
        {
            "fr": "Commerce et administration",
            "es": "Comercio y administración",
            "en": "Sales and administration",
            "de": "Vertrieb und Verwaltung",
            "nl": "Verkoop en administratie",
        },
    ),
    Family(
        "12",
        650,
        {
            "fr": "Direction de l'entreprise",
            "es": "Dirección de empresas",
            "en": "Business management",
            "de": "Unternehmensleitung",
            "nl": "Bedrijfsleiding",
        },
    ),
    Family(
        "34",
        300,
        {
            "fr": "Arts, sport et social",
            "es": "Arte, deporte y acción social",
            "en": "Arts, sports and social work",
            "de": "Kunst, Sport und Soziales",
            "nl": "Kunst, sport en welzijn",
        },
    ),
    Family(
        "23",
        320,
        {
            "fr": "Formation et enseignement",
            "es": "Formación y enseñanza",
            "en": "Teaching and training",
            "de": "Bildung und Training",
            "nl": "Onderwijs en training",
        },
    ),
    Family(
        "35",
        330,
        {
            "fr": "Support et réseaux",
            "es": "Soporte y redes",
            "en": "Support and networks",
            "de": "Support und Netzwerke",
            "nl": "Support en netwerken",
        },
    ),
    Family(
        "31",
        360,
        {
            "fr": "Technique et production",
            "es": "Técnica y producción",
            "en": "Technical work and production",
            "de": "Technik und Produktion",
            "nl": "Techniek en productie",
        },
    ),
    Family(
        "13",
        600,
        {
            "fr": "Direction de production",
            "es": "Dirección de producción",
            "en": "Operations management",
            "de": "Produktionsleitung",
            "nl": "Productieleiding",
        },
    ),
)
FAMILY_NAMES: Final = {family.code: family.names for family in FAMILIES}
