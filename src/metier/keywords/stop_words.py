"""Words that tell nothing about a text: function words, common verbs, and the furniture of job postings."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _forms(verbs: str) -> frozenset[str]:
    """The regular forms of English verbs; some that no verb has do no harm."""
    endings = ("", "s", "es", "d", "ed", "ing")
    whole = {verb + ending for verb in verbs.split() for ending in endings}
    cut = {verb[:-1] + ending for verb in verbs.split() for ending in ("ing", "ied", "ies")}
    return frozenset(whole | cut)


_ENGLISH: Final = _words(
    "a about above across after again against all along also although am among an and and/or any are around as "
    "at based be because been before behind being below between both but by can cannot could did do does doing "
    "don't down during each either else etc even ever every everyone e.g few for from further given had has have "
    "having he her here hers high him his how however i i.e if in into is it it's its itself just let like ll "
    "many may me might more most much must my neither no nor not now of off often on once one only onto or other "
    "others our ours out outside over own per please rather re same several shall she should since so some such "
    "than that that's the their theirs them then there therefore these they this those through throughout thus "
    "to together too toward towards two three four five six ten first second third under until up upon us using "
    "ve very via was we we're well were what when where whether which while who whom whose why will with within "
    "without would yet you you'll you're you've your yours yes "
    "able additional appropriate available better best certain common complete current desirable different early "
    "easy effective entire essential excellent existing extensive fast final general good great great ideal "
    "important interesting key known large last late least less likely little long low lower main major minimum "
    "modern necessary new next nice novel numerous particular plus possible potential present preferred previous "
    "proper proven real recent related relevant required significant similar simple single small solid special "
    "specific standard strong successful sufficient suitable traditional typical unique useful valuable various "
    "wide willing "
    "found gave given gone done known shown seen taken held led built brought became begun chosen kept left lost "
    "meant met paid ran said sent sought thought told understood written wrote made makes making used"
) | _forms(
    "achieve add administer adopt allow analyze analyse apply argue arise assume attend avoid become begin believe "
    "belong bring build call carry choose come compare compute conduct consider consist contain contribute create deal "
    "define deliver demonstrate depend derive describe determine develop differ discuss employ enable encourage enjoy "
    "enhance ensure establish evaluate examine exist expect explain explore express extend facilitate feed find "
    "follow gain generate get give go grow handle happen help hire hold identify illustrate implement improve "
    "include incorporate increase indicate introduce investigate involve join keep know lead learn leave look "
    "love maintain make mean meet need note obtain occur offer operate own participate perform possess predict "
    "prefer prepare produce propose prove provide pursue receive reduce refer relate rely remain remove replace "
    "represent require reveal run say see seek seem serve show simplify solve suggest take tend thrive "
    "transform treat turn understand use want win work write"
) - _words("learning computing writing producing operating handling")

_GERMAN: Final = _words(
    "aber alle allem allen aller alles als also am an andere anderen auch auf aus außerdem bei beim bereits bis "
    "bist bitte da dabei dadurch dafür damit dann das dass dein deine deinem deinen deiner dem den denn der des "
    "deshalb dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer "
    "eines er es etwa etwas euch euer eure für gegen gerne gut gute guten guter gutes haben hast hat hier hinaus "
    "ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in innerhalb ist ja je jede jedem jeden jeder jedes kann "
    "kannst kein keine können könnt man mehr mein mindestens mit möchten möglich muss müssen nach neben nicht "
    "noch nun nur ob oder ohne sehr sein seine seit sich sie sind so sowie sowohl soll sollen sollte sollten "
    "sondern über um und uns unser unsere unserem unseren unserer unter viel viele vom von vor während war was "
    "weil weitere weiteren welche wenn wer werden wie will wir wird wirst wo wünschenswert würde würden zu zum "
    "zur zusammen zwei zwischen bieten bringen bringst erwarten erwartet freuen hast idealerweise suchen "
    "verfügen arbeiten arbeitest unterstützen übernehmen erste ersten fundierte mehrjährige sichere vorzugsweise "
    "neue neuen neues bzw"
)

_FRENCH: Final = _words(
    "a afin ai ainsi alors au aucun aussi autre autres aux avant avec avez avoir avons bien bon bonne bonnes bons "
    "ce cela celle celui ces cet cette ceux chaque chez comme contre dans de depuis des deux devez doit donc du "
    "elle elles en entre es est et êtes être eu eux faire fait il ils je jusque l la le les leur leurs lors lui "
    "ma mais me même mes moi mon ne ni nos notre nous on ont ou où par pas pendant peu peut peuvent plus plusieurs "
    "pour pourquoi pouvez qu quand que quel quelle quelles quels qui quoi recherchons sa sans se selon sera serez "
    "ses si soit son sont sous souvent sur ta te tel telle tes toi ton tous tout toute toutes très tu un une vers "
    "vos votre vous y nouveau nouvelle nouvelles proposons maîtrisez minimum souhaité souhaitée"
)

_SPANISH: Final = _words(
    "a además al algo alguna algunas alguno algunos ante antes años así aún aunque bajo bien buen buena buenas "
    "bueno buscamos cada como con contra cual cuales cualquier cuando de debe deben debes del desde donde dos "
    "durante e el ella ellas ellos en entre era eres es esa esas ese eso esos esta está están estar estas este "
    "esto estos fue gran ha hacia han hasta hay la las le les lo los más me mediante mejor menos mi mientras mínimo "
    "mis mucho muy nada ni no nos nosotros nuestra nuestras nuestro nuestros o ofrecemos otra otras otro otros "
    "para pero poco por porque puede pueden puedes que qué quien quienes se sea según ser será si sí sido siempre "
    "sin sobre sólo son su sus también tan tanto te tener tenga ti tiene tienen tienes toda todas todo todos tu "
    "tus un una unas uno unos usted ustedes y ya nuevo nueva nuevos nuevas deseable valorable"
)

_DANISH: Final = _words(
    "ad af alle allerede alt andre at bare blandt blev blive bliver da de dem den denne der deres det dette dig "
    "din dine disse dit dog du efter ej eller en end endnu er et fem flere for fordi forskellige fra få får før "
    "første gerne giver god gode godt gør gøre ham han har have havde hele hen hende her hos hun hvad hver hvilke "
    "hvis hvor hvordan hvorfor i ikke ind inden ingen jeg jer jeres kan kommer kunne lidt man mange med medens "
    "meget mellem men mere mest mig min mindst mine mit mod når ned nogle noget nogen nok ny nye nyt nu når og "
    "også om omkring op os over på samt se selv ser sig sin sine sit skal skulle slags som stor store søger så "
    "sådan tilbyder til to tre under ud uden var ved vi via vil ville vor vores være været år ønsker arbejde "
    "arbejder bidrage hjælpe sikre stærk stærke"
)

STOP_WORDS: Final = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "da": _DANISH,
}

# Nouns that every posting or abstract has: no phrase begins or ends with one.
GENERIC_WORDS: Final = _words(
    "ability applicant applicants application applications area areas author authors background basis benefits "
    "candidate candidates career case cases colleague colleagues company day days degree description duties "
    "employee employees employer employment environment equivalent example examples experience expertise field "
    "hour hours interest interview job knowledge level location number numbers opportunities opportunity "
    "order organisation organization paper part people person position positions qualification qualifications "
    "range requirement requirements responsibilities responsibility result results role roles salary "
    "skill skills study task tasks team teams thing things time understanding way ways week weeks work working "
    "workplace year years age gender race religion disability "
    "aufgaben bereich bereiche bewerbung erfahrung erfahrungen jahr jahre jahren kenntnis kenntnisse "
    "kollegen mitarbeiter profil stelle unternehmen umfeld "
    "an année années candidat entreprise équipe équipes expérience mission missions poste profil "
    "año años candidato empresa equipo experiencia funciones perfil puesto requisitos "
    "ansøgning erfaring kollegaer medarbejder opgaver stilling virksomhed"
)
