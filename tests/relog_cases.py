"""Cases in RELOG's format, written by hand from facts."""

from __future__ import annotations

import json


def series(value, n=2):
    return value if isinstance(value, list) else [value] * n


def size(opening, fixed, variable, n=2):
    return {
        "opening cost ($)": series(opening, n),
        "fixed operating cost ($)": series(fixed, n),
        "variable operating cost ($/tonne)": series(variable, n),
    }


def at(lat, lon, **more):
    return {"latitude (deg)": lat, "longitude (deg)": lon, **more}


def offers(figures, n=2):
    """From (latitude, longitude, tonnes)."""
    return {f"C{k}": at(lat, lon, **{"amount (tonne)": series(t, n)}) for k, (lat, lon, t) in enumerate(figures, 1)}


def small_disposal(cost, limit=None):
    return {"cost ($/tonne)": series(cost)} | ({} if limit is None else {"limit (tonne)": series(limit)})


def two_stage_case():
    """The figures of RELOG's first sample: ten centres, six plants of four types, two years."""
    centres = [
        (7, 7, 934.56), (7, 19, 198.95), (84, 76, 212.97), (21, 16, 352.19), (32, 92, 510.33), (14, 62, 471.66),
        (30, 83, 785.21), (35, 40, 706.17), (74, 52, 30.08), (22, 54, 536.52),
    ]  # fmt: skip
    fares = {"P1": 0.015, "P2": 0.02, "P3": 0.0125, "P4": 0.0175}
    products = {name: {"transportation cost ($/km/tonne)": series(fare)} for name, fare in fares.items()}
    products["P1"]["initial amounts"] = offers(centres)
    few = {name: small_disposal(-10.0, 1.0) for name in ("P2", "P3")}
    first = {
        "L1": at(
            0, 0, disposal=few, **{"capacities (tonne)": {"250.0": size(500, 30, 30), "1000.0": size(1250, 30, 30)}}
        ),
        "L2": at(0.5, 0.5, **{"capacities (tonne)": {"0.0": size(1000, 50, 50), "10000.0": size(10_000, 50, 50)}}),
    }
    second = {
        "L3": at(25, 65, disposal={"P3": small_disposal(100)}, **{"capacities (tonne)": {"1000": size(3000, 50, 50)}}),
        "L4": at(0.75, 0.2, **{"capacities (tonne)": {"10000": size(3000, 50, 50)}}),
    }
    third = {"L5": at(100, 100, **{"capacities (tonne)": {"15000": size(0, 0, -15)}})}
    fourth = {"L6": at(50, 50, **{"capacities (tonne)": {"10000": size(0, 0, -15)}})}
    plants = {
        "F1": {"input": "P1", "outputs (tonne/tonne)": {"P2": 0.2, "P3": 0.5}, "locations": first},
        "F2": {"input": "P2", "outputs (tonne/tonne)": {"P3": 0.05, "P4": 0.8}, "locations": second},
        "F3": {"input": "P4", "locations": third},
        "F4": {"input": "P3", "locations": fourth},
    }
    return {"parameters": {"time horizon (years)": 2}, "products": products, "plants": plants}


def one_plant_case(**changes):
    """One centre, one plant that makes nothing; capacity 100 to 300 t."""
    capacities = {"100": size(1000, 10, 2), "300": size(1400, 30, 2)}
    plant = at(0, 0, **{"capacities (tonne)": capacities}) | changes.pop("plant", {})
    product = {"transportation cost ($/km/tonne)": series(0.0), "initial amounts": offers([(0, 0, [120, 150])])}
    return {
        "parameters": {"time horizon (years)": 2} | changes.pop("parameters", {}),
        "products": {"P": product | changes.pop("product", {})},
        "plants": {"F": {"input": "P", "locations": {"L": plant}}},
    }


def later_case():
    """The case of one plant in the format 0.8, with disposal at the centre."""
    centre = at(0, 0, input=None, outputs=["P"], **{
        "fixed output (tonne)": {"P": [120, 150]}, "variable output (tonne/tonne)": {"P": 0}, "revenue ($/tonne)": None,
        "collection cost ($/tonne)": {"P": 3.0}, "operating cost ($)": 7.0,
        "disposal limit (tonne)": {"P": 20.0}, "disposal cost ($/tonne)": {"P": 4.0},
    })  # fmt: skip
    plant = at(0, 0, **{
        "input mix (%)": {"P": 100}, "output (tonne)": {}, "storage limit (tonne)": {"P": 0},
        "capacities": [{"size (tonne)": 100} | size(1000, 10, 2), {"size (tonne)": 300} | size(1400, 30, 2)],
    })  # fmt: skip
    products = {"P": {"transportation cost ($/km/tonne)": 0.0, "disposal limit (tonne)": None}}
    return {
        "parameters": {"time horizon (years)": 2}, "products": products, "centers": {"C1": centre},
        "plants": {"L": plant},
    }  # fmt: skip


def write_case(folder, case):
    path = folder / "case.json"
    path.write_text(json.dumps(case), encoding="utf-8")
    return path
