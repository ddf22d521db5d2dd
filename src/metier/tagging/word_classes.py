"""What an English word may be, told by short lists and endings: enough to see what a conjunction joins.

The verbs are those that open the labels of ESCO's skills most often, and those that postings add; the fixed terms are
the pairs that are one idea. The lists are closed on purpose: a word that is in none of them gives no reason to split.
"""

import re
from functools import cache
from typing import Final, Literal

Form = Literal["base", "ing", "s"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VERBS: Final = _words(
    "adapt add address adjust administer adopt advise align allocate analyse analyze answer anticipate apply "
    "approve arrange assemble assess assign assist attach attend audit automate bake balance build calculate "
    "calibrate capture care carry check clean coach collaborate collect combine communicate compare compile "
    "complete comply conceptualize conduct configure connect construct consult contribute control convert cook "
    "cooperate coordinate cope create cut deal debug decorate define deliver demonstrate describe deploy design "
    "detect determine develop diagnose discover discuss dismantle dispose distribute document draft draw drive "
    "edit educate encourage enable enforce engage engineer ensure escalate establish estimate evaluate examine execute "
    "expand explain explore extend facilitate feed fill find fit fix follow forecast formulate foster gather give "
    "greet groom grow guide handle harvest have help hire identify implement improve incorporate inform influence "
    "initiate innovate insert inspect inspire install instruct integrate interact interpret interview investigate "
    "issue keep label launch lead learn leverage liaise listen load maintain make manage manufacture measure meet "
    "match mentor merge migrate mix model modify monitor motivate mount move negotiate observe obtain offer "
    "operate optimise optimize order organise organize oversee own pack paint participate perform place plan "
    "polish position prepare practise prescribe present preserve prevent prioritise prioritize process procure "
    "produce profile program promote propose protect provide publish purchase read receive recognise recommend "
    "record recruit refactor register regulate release relocate remove repair replace report represent research "
    "resolve respond restore review revise run scale schedule secure select sell serve service set shape sharpen "
    "share sketch sort solve source steer store streamline strengthen study summarise supervise supply support "
    "take teach tend test think track train transfer transform translate transport travel treat troubleshoot "
    "understand undertake update upgrade use utilise utilize validate verify walk wash weigh weld wire work write"
)

# As verbs they may open a mention; further on, or with a noun behind them, they are as likely nouns.
NOUN_VERBS: Final = _words(
    "balance care check control cut design document draft drive estimate feed forecast help influence issue label "
    "launch lead load measure model move match mount offer order pack paint place plan polish position present "
    "process profile program purchase record release repair report research review run scale schedule service set "
    "shape share sketch source store study supply support test track train transfer transport travel treat update "
    "upgrade use wash walk wire work"
)
FIRST_NOUN_VERBS: Final = _words(
    "control design model process program research sales service source support test transport"
)
# Before a noun they are nouns too: "marketing campaigns" are not what somebody markets.
ING_MODIFIERS: Final = _words(
    "accounting banking building consulting engineering learning manufacturing marketing programming"
)
ING_NOUNS: Final = _words(
    "accounting banking building cleaning coaching consulting debugging engineering forecasting hosting learning "
    "manufacturing marketing mentoring modelling modeling monitoring planning polishing prioritising processing "
    "profiling programming purchasing recruiting reporting scheduling teaching testing training troubleshooting "
    "welding writing"
)
INTRANSITIVE: Final = _words(
    "collaborate communicate cooperate grow innovate interact learn listen participate relocate travel"
)
WITH_VERBS: Final = _words("collaborate communicate consult cooperate engage interact liaise negotiate work")
PREPOSITION_VERBS: Final = _words(
    "collaborate comply contribute cooperate cope deal interact liaise listen participate report respond tend work"
)
# Of what these do to two things together, nothing is left for one of them alone.
COLLECTIVE: Final = _words(
    "balance balancing between bridge bridging combine combining compare comparing connect connecting difference "
    "merge merging reconcile reconciling"
)

DEGREES: Final = _words(
    "advanced basic broad deep demonstrable effective excellent exceptional extensive fluent good great in-depth "
    "outstanding profound proven solid sound strong superb thorough"
)
FRAMES: Final = _words(
    "ability able acquaintance background capable comfortable command competence competent degree exposure "
    "experience experienced expertise familiar familiarity fluency fluent grasp insight interest interested "
    "knowledge knowledgeable passion passionate proficiency proficient responsibility responsible skilled skills "
    "track-record understanding versed willing willingness"
)
PREPOSITIONS: Final = _words(
    "about across after against alongside among around as at before beyond between by concerning during for from in "
    "into of on over per regarding through throughout to towards under using via with within without"
)
WIDE_TAILS: Final = _words("across at by during in into through to under using via within")
PARTICLES: Final = _words("down off out up over")
DETERMINERS: Final = _words("a all an any each every her his its my our other some the their these this those your")
PRONOUNS: Final = _words("it them itself themselves yourself him")
# A clause with a verb of its own begins after one of these, or has ended before one.
CLAUSE_WORDS: Final = _words(
    "are be because been can has how if is must should so that was were what when where whether which while who whom "
    "whose why will"
)

# Heads that are never asked for bare: what stands before them modifies them, however long the list.
SKILL_HEADS: Final = _words("abilities ability capabilities competence competences competencies skill skills")
_COUNT_NOUNS: Final = _words(
    "account animal application asset box brand budget building business child client cloud code company consumer "
    "contract crop customer data database day department device document employee end event exhibition floor game "
    "group guest home image incident machine market material member menu network night object partner patient "
    "pipeline plant player portfolio process product project pupil release requirement resource risk room school "
    "server shift site software stakeholder store student supplier system task team tenant tool unit user vehicle "
    "vendor video visitor web website worker"
)
_PROCESSES: Final = _words(
    "administration analysis assessment collection configuration coordination delivery deployment design "
    "development documentation evaluation execution implementation inspection installation integration "
    "maintenance migration mining modelling modeling monitoring operation optimisation optimization planning "
    "preparation prioritisation processing procurement production programming recruitment repair resolution "
    "review selection setup storage testing transformation troubleshooting validation verification visualisation "
    "visualization"
)
_ADJECTIVES: Final = _words(
    "accurate back big clean clear complex daily dark early efficient embedded external fast flexible foreign "
    "front full high human independent internal junior large light live local long low mobile modern monthly "
    "native near new off on open oral part private public relevant remote safe seamless secure senior short "
    "simple small soft spoken stable transparent verbal weekly written young"
)
_ADJECTIVE_ENDINGS: Final = ("al", "ive", "ic", "ous", "able", "ible", "ful", "less", "ed")
_NOT_ADJECTIVES: Final = _words(
    "animal appraisal approval arrival archive cable capital clinic deal deliverable disposal drive executive "
    "fabric feed goal graphic hospital incentive initiative journal logic manual material meal metal metric "
    "motive music need objective perspective portal proposal removal renewal representative seed speed table "
    "terminal topic traffic variable withdrawal"
)
_NOT_ADVERBS: Final = _words(
    "apply assembly comply daily early family friendly monthly multiply only reply supply timely weekly"
)
_ADVERBS: Final = _words("abroad alone further remotely together well")
_PLURALS: Final = _words("children people staff women men")
_NOT_PLURALS: Final = _words(
    "always aws bias communications devops ios kubernetes news operations rails sales sas series systems windows"
)
_PROCESS_ENDINGS: Final = ("tion", "sion", "ment", "ing", "sis", "ance", "ence")
_NOT_PROCESSES: Final = _words("equipment environment document department experience science")

_FIXED: Final = (
    "accounts payable and receivable|arts and crafts|back and forth|bed and breakfast|black and white|"
    "bread and butter|business and pleasure|client/server|command and control|cost and freight|"
    "cut and paste|day to day|do's and don'ts|dos and don'ts|drag and drop|drug and alcohol|"
    "extract, transform and load|extract, transform, load|facts and figures|first come and first served|"
    "food and beverage|food and beverages|food and drink|give and take|hardware and software|"
    "health and safety|health and welfare|hide and seek|hit and run|hospitality and catering|"
    "input and output|learning and development|loading and unloading|loss and damage|lost and found|"
    "marks and spencer|mergers and acquisitions|nuts and bolts|oil and gas|over and above|peer to peer|"
    "pick and place|plug and play|point and click|profit and loss|pros and cons|question and answer|"
    "questions and answers|ready and willing|research and development|rise and fall|rules and regulations|"
    "safety and health|search and rescue|sense and respond|stocks and bonds|supply and demand|"
    "sweet and sour|terms and conditions|test and learn|thick and thin|to and from|track and trace|"
    "trial and error|try and buy|up and running|wear and tear|wining and dining"
)


@cache
def fixed_terms() -> re.Pattern[str]:
    """Give the pattern of the terms that are never parted, with `and` or `&`, in any case."""
    written = [
        r"\s+".join(r"(?:and|&)" if word == "and" else re.escape(word) for word in term.split())
        for term in sorted(_FIXED.split("|"), key=len, reverse=True)
    ]
    names = r"(?-i:[A-Z][a-z]+\s*&\s*[A-Z][a-z]+)|\b\w\s+&\s+\w"  # Ernst & Young; P & L
    return re.compile(rf"(?<![\w-])(?:{'|'.join(written)}|{names})(?![\w-])", re.IGNORECASE)


def verb_forms(word: str) -> frozenset[Form]:
    """Say which forms of a verb a word may be; none if it is no known verb and does not end like one."""
    lower = word.lower()
    if lower.endswith(("ize", "ify")):
        return frozenset(["base"])
    return frozenset(["ing"]) if lower.endswith(("izing", "ifying")) else _forms().get(lower, frozenset())


def is_verb_of(word: str, verbs: frozenset[str]) -> bool:
    """Tell whether a word is one of some verbs, as it is or with -ing."""
    lower = word.lower()
    return bool({lower, lower.removesuffix("ing"), f"{lower.removesuffix('ing')}e"} & verbs)


@cache
def _forms() -> dict[str, frozenset[Form]]:
    found: dict[str, frozenset[Form]] = {}
    for verb in _VERBS:
        stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
        doubled = verb + verb[-1] if re.fullmatch(r"[^aeiou]*[aeiou][bdgmnprt]", verb) else verb
        third = (f"{verb}s", f"{verb}es", f"{verb[:-1]}ies")  # some that no verb has do no harm
        forms: dict[str, Form] = {verb: "base", f"{stem}ing": "ing", f"{doubled}ing": "ing"}
        forms |= dict.fromkeys(third, "s")
        for text, form in forms.items():
            found[text] = found.get(text, frozenset()) | {form}
    return found


def is_adverb(word: str) -> bool:
    """Tell `quickly` and `together` from other words."""
    lower = word.lower()
    return lower in _ADVERBS or (lower.endswith("ly") and len(lower) > 4 and lower not in _NOT_ADVERBS)


def is_adjective(word: str) -> bool:
    """Tell words that cannot stand without a noun: `verbal`, `long-term`."""
    lower = word.lower()
    if "-" in lower[:-1]:
        return lower == word and not lower.endswith("ing")
    if lower in _ADJECTIVES or lower in DEGREES:
        return True
    return lower.endswith(_ADJECTIVE_ENDINGS) and len(lower) > 4 and lower not in _NOT_ADJECTIVES


def is_plural(word: str) -> bool:
    """Tell plurals, which stand alone: `budgets`, `APIs`, `people`."""
    lower = word.lower()
    if lower in _PLURALS or (len(word) > 2 and word[-1] == "s" and word[:-1].isupper()):
        return True
    if lower in _NOT_PLURALS or lower.endswith(("ss", "us", "is", "ics")) or len(word) < 3 or not lower.endswith("s"):
        return False
    return word == lower


def is_count_noun(word: str) -> bool:
    """Tell nouns that cannot stand alone in the singular: `project`, `customer`."""
    return word.lower() in _COUNT_NOUNS


def is_process(word: str) -> bool:
    """Tell what is done to what stands before it: the `design` of "software design"."""
    return word.lower() in _PROCESSES


def takes_of(word: str) -> bool:
    """Tell nouns for an action, which is done to what follows `of`: `planning`, `review`."""
    lower = word.lower()
    return lower in _PROCESSES or (lower.endswith(_PROCESS_ENDINGS) and lower not in _NOT_PROCESSES)


def is_name(word: str) -> bool:
    """Tell names: `Java`, `gRPC`, `C++`, `.NET`."""
    return any(map(str.isupper, word)) or bool(re.search(r"[+#\d]", word))
