"""Sentences of the simulated market in five languages; a list stands after a colon, so that any label fits."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """What people of one language write; in braces: title, city, years, months, skills, other."""

    levels: tuple[str, str, str]  # by seniority; after the title
    joint: str  # before the last of a list
    person: tuple[str, ...]
    person_skills: tuple[str, ...]
    person_past: tuple[str, ...]  # names skills that the person no longer offers
    person_closing: tuple[str, ...]
    project: tuple[str, ...]
    project_skills: tuple[str, ...]
    bonus: tuple[str, ...]
    company: tuple[str, ...]  # names skills that the company has, and that nobody is asked for
    project_closing: tuple[str, ...]
    mission: tuple[str, ...]


PHRASES: Final = {
    "fr": Phrases(
        levels=("junior", "confirmé", "senior"),
        joint=" et ",
        person=(
            "{title} à {city}, {years} ans d'expérience en mission.",
            "Indépendant depuis {years} ans, j'accompagne PME et grands comptes.",
            "Bonjour ! Basé à {city}, je travaille sur place ou à distance.",
        ),
        person_skills=(
            "Au quotidien : {skills}.",
            "Mes clients m'appellent surtout pour : {skills}.",
            "Dernières missions : {skills}.",
            "Ce que je fais le mieux : {skills}.",
        ),
        person_past=(
            "Dans une vie antérieure : {other} ({skills}). Cette page est tournée.",
            "Je ne propose plus : {skills}.",
            "J'ai débuté comme {other}, entre autres : {skills}.",
        ),
        person_closing=(
            "Rigueur, écoute et bonne humeur.",
            "N'hésitez pas à me contacter pour échanger sur votre besoin.",
            "Références disponibles sur demande.",
            "Habitué aux environnements exigeants et aux équipes internationales.",
        ),
        project=(
            "Nous recherchons un profil {title} pour {months} mois à {city}.",
            "Dans le cadre de notre croissance, nous renforçons l'équipe : {title}.",
            "Mission de {months} mois, démarrage rapide, {city} ou télétravail.",
        ),
        project_skills=(
            "Vous aurez à : {skills}.",
            "Le cœur de la mission : {skills}.",
            "Attendu : {skills}.",
            "Il s'agit de : {skills}.",
        ),
        bonus=("Serait un plus : {skills}.", "Apprécié : {skills}."),
        company=(
            "Notre groupe est connu pour : {skills}.",
            "L'équipe en place couvre déjà : {skills}.",
            "Vous travaillerez à côté de nos collègues ({other}), chargés de : {skills}.",
        ),
        project_closing=(
            "Entreprise à taille humaine, ambiance conviviale.",
            "Merci d'indiquer votre tarif et vos disponibilités.",
            "Leader de son secteur, notre société compte 300 collaborateurs.",
            "Processus : un appel, un entretien, réponse sous une semaine.",
        ),
        mission=("Renfort : {title}", "{title}, {months} mois", "Besoin urgent à {city}", "Projet : {skills}"),
    ),
    "es": Phrases(
        levels=("junior", "con experiencia", "senior"),
        joint=" y ",
        person=(
            "{title} en {city}, con {years} años de experiencia en proyectos.",
            "Trabajo por cuenta propia desde hace {years} años con pymes y grandes empresas.",
            "¡Hola! Vivo en {city} y trabajo en remoto o en sus oficinas.",
        ),
        person_skills=(
            "Mi día a día: {skills}.",
            "Los clientes me llaman sobre todo para: {skills}.",
            "Últimos encargos: {skills}.",
            "Lo que mejor hago: {skills}.",
        ),
        person_past=(
            "En otra etapa fui {other} ({skills}); ya no lo ofrezco.",
            "Ya no acepto encargos de: {skills}.",
            "Empecé como {other}, entre otras cosas: {skills}.",
        ),
        person_closing=(
            "Seriedad, escucha y buen humor.",
            "Escríbame y hablamos de lo que necesita.",
            "Referencias disponibles.",
            "Acostumbrado a plazos ajustados y a equipos internacionales.",
        ),
        project=(
            "Buscamos {title} para {months} meses en {city}.",
            "Por crecimiento reforzamos el equipo: {title}.",
            "Proyecto de {months} meses, comienzo inmediato, {city} o teletrabajo.",
        ),
        project_skills=(
            "Se encargará de: {skills}.",
            "Lo central del proyecto: {skills}.",
            "Se espera: {skills}.",
            "Se trata de: {skills}.",
        ),
        bonus=("Se valorará: {skills}.", "Sería un plus: {skills}."),
        company=(
            "Nuestro grupo es conocido por: {skills}.",
            "El equipo actual ya cubre: {skills}.",
            "Trabajará junto a compañeros ({other}) que llevan: {skills}.",
        ),
        project_closing=(
            "Empresa cercana, con buen ambiente.",
            "Indique su tarifa y su disponibilidad.",
            "Somos líderes del sector, con 300 empleados.",
            "Proceso: una llamada, una entrevista y respuesta en una semana.",
        ),
        mission=("Refuerzo: {title}", "{title}, {months} meses", "Necesidad urgente en {city}", "Proyecto: {skills}"),
    ),
    "en": Phrases(
        levels=("junior", "experienced", "senior"),
        joint=" and ",
        person=(
            "{title} in {city} with {years} years of project work.",
            "Independent for {years} years, with small firms and large accounts.",
            "Hello! I live in {city} and work on site or remotely.",
        ),
        person_skills=(
            "Day to day: {skills}.",
            "Clients mostly call me for: {skills}.",
            "Recent assignments: {skills}.",
            "What I do best: {skills}.",
        ),
        person_past=(
            "In an earlier life: {other} ({skills}). That page is turned.",
            "I no longer take on: {skills}.",
            "I started out as {other}, among other things: {skills}.",
        ),
        person_closing=(
            "Careful, a good listener, and cheerful.",
            "Get in touch and let us talk about what you need.",
            "References on request.",
            "Used to tight deadlines and international teams.",
        ),
        project=(
            "We are looking for a {title} for {months} months in {city}.",
            "We are growing and need support: {title}.",
            "{months} months, starting soon, {city} or remote.",
        ),
        project_skills=(
            "Your part: {skills}.",
            "At the heart of the work: {skills}.",
            "Expected: {skills}.",
            "This is about: {skills}.",
        ),
        bonus=("A plus: {skills}.", "Nice to have: {skills}."),
        company=(
            "Our group is known for: {skills}.",
            "The team in place already covers: {skills}.",
            "You will sit beside colleagues ({other}) who look after: {skills}.",
        ),
        project_closing=(
            "A friendly company of human size.",
            "Please state your rate and when you are free.",
            "We lead our sector and employ 300 people.",
            "Process: one call, one interview, an answer within a week.",
        ),
        mission=("Support wanted: {title}", "{title}, {months} months", "Urgent need in {city}", "Project: {skills}"),
    ),
    "de": Phrases(
        levels=("Junior", "mit Erfahrung", "Senior"),
        joint=" und ",
        person=(
            "{title} in {city}, {years} Jahre Projekterfahrung.",
            "Seit {years} Jahren selbstständig, für Mittelstand und Konzerne.",
            "Guten Tag! Ich lebe in {city} und arbeite vor Ort oder aus der Ferne.",
        ),
        person_skills=(
            "Mein Alltag: {skills}.",
            "Kunden rufen mich vor allem für: {skills}.",
            "Letzte Aufträge: {skills}.",
            "Was ich am besten kann: {skills}.",
        ),
        person_past=(
            "Früher war ich {other} ({skills}); das ist vorbei.",
            "Nicht mehr im Angebot: {skills}.",
            "Angefangen habe ich als {other}, unter anderem: {skills}.",
        ),
        person_closing=(
            "Sorgfältig, zuverlässig und gut gelaunt.",
            "Schreiben Sie mir, was Sie brauchen.",
            "Referenzen auf Anfrage.",
            "Enge Fristen und internationale Teams sind mir vertraut.",
        ),
        project=(
            "Wir suchen Unterstützung als {title} für {months} Monate in {city}.",
            "Wir wachsen und verstärken das Team: {title}.",
            "Einsatz über {months} Monate, Beginn bald, {city} oder von zu Hause.",
        ),
        project_skills=(
            "Ihre Aufgaben: {skills}.",
            "Im Mittelpunkt steht: {skills}.",
            "Erwartet wird: {skills}.",
            "Es geht um: {skills}.",
        ),
        bonus=("Von Vorteil: {skills}.", "Gern gesehen: {skills}."),
        company=(
            "Unsere Gruppe ist bekannt für: {skills}.",
            "Das Team deckt bereits ab: {skills}.",
            "Neben Ihnen arbeiten Kollegen ({other}), zuständig für: {skills}.",
        ),
        project_closing=(
            "Ein Unternehmen mit kurzen Wegen und gutem Klima.",
            "Bitte nennen Sie Ihren Satz und ab wann Sie frei sind.",
            "Wir führen unsere Branche an und beschäftigen 300 Menschen.",
            "Ablauf: ein Anruf, ein Gespräch, Antwort binnen einer Woche.",
        ),
        mission=(
            "Verstärkung: {title}",
            "{title}, {months} Monate",
            "Dringender Bedarf in {city}",
            "Projekt: {skills}",
        ),
    ),
    "nl": Phrases(
        levels=("junior", "ervaren", "senior"),
        joint=" en ",
        person=(
            "{title} in {city}, met {years} jaar projectervaring.",
            "Al {years} jaar zelfstandig, voor mkb en grote bedrijven.",
            "Hallo! Ik woon in {city} en werk op locatie of op afstand.",
        ),
        person_skills=(
            "Dagelijks werk: {skills}.",
            "Klanten bellen mij vooral voor: {skills}.",
            "Laatste opdrachten: {skills}.",
            "Waar ik goed in ben: {skills}.",
        ),
        person_past=(
            "Vroeger was ik {other} ({skills}); dat doe ik niet meer.",
            "Niet meer in mijn aanbod: {skills}.",
            "Begonnen als {other}, onder meer: {skills}.",
        ),
        person_closing=(
            "Zorgvuldig, betrokken en goedgehumeurd.",
            "Neem contact op en vertel wat u nodig hebt.",
            "Referenties op aanvraag.",
            "Gewend aan krappe termijnen en internationale teams.",
        ),
        project=(
            "Wij zoeken een {title} voor {months} maanden in {city}.",
            "Wij groeien en versterken het team: {title}.",
            "Opdracht van {months} maanden, snelle start, {city} of thuiswerk.",
        ),
        project_skills=(
            "Uw taken: {skills}.",
            "De kern van de opdracht: {skills}.",
            "Verwacht wordt: {skills}.",
            "Het gaat om: {skills}.",
        ),
        bonus=("Een pluspunt: {skills}.", "Mooi meegenomen: {skills}."),
        company=(
            "Onze groep staat bekend om: {skills}.",
            "Het team regelt al: {skills}.",
            "U werkt naast collega's ({other}) die zorgen voor: {skills}.",
        ),
        project_closing=(
            "Een prettig bedrijf met korte lijnen.",
            "Vermeld uw tarief en wanneer u vrij bent.",
            "Wij zijn marktleider en hebben 300 medewerkers.",
            "Procedure: een telefoontje, een gesprek, antwoord binnen een week.",
        ),
        mission=("Versterking: {title}", "{title}, {months} maanden", "Dringend nodig in {city}", "Project: {skills}"),
    ),
}

# The noun of what a French verb says: people offer "gestion de projets" where clients ask to "gérer des projets".
FRENCH_NOUNS: Final = {
    "gérer": "gestion", "utiliser": "utilisation", "évaluer": "évaluation", "élaborer": "élaboration",
    "appliquer": "application", "préparer": "préparation", "réaliser": "réalisation", "créer": "création",
    "surveiller": "surveillance", "analyser": "analyse", "superviser": "supervision", "entretenir": "entretien",
    "concevoir": "conception", "organiser": "organisation", "installer": "installation", "contrôler": "contrôle",
    "planifier": "planification", "rédiger": "rédaction", "définir": "définition", "inspecter": "inspection",
    "coordonner": "coordination", "suivre": "suivi", "promouvoir": "promotion", "développer": "développement",
    "établir": "établissement", "tester": "test", "sélectionner": "sélection", "interpréter": "interprétation",
    "étudier": "étude", "négocier": "négociation", "vérifier": "vérification", "identifier": "identification",
    "examiner": "examen", "exécuter": "exécution", "traiter": "traitement", "diriger": "direction",
    "mesurer": "mesure", "calculer": "calcul", "adapter": "adaptation", "enseigner": "enseignement",
}  # fmt: skip
FRENCH_OF: Final = {
    "le ": "du ", "les ": "des ", "la ": "de la ", "l’": "de l’", "l'": "de l'", "un ": "d'un ", "une ": "d'une ",
    "des ": "de ", "du ": "de ", "de la ": "de ",
}  # fmt: skip

# The same of the verb at the end of a label in German and Dutch.
LAST_VERB_NOUNS: Final = {
    "de": {
        "durchführen": "Durchführung", "entwickeln": "Entwicklung", "erstellen": "Erstellung",
        "verwalten": "Verwaltung", "überwachen": "Überwachung", "anwenden": "Anwendung", "bedienen": "Bedienung",
        "planen": "Planung", "analysieren": "Analyse", "leiten": "Leitung", "bewerten": "Bewertung",
        "koordinieren": "Koordination", "prüfen": "Prüfung", "entwerfen": "Entwurf", "organisieren": "Organisation",
        "kontrollieren": "Kontrolle", "installieren": "Installation", "steuern": "Steuerung", "testen": "Test",
    },
    "nl": {
        "uitvoeren": "uitvoering", "beheren": "beheer", "gebruiken": "gebruik", "ontwikkelen": "ontwikkeling",
        "controleren": "controle", "toepassen": "toepassing", "bedienen": "bediening", "onderhouden": "onderhoud",
        "analyseren": "analyse", "installeren": "installatie", "plannen": "planning", "ontwerpen": "ontwerp",
        "beoordelen": "beoordeling", "coördineren": "coördinatie", "organiseren": "organisatie",
    },
}  # fmt: skip
