"""Sites that one plan opens, closes or changes against another, with their names."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.instance import Floats
from siting.language import Label
from siting.plan import open_option_of_site
from siting.pricing import Solved
from siting.results.facilities import is_named
from siting.results.results import Results
from siting.vocabulary import Echelon


def changed_sites(results: Results, solved: Solved, found: Floats | None) -> pd.DataFrame:
    """Return the sites that column values `found` open, close or change against the plan, in the last year or case.

    `id`, names, `echelon` and `change`: `opened`, `closed_now` or `resized`; no rows where nothing was found.
    """
    columns = ["id", "name_en", "name_zh", "echelon", "change"]
    if found is None:
        return pd.DataFrame(columns=columns)
    instance = results.run.instance
    plans = (solved.whole.plans_of(values)[-1] for values in (solved.values, found))
    old, new = (open_option_of_site(instance, plan) for plan in plans)
    rows = []
    for site in np.flatnonzero(old != new):
        change = "opened" if old[site] < 0 else "closed_now" if new[site] < 0 else "resized"
        label, echelon = site_label(results, int(site)), Echelon(int(instance.sites.echelon[site]))
        rows.append((str(instance.sites.id[site]), label.en, label.zh, echelon.key, change))
    return pd.DataFrame(rows, columns=columns)


def site_label(results: Results, site: int) -> Label:
    """Return the name of a place: that of its facility, its own, or its kind with its id."""
    record = results.run
    id_ = str(record.instance.sites.id[site])
    if id_ in results.facility_labels:
        return results.facility_labels[id_]
    name, kind = (str(record.geography.sites[key].to_numpy()[site]) for key in ("name", "kind"))
    shown = name if is_named(name) and name != "nan" else f"{kind} {id_}"
    return Label(shown, shown)
