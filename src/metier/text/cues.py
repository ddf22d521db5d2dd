"""The words that tell what a part of a posting is about: data, and no code but its look-up tables.

Everything is lower case, with straight apostrophes and single spaces. English first, then German, French, Spanish,
Dutch, Danish, Swedish, Italian, Portuguese and Polish.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from metier.domain import SectionKind

# A short line made only of these and of `_FILLERS`, with at least one of these, is a heading of that kind.
_HEADING_WORDS: Final[Mapping[SectionKind, str]] = {
    "requirements": (
        "requirement requirements qualification qualifications skill skills skillset competencies competences "
        "prerequisites prerequisite experience education profile expertise must-have must-haves must-know "
        "knowledge abilities credentials essentials eligibility "
        "anforderungen anforderungsprofil profil voraussetzungen qualifikation qualifikationen kenntnisse "
        "fähigkeiten kompetenzen bewerberprofil "
        "compétences qualités formation expérience requis prérequis "
        "requisitos requerimientos conocimientos habilidades competencias perfil experiencia formación estudios "
        "vereisten functie-eisen eisen vaardigheden competenties "
        "kvalifikationer kompetencer krav kvalifikationskrav kompetenser profilen "
        "requisiti competenze conoscenze profilo esperienza "
        "habilitações qualificações conhecimentos requerimentos "
        "wymagania oczekiwania kwalifikacje umiejętności"
    ),
    "duties": (
        "duties duty responsibilities responsibility tasks accountabilities accountability deliverables "
        "functions function "
        "aufgaben aufgabengebiet aufgabenbereich tätigkeiten aufgabenschwerpunkte verantwortung "
        "missions mission tâches activités responsabilités attributions "
        "responsabilidades funciones tareas actividades función "
        "taken werkzaamheden verantwoordelijkheden functieomschrijving "
        "arbejdsopgaver opgaver ansvarsområder arbejdsområder arbetsuppgifter uppgifter ansvarsområden "
        "mansioni responsabilità compiti attività "
        "funções tarefas atividades "
        "obowiązki zadania"
    ),
    "company": ("über unternehmensprofil empresa entreprise azienda bedrijf virksomheden"),
    "benefits": (
        "benefits benefit perks compensation salary pay remuneration extras "
        "leistungen vorteile vergütung benefits "
        "avantages rémunération salaire "
        "beneficios ofrecemos salario remuneración "
        "arbeidsvoorwaarden salaris "
        "ansættelsesvilkår löneförmåner förmåner lön løn "
        "vantaggi retribuzione offerta offriamo "
        "benefícios oferecemos remuneração "
        "benefity oferujemy wynagrodzenie"
    ),
    "legal": "eeo disclaimer eeoc datenschutz privacy",
    "other": ("contact kontakt contacto contatto location locations arbeitsort standort lieu deadline ansprechpartner"),
}

# Words that say nothing about the kind; all of these may stand in a heading.
FILLERS: Final = frozenset(
    "a an and the of for to in on at & / + your our you we my its this that are is be with who key main core job "  # noqa: SIM905
    "role position "
    "candidate required preferred minimum basic essential desired desirable additional other technical soft hard "
    "general professional personal specific special mandatory necessary nice-to-have preferably optional important "
    "work working day-to-day daily primary principal major essential desired ideal successful summary overview "
    "academic educational language languages functional typical relevant needed expected bonus plus pluses good great "
    "und der die das dein deine deinen ihr ihre unser unsere das du wir mit für zu fachliche persönliche "
    "et le la les de des du votre vos ton tes notre nos un une principales recherché recherchée souhaité clés "
    "y el los las del tu tus nuestro nuestra principales del puesto cargo indispensables deseables mínimos "
    "en de het een jouw je onze wij din dine dit vi du dig og om och dina ditt "
    "e il lo i gli della del tuo tue tua nostro o os as da do seu seus suas "
    "i twoje twój nasze nasz mile widziane".split()
)

# A short line that holds one of these is a heading of that kind.
_HEADING_PHRASES: Final[Mapping[SectionKind, tuple[str, ...]]] = {
    "requirements": (
        "must have", "must haves", "nice to have", "nice to haves", "good to have", "what you'll bring",
        "what you will bring", "what you bring", "what you'll need", "what you will need", "what you need",
        "what we're looking for", "what we are looking for", "who we're looking for", "who we are looking for",
        "we're looking for", "we are looking for", "looking for someone", "who you are", "about you",
        "you have", "you bring", "your background", "your skills", "your experience", "your profile",
        "what we expect", "what we require", "we expect", "is this you", "are you our", "you might be",
        "you should have",
        "you'll have", "you will have", "to be successful", "to succeed", "what makes you", "why you",
        "bonus points", "plus points", "preferred qualifications", "desired skills", "would be a plus",
        "it's a plus", "is a plus", "are a plus", "tech stack", "technologies", "the ideal candidate",
        "ideal candidate",
        "person specification", "required skills", "you are", "you know", "set you apart", "stand out",
        "das bringst du mit", "was du mitbringst", "was sie mitbringen", "das bringen sie mit", "was wir erwarten",
        "wir erwarten", "dein profil", "ihr profil", "ihre qualifikation", "das zeichnet dich aus",
        "damit überzeugst du",
        "was wir uns wünschen", "das wünschen wir uns", "wen wir suchen", "sie bringen mit", "du bringst mit",
        "du hast",
        "votre profil", "profil recherché", "ton profil", "qui êtes-vous", "vous êtes", "ce que nous recherchons",
        "profil souhaité", "nous recherchons", "vous avez", "vous justifiez",
        "qué buscamos", "que buscamos", "buscamos", "tu perfil", "lo que buscamos", "requisitos",
        "wat vragen wij", "wat wij vragen", "jouw profiel", "wie ben jij", "wat breng je mee", "functie-eisen",
        "wat je meebrengt", "dette søger vi", "om dig", "din profil", "vi forventer", "dine kvalifikationer",
        "hvem er du", "vi søger", "vem är du", "vi söker", "din bakgrund", "kvalifikationer",
        "cosa cerchiamo", "chi cerchiamo", "il tuo profilo", "o que procuramos", "o que esperamos",
        "o teu perfil", "quem procuramos", "czego oczekujemy", "nasze wymagania", "mile widziane", "twój profil",
        "kogo szukamy", "czego wymagamy",
    ),
    "duties": (
        "what you'll do", "what you will do", "what you'll be doing", "what you will be doing",
        "you will be responsible for",
        "what you do", "your role", "your mission", "your tasks", "your responsibilities", "job description",
        "role description", "the role", "about the role", "about the job", "about the position", "the position",
        "the opportunity", "a day in the life", "day to day", "day-to-day", "in this role", "what the job involves",
        "as a member of", "how you will", "how you'll", "what you get to do", "your impact", "the challenge",
        "your challenge",
        "you will", "you'll", "scope of work", "job purpose", "position summary", "job summary", "purpose of the job",
        "what part will you play", "the job", "main purpose",
        "das erwartet dich", "das erwartet sie", "was dich erwartet", "was sie erwartet", "deine aufgaben",
        "ihre aufgaben",
        "das machst du", "deine rolle", "dein job", "deine mission", "stellenbeschreibung", "was du bei uns machst",
        "vos missions", "votre mission", "le poste", "description du poste", "vos responsabilités", "tes missions",
        "votre rôle", "ton rôle", "au quotidien",
        "qué harás", "que harás", "tus funciones", "descripción del puesto", "misión del cargo", "tu misión",
        "actividades a desempeñar", "wat ga je doen", "jouw rol", "jouw taken", "de functie", "wat je gaat doen",
        "dine opgaver", "dine arbejdsopgaver", "om jobbet", "om stillingen", "om rollen", "dina arbetsuppgifter",
        "om tjänsten",
        "cosa farai", "il ruolo", "di cosa ti occuperai", "o que vais fazer", "o que vai fazer", "a função", "a vaga",
        "zakres obowiązków", "twój zakres", "opis stanowiska", "czym będziesz się zajmować", "twoje zadania",
    ),
    "company": (
        "about us", "about the company", "about our company", "who we are", "our company", "company description",
        "company overview", "company profile", "our story", "our mission", "our values", "our culture", "our history",
        "about the team", "the company", "the team", "about the organization", "about the organisation",
        "about the employer",
        "why join us", "our vision", "meet the team", "our core values", "life at", "get to know us", "what we do",
        "wer wir sind", "über uns", "das sind wir", "wir über uns", "das unternehmen", "unser unternehmen",
        "qui sommes-nous", "à propos de nous", "l'entreprise", "présentation de l'entreprise", "notre entreprise",
        "qui sommes nous", "sobre nosotros", "quiénes somos", "quienes somos", "acerca de nosotros", "la empresa",
        "over ons", "wie zijn wij", "wie wij zijn", "om os", "om virksomheden", "hvem er vi", "om oss",
        "om företaget", "vilka är vi",
        "chi siamo", "l'azienda", "sobre nós", "quem somos", "a empresa", "o nas", "kim jesteśmy", "o firmie",
    ),
    "benefits": (
        "what we offer", "we offer", "what you'll get", "what you will get", "what you get", "what's in it for you",
        "what is in it for you", "what's in it for me", "our offer", "why work with us", "why work for us",
        "why us", "our benefits",
        "employee benefits", "perks", "why you'll love", "why you will love", "reasons to join",
        "compensation and benefits", "salary and benefits", "what can we offer", "we provide", "our perks",
        "salary range", "pay range",
        "was wir bieten", "wir bieten", "das bieten wir", "unser angebot", "das erhältst du", "deine vorteile",
        "deine benefits",
        "darauf kannst du dich freuen", "ihre vorteile", "was wir dir bieten", "was wir ihnen bieten",
        "nous offrons", "nous vous offrons", "ce que nous offrons", "nos avantages", "vos avantages",
        "ce que nous proposons",
        "nous vous proposons", "conditions et avantages", "pourquoi nous rejoindre",
        "qué ofrecemos", "que ofrecemos", "te ofrecemos", "se ofrece", "la empresa ofrece", "lo que ofrecemos",
        "wat bieden wij", "wat wij bieden", "wij bieden", "ons aanbod", "wat krijg je",
        "vi tilbyder", "vi kan tilbyde", "vi erbjuder", "vad vi erbjuder", "cosa offriamo", "cosa ti offriamo",
        "o que oferecemos",
        "oferecemos", "co oferujemy", "oferujemy", "to oferujemy",
    ),
    "legal": (
        "equal opportunity", "equal employment", "eeo statement", "diversity and inclusion", "diversity & inclusion",
        "diversity, equity", "privacy notice", "privacy policy", "data protection", "legal notice",
        "reasonable accommodation",
        "accommodations", "disclaimer", "our commitment to diversity", "chancengleichheit", "egalité des chances",
        "égalité des chances", "igualdad de oportunidades", "gelijke kansen", "klauzula",
    ),
    "other": (
        "how to apply", "application process", "where to apply", "selection process", "interview process",
        "apply now",
        "contact us", "next steps", "hiring process", "application deadline", "to apply", "the process",
        "your application",
        "interested", "annual salary", "notes", "process notes",
        "deine bewerbung", "ihre bewerbung", "so bewirbst du dich", "jetzt bewerben", "haben wir dein interesse",
        "interesse geweckt",
        "pour postuler", "comment postuler", "processus de recrutement", "cómo aplicar", "interesados",
        "solliciteren", "interesse", "ansøgning", "sådan søger du", "ansökan", "så söker du", "come candidarsi",
        "como se candidatar", "jak aplikować",
    ),
}  # fmt: skip

# A paragraph that holds one of these is of that kind, whatever the heading. Each must be plain evidence: calling a
# requirement "company" loses its skills.
_PARAGRAPH_CUES: Final[Mapping[SectionKind, tuple[str, ...]]] = {
    "legal": (
        "equal opportunity employer", "equal opportunities employer", "equal employment opportunity",
        "without regard to race",
        "regardless of race", "regardless of age", "regardless of gender", "irrespective of race",
        "irrespective of age",
        "equal opportunity workplace", "affirmative action", "protected veteran", "veteran status",
        "sexual orientation",
        "all qualified applicants", "all suitably qualified", "reasonable accommodation", "reasonable accommodations",
        "privacy notice", "privacy policy", "gender identity", "criminal histories", "background check will be",
        "e-verify", "religious creed", "employment without regard", "does not discriminate", "do not discriminate",
        "personal data will be", "process your personal data", "your personal data", "celebrate diversity",
        "gdpr notice",
        "equal opportunities for all", "unabhängig von geschlecht", "ungeachtet des geschlechts",
        "sexuelle orientierung",
        "sexueller orientierung", "sexuellen orientierung", "orientation sexuelle", "orientación sexual",
        "seksuele geaardheid",
        "datenschutzerklärung", "datenschutzhinweise", "schwerbehinderte", "schwerbehinderung", "protección de datos",
        "protection des données", "situation de handicap", "ochrony danych", "danych osobowych",
        "orientamento sessuale", "ambosessi",
        "orientação sexual", "sexuell läggning", "seksuel orientering", "regardless of their", "recruitment agencies",
        "no agencies", "unsolicited resumes",
    ),
    "benefits": (
        "401(k)", "401k", "dental insurance", "medical insurance", "health insurance", "vision insurance",
        "life insurance", "paid time off", "paid vacation", "paid holidays", "parental leave", "stock options",
        "free lunch",
        "competitive salary", "competitive compensation", "attractive salary", "pension scheme",
        "pension contribution",
        "company pension", "gym membership", "days of vacation", "vacation days", "days holiday", "annual leave",
        "tuition reimbursement", "we offer you", "we offer a", "we offer an", "we can offer you", "what we offer",
        "signing bonus",
        "relocation package", "flexible working hours", "13th month", "healthcare plan", "base salary",
        "salary range",
        "salary for this", "medical, dental", "medical dental", "health dental", "performance bonus",
        "bonus scheme", "referral bonus", "wir bieten",
        "betriebliche altersvorsorge", "urlaubstage", "tage urlaub", "attraktive vergütung", "jobticket", "jobrad",
        "tickets restaurant", "tickets restaurants", "ticket restaurant", "titres-restaurant", "mutuelle",
        "nous offrons", "nous vous offrons", "13ème mois",
        "jours de rtt", "ofrecemos", "beneficios de ley", "sueldo base", "seguro médico", "wij bieden",
        "vakantiedagen",
        "pensioenregeling", "vi tilbyder", "vi kan tilbyde", "pensionsordning", "vi erbjuder", "friskvårdsbidrag",
        "offriamo", "buoni pasto",
        "oferecemos", "vale refeição", "seguro de saúde", "oferujemy", "opieka medyczna", "prywatna opieka",
    ),
    "company": (
        "was founded in", "were founded in", "founded in", "established in", "headquartered in",
        "is a leading provider",
        "is a leading global", "is a global leader", "is the global leader", "is the world's",
        "is one of the world's",
        "is one of the leading", "is a leading", "is one of the largest", "are a leading", "world's leading",
        "world leader in",
        "fortune 500", "employees worldwide", "employees in over", "offices in over", "our company was",
        "we are a global",
        "years ago we", "our mission is", "our vision is", "market leader", "gegründet", "marktführer",
        "weltweit führend",
        "führender anbieter", "hauptsitz in", "mitarbeiter weltweit", "fondée en", "créée en", "leader mondial",
        "leader européen",
        "collaborateurs dans le monde", "fundada en", "empresa líder", "es una empresa", "opgericht in",
        "er en af danmarks", "førende", "grundades", "fondata nel", "azienda leader", "fundada em",
        "empresa líder", "założona w",
    ),
    "requirements": (
        "you must have", "must have", "you should have", "you have experience", "years of experience",
        "years experience",
        "years' experience", "degree in", "bachelor's degree", "master's degree", "proficiency in", "proficient in",
        "experience with", "experience in", "knowledge of", "familiarity with", "ability to", "required skills",
        "the ideal candidate", "the successful candidate", "you are able to", "we expect you", "hands-on experience",
        "strong understanding", "fluent in", "berufserfahrung", "abgeschlossenes studium",
        "abgeschlossene ausbildung", "kenntnisse in",
        "erfahrung in", "erfahrung mit", "années d'expérience", "ans d'expérience", "expérience de", "maîtrise de",
        "vous maîtrisez", "titulaire d'un",
        "años de experiencia", "experiencia en", "conocimientos de", "jaar ervaring", "ervaring met",
        "ervaring in", "kennis van",
        "erfaring med", "erfaring fra", "kendskab til", "erfarenhet av", "kunskap om", "esperienza in",
        "conoscenza di",
        "experiência em", "conhecimentos de", "doświadczenie w", "znajomość",
    ),
    "duties": (
        "you will be responsible", "you'll be responsible", "responsible for", "responsibilities include",
        "your responsibilities", "your tasks", "duties include", "the role involves", "you will work", "you'll work",
        "you will develop", "you will lead", "you will design", "we are looking for", "we're looking for",
        "is looking for",
        "we are seeking", "is seeking", "is hiring", "wir suchen", "nous recherchons", "vi søger", "vi söker",
        "buscamos", "in this role you", "in this role, you",
        "deine aufgaben", "sie sind verantwortlich", "du bist verantwortlich", "vous serez responsable",
        "vous serez en charge",
        "vos missions", "serás responsable", "je bent verantwoordelijk", "du vil få ansvar", "du bliver ansvarlig",
        "du kommer att",
        "sarai responsabile", "serás responsável", "będziesz odpowiedzialn",
    ),
}  # fmt: skip

# Words in a heading that say how much its list is needed.
PREFERRED_HEADING: Final = (
    "nice to have", "nice to haves", "nice-to-have", "nice-to-haves", "good to have", "preferred", "preferable",
    "desired", "desirable",
    "bonus", "plus", "pluses", "advantage", "advantages", "advantageous", "optional", "ideally", "extra points",
    "set you apart", "stand out", "asset", "assets",
    "would be great", "beneficial", "von vorteil", "wünschenswert", "idealerweise", "nice", "souhaité",
    "souhaitée", "souhaitées", "souhaités", "un plus",
    "atouts", "deseable", "deseables", "valorable", "se valora", "pré", "mile widziane", "meriterande",
    "en fordel", "pluspunten",
)  # fmt: skip
REQUIRED_HEADING: Final = (
    "required", "must have", "must haves", "must-have", "must-haves", "must", "minimum", "mandatory", "essential",
    "essentials",
    "basic qualifications", "prerequisite", "prerequisites", "you need", "you'll need", "you will need",
    "we require", "necessary",
    "voraussetzungen", "muss", "requis", "requises", "prérequis", "exigences", "indispensables", "vereisten",
    "functie-eisen",
)  # fmt: skip
STRENGTH_WORDS: Final = frozenset(  # a heading of only these and fillers opens a list of requirements
    "required preferred desirable desired essential mandatory optional must minimum necessary "  # noqa: SIM905
    "nice-to-have plus pluses".split()
)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[^\W_](?:[\w'-]*\w)?|&")


def padded(text: str) -> str:
    """The words of a text in lower case with one space before, between and after: what cues are looked up in."""
    return f" {' '.join(_word().findall(text.lower().replace('’', chr(39))))} "


@cache
def heading_words() -> dict[str, SectionKind]:
    """Each word that makes a heading, and the kind it makes."""
    return {word: kind for kind, words in _HEADING_WORDS.items() for word in words.split()}


@cache
def heading_phrases() -> tuple[tuple[str, SectionKind], ...]:
    """Each heading phrase, padded, and its kind; the longest first."""
    pairs = [(padded(phrase), kind) for kind, phrases in _HEADING_PHRASES.items() for phrase in phrases]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def paragraph_cues() -> dict[SectionKind, tuple[str, ...]]:
    """For each kind the phrases, padded, that decide a paragraph."""
    return {
        kind: tuple(dict.fromkeys(padded(phrase) for phrase in phrases)) for kind, phrases in _PARAGRAPH_CUES.items()
    }
