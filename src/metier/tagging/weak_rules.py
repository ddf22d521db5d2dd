"""Beyond the paper: several spans per sentence, by grammar, the taxonomy's labels, and what a sentence is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from metier.domain import MentionKind
from metier.tagging.weak import Found, without_overlaps
from metier.tagging.weak_encoder import Pooling, WordEncoder
from metier.tagging.weak_grammar import Parse, ParsedSentence
from metier.tagging.weak_knowledge import KnowledgeRules
from metier.tagging.weak_phrases import traits, verb_phrases
from metier.tagging.weak_skills import Words

Demand = Callable[[Sequence[Sequence[str]]], list[float]]  # words of sentences -> how much each asks of a candidate

_BATCH: Final = 512
# Written for this purpose: what a sentence sounds like that asks something of the candidate, and one that does not.
_ASKING: Final = (
    "You have experience with these technologies.",
    "Strong knowledge of the field is required.",
    "You will be responsible for developing and maintaining systems.",
    "Ability to work independently and in a team.",
    "Your tasks will be to plan and coordinate projects.",
    "We expect you to have good communication skills.",
    "Familiarity with these tools is a plus.",
    "Design, build and test software.",
    "Advise customers and solve their problems.",
    "You are structured, curious and proactive.",
    "Support the team and train new colleagues.",
    "Fluent in English, spoken and written.",
)
_TELLING: Final = (
    "We are a leading company with offices around the world.",
    "We offer a competitive salary, pension and health insurance.",
    "Please send your application and CV before the deadline.",
    "We are an equal opportunity employer and celebrate diversity.",
    "Our office is located in the city centre.",
    "Read more about us on our website.",
    "The position is full-time and starts as soon as possible.",
    "Our products help millions of customers every day.",
    "Job type: full-time, company size: 51-200 people.",
    "You will join a team of ten colleagues.",
    "If you have questions, please contact the manager.",
    "About us",
    "Responsibilities",
    "What we offer you",
)


@dataclass(frozen=True, kw_only=True)
class RuleOptions:
    """Which sentences are read, and how boldly."""

    least_demand: float = -2.0  # a sentence that asks less has no span; -2 reads all
    bold_above: float = 0.0  # a sentence that asks more also has knowledge that nothing governs


class RuleFinder:
    """Finds skills and knowledge by grammar; both may be in the same place."""

    def __init__(
        self, labels: Mapping[Words, MentionKind], *, parse: Parse, demand: Demand | None, options: RuleOptions
    ) -> None:
        """Hold the parts.

        Args:
            labels: What the taxonomy calls knowledge, as `metier.tagging.weak_skills.label_words` gives it.
            parse: The parser.
            demand: How much a sentence asks of the candidate; None: all are read, and none boldly.
            options: How.
        """
        self._knowledge = KnowledgeRules(labels)
        self._parse = parse
        self._demand = demand
        self._options = options

    def find(self, sentences: Sequence[Sequence[str]]) -> list[list[Found]]:
        """Find the spans of each sentence; see `metier.tagging.weak.SpanFinder`.

        Args:
            sentences: Words of each sentence.

        Returns:
            One list per sentence; of skills that overlap, the longest is kept.
        """
        options = self._options
        demands = [options.bold_above] * len(sentences) if self._demand is None else self._demand(sentences)
        read = [number for number, demand in enumerate(demands) if demand > options.least_demand]
        found: list[list[Found]] = [[] for _ in sentences]
        for number, parsed in zip(read, self._parse([sentences[number] for number in read]), strict=True):
            found[number] = self._spans(parsed, bold=demands[number] > options.bold_above)
        return found

    def _spans(self, sentence: ParsedSentence, *, bold: bool) -> list[Found]:
        skills = [Found(start, end, "skill") for start, end in verb_phrases(sentence) + traits(sentence)]
        knowledge = self._knowledge.phrases(sentence, unsure=bold)
        longest_first = sorted(skills, key=lambda one: (one.start - one.end, one.start))
        return without_overlaps(longest_first + [Found(start, end, "knowledge") for start, end in knowledge])


def sentence_demand(encoder: WordEncoder, *, pooling: Pooling = "mean") -> Demand:
    """Tell how much sentences ask of a candidate, from examples that we wrote and no labels.

    Args:
        encoder: What reads sentences and examples.
        pooling: How it reads them.

    Returns:
        A function: words of sentences -> for each, its cosine to the closest example that asks something, less
        its cosine to the closest example that does not; in [-2, 2], and -2 for a sentence without words.
    """
    asking, telling = (
        encoder.phrases([text.split() for text in some], pooling=pooling) for some in (_ASKING, _TELLING)
    )

    def demand(sentences: Sequence[Sequence[str]]) -> list[float]:
        margins = [-2.0] * len(sentences)
        filled = [number for number, words in enumerate(sentences) if words]
        for first in range(0, len(filled), _BATCH):
            block = filled[first : first + _BATCH]
            vectors = encoder.phrases([sentences[number] for number in block], pooling=pooling)
            differences = (vectors @ asking.T).max(axis=1) - (vectors @ telling.T).max(axis=1)
            for number, difference in zip(block, differences.tolist(), strict=True):
                margins[number] = difference
        return margins

    return demand
