"""The README.md of every saved taxonomy: what it holds, where it is from, what it may be used for."""

from typing import Final

from metier.taxonomy.facts import Facts

ATTRIBUTION: Final = "This service uses the ESCO classification of the European Commission."
_ESCO_NOTICE: Final = f"""
## Source and reuse

{ATTRIBUTION}

Source: ESCO, European Skills, Competences, Qualifications and Occupations, European Commission.
© European Union, 2017. Reuse is authorised provided the source is acknowledged. The reuse policy of European
Commission documents is regulated by Decision 2011/833/EU (OJ L 330, 14.12.2011, p. 39).

This is an **adapted version** of ESCO: it holds concept URIs, codes, preferred and alternative labels, the
hierarchy and the occupation-skill relations. Descriptions and hidden labels are left out, white space in
labels is collapsed, an alternative label equal to the preferred one is dropped, and so are relations of
concepts that the release does not define. Vectors, where the folder holds them, are metier's own and no part
of ESCO.
"""


def card(facts: Facts) -> str:
    """Write the card of a taxonomy.

    Args:
        facts: What the taxonomy states.

    Returns:
        Markdown; with ESCO's attribution and reuse notice where the name is ESCO.
    """
    n_alternatives = sum(len(skill.alternatives) for skill in facts.skills)
    n_relations = sum(map(len, facts.essential)) + sum(map(len, facts.optional))
    return f"""# {facts.name} {facts.version}

A taxonomy index of metier.

| what | how many |
| --- | ---: |
| languages | {", ".join(facts.languages)} |
| skills | {len(facts.skills):,} |
| their alternative labels | {n_alternatives:,} |
| occupations | {len(facts.occupations):,} |
| groups | {len(facts.groups):,} |
| occupation-skill relations | {n_relations:,} |
{_ESCO_NOTICE if facts.name == "ESCO" else ""}"""
