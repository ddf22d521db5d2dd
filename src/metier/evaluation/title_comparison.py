"""Several title predictors on the same pairs, and whether one is really better."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from metier.data.title_pairs import TitlePair
from metier.evaluation.titles import MEASURES, Suggests, TitleItems, TitleReport, group_sums, judge_items, title_items
from metier.measures.resampling import Difference, paired_bootstrap

COMPARED: Final = ("accuracy@1", "accuracy@10", "bleu_1@10")
SETTINGS: Final = ("masked", "unmasked")
_MAIN_VIEWS: Final = ("all", "postings", "esco")


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleComparison:
    """Several predictors on the same pairs, by name; the first is the one that the others are measured against."""

    reports: dict[str, dict[str, TitleReport]]  # name -> `masked`, `unmasked`
    # name (not the first) -> `masked`, `unmasked` -> view -> measure of `COMPARED` -> first minus this one
    differences: dict[str, dict[str, dict[str, dict[str, Difference]]]]

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "systems": {
                name: {setting: report.to_dict() for setting, report in reports.items()}
                for name, reports in self.reports.items()
            },
            "first_minus": {
                name: {
                    setting: {
                        view: {measure: found.to_dict() for measure, found in by_measure.items()}
                        for view, by_measure in views.items()
                    }
                    for setting, views in settings.items()
                }
                for name, settings in self.differences.items()
            },
        }


def compare_titles(
    predictors: Mapping[str, Suggests],
    pairs: Sequence[TitlePair],
    *,
    seed: int = 0,
    n_resamples: int = 1000,
    progress: Callable[[], None] = lambda: None,
) -> TitleComparison:
    """Evaluate several predictors on the same pairs, masked and unmasked.

    Args:
        predictors: Name -> predictor, one at least; the first is the one that the others are measured against.
        pairs: As for `evaluate_titles`.
        seed: Of all resamples.
        n_resamples: Of all tests; nothing is corrected for their number.
        progress: Called after each description, twice for each predictor.

    Returns:
        The reports and the paired differences.

    Raises:
        InputError: If there are no pairs.
    """
    items = title_items(pairs)
    reports = {
        name: {
            setting: judge_items(
                predictor, items, masked=setting == "masked", seed=seed, n_resamples=n_resamples, progress=progress
            )
            for setting in SETTINGS
        }
        for name, predictor in predictors.items()
    }
    first = next(iter(reports.values()))
    differences = {
        name: {
            setting: _differences(first[setting], found[setting], items=items, seed=seed, n_resamples=n_resamples)
            for setting in SETTINGS
        }
        for name, found in list(reports.items())[1:]
    }
    return TitleComparison(reports=reports, differences=differences)


def _differences(
    first: TitleReport, second: TitleReport, *, items: TitleItems, seed: int, n_resamples: int
) -> dict[str, dict[str, Difference]]:
    found: dict[str, dict[str, Difference]] = {}
    for view in _MAIN_VIEWS:
        if (inside := items.views.get(view)) is None:
            continue
        sides = [group_sums(report.points[inside], items.groups[inside]) for report in (first, second)]
        found[view] = {}
        for measure in COMPARED:
            columns = [MEASURES.index(measure), -1]
            one, other = (side[None, :, columns] for side in sides)  # one run each
            found[view][measure] = paired_bootstrap(
                one, other, lambda sums: sums[:, 0] / sums[:, 1], seed=seed, n_resamples=n_resamples
            )
    return found
