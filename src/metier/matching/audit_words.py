"""Words for men and words for women, in five languages.

Each pair is what a man and what a woman is called, in lower case; `-` before it: also as the last part of a compound.
Left out are words that mean other things more often: French `serveur`, `moteur`, `il`; Spanish `técnico`, `médico`;
German `sie`; Dutch `zij`.
"""

from typing import Final

GENDERED: Final = {
    "en": (
        *(("he", "she"), ("his", "her"), ("him", "her"), ("himself", "herself"), ("mr", "ms"), ("mr", "mrs")),
        *(("man", "woman"), ("men", "women"), ("gentleman", "lady"), ("husband", "wife")),
        *(("boy", "girl"), ("dad", "mum"), ("brother", "sister"), ("male", "female")),
        *(("chairman", "chairwoman"), ("salesman", "saleswoman"), ("businessman", "businesswoman")),
        *(("foreman", "forewoman"), ("craftsman", "craftswoman"), ("cameraman", "camerawoman")),
        *(("spokesman", "spokeswoman"), ("policeman", "policewoman"), ("fireman", "firewoman")),
        *(("actor", "actress"), ("waiter", "waitress"), ("steward", "stewardess"), ("barman", "barmaid")),
    ),
    "fr": (
        *(("développeur", "développeuse"), ("programmeur", "programmeuse"), ("intégrateur", "intégratrice")),
        *(("ingénieur", "ingénieure"), ("technicien", "technicienne"), ("informaticien", "informaticienne")),
        *(("directeur", "directrice"), ("administrateur", "administratrice"), ("concepteur", "conceptrice")),
        *(("rédacteur", "rédactrice"), ("traducteur", "traductrice"), ("formateur", "formatrice")),
        *(("animateur", "animatrice"), ("éducateur", "éducatrice"), ("coordinateur", "coordinatrice")),
        *(("coordonnateur", "coordonnatrice"), ("créateur", "créatrice"), ("testeur", "testeuse")),
        *(("consultant", "consultante"), ("assistant", "assistante"), ("enseignant", "enseignante")),
        *(("infirmier", "infirmière"), ("cuisinier", "cuisinière"), ("boulanger", "boulangère")),
        *(("ouvrier", "ouvrière"), ("conseiller", "conseillère"), ("vendeur", "vendeuse"), ("coiffeur", "coiffeuse")),
        *(("chercheur", "chercheuse"), ("professeur", "professeure"), ("entrepreneur", "entrepreneuse")),
        *(("gérant", "gérante"), ("avocat", "avocate"), ("étudiant", "étudiante"), ("chargé", "chargée")),
        *(("indépendant", "indépendante"), ("diplômé", "diplômée"), ("passionné", "passionnée")),
        *(("expérimenté", "expérimentée"), ("certifié", "certifiée"), ("motivé", "motivée"), ("né", "née")),
        *(("monsieur", "madame"), ("homme", "femme"), ("père", "mère"), ("mari", "épouse")),
    ),
    "es": (
        *(("desarrollador", "desarrolladora"), ("programador", "programadora"), ("diseñador", "diseñadora")),
        *(("ingeniero", "ingeniera"), ("administrador", "administradora"), ("director", "directora")),
        *(("consultor", "consultora"), ("asesor", "asesora"), ("gestor", "gestora"), ("redactor", "redactora")),
        *(("traductor", "traductora"), ("profesor", "profesora"), ("maestro", "maestra"), ("abogado", "abogada")),
        *(("arquitecto", "arquitecta"), ("enfermero", "enfermera"), ("cocinero", "cocinera")),
        *(("camarero", "camarera"), ("vendedor", "vendedora"), ("psicólogo", "psicóloga")),
        *(("fotógrafo", "fotógrafa"), ("empresario", "empresaria"), ("secretario", "secretaria")),
        *(("licenciado", "licenciada"), ("graduado", "graduada"), ("experto", "experta"), ("autónomo", "autónoma")),
        *(("nacido", "nacida"), ("él", "ella"), ("señor", "señora"), ("hombre", "mujer"), ("padre", "madre")),
    ),
    "de": (
        *(("-entwickler", "-entwicklerin"), ("-programmierer", "-programmiererin"), ("-leiter", "-leiterin")),
        *(("-berater", "-beraterin"), ("-ingenieur", "-ingenieurin"), ("-techniker", "-technikerin")),
        *(("-manager", "-managerin"), ("-designer", "-designerin"), ("-administrator", "-administratorin")),
        *(("-architekt", "-architektin"), ("-spezialist", "-spezialistin"), ("-experte", "-expertin")),
        *(("-informatiker", "-informatikerin"), ("-analytiker", "-analytikerin"), ("-forscher", "-forscherin")),
        *(("-konfigurator", "-konfiguratorin"), ("-konstrukteur", "-konstrukteurin"), ("-tester", "-testerin")),
        *(("-pfleger", "-pflegerin"), ("-lehrer", "-lehrerin"), ("-mechaniker", "-mechanikerin")),
        *(("-verkäufer", "-verkäuferin"), ("-arbeiter", "-arbeiterin"), ("-fahrer", "-fahrerin")),
        *(("-kaufmann", "-kauffrau"), ("-fachmann", "-fachfrau"), ("-kollege", "-kollegin"), ("koch", "köchin")),
        *(("bäcker", "bäckerin"), ("freiberufler", "freiberuflerin"), ("arzt", "ärztin"), ("student", "studentin")),
        *(("herr", "frau"), ("mann", "frau"), ("vater", "mutter")),
    ),
    "nl": (
        *(("-ontwikkelaar", "-ontwikkelaarster"), ("-medewerker", "-medewerkster"), ("-verkoper", "-verkoopster")),
        *(("-verpleger", "-verpleegster"), ("-leraar", "-lerares"), ("-adviseur", "-adviseuse")),
        *(("-directeur", "-directrice"), ("-secretaris", "-secretaresse"), ("-ontwerper", "-ontwerpster")),
        *(("-programmeur", "-programmeuse"), ("-zakenman", "-zakenvrouw"), ("-vakman", "-vakvrouw")),
        *(("-schoonmaker", "-schoonmaakster"), ("kok", "kokkin"), ("meneer", "mevrouw"), ("man", "vrouw")),
        *(("vader", "moeder"), ("student", "studente")),
    ),
}
