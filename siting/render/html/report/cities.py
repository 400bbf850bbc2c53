"""`cities.html`: one or several sweeps over cities, each with its sums, a map of bubbles, and a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from siting.instance import Floats, Ints
from siting.language import Label, Language, text
from siting.language.quantities import quantity
from siting.render.cities import city_table
from siting.render.html.charts.svg import Chart, tag, words
from siting.render.html.report.page import page_environment
from siting.render.html.report.parts import Piece, Section, Sentence
from siting.render.palette import BLUE, ORANGE, SKY
from siting.results.sweep.cities import CitySums, sums_of, with_place
from siting.results.sweep.outcome import Outcome
from siting.results.sweep.sweep import Sweep
from siting.vocabulary import Echelon

WIDTH, HEIGHT, EDGE = 860.0, 620.0, 46.0
LARGEST, SMALLEST = 30.0, 3.0
NAMED = 24
"""So many of the most populous cities are named on the map, as far as their names keep clear of each other."""
MOST_SOURCES = 3
"""Of the lines on sources, one each of alike cities, so many are shown."""
CLASSES = (SKY, BLUE, ORANGE)
"""Colours of the cheapest third of the cities by cost of a resident, of the middle and of the dearest."""


def draw_cities(sweeps: Sequence[tuple[Sweep, str | None]]) -> str:
    """Return the page of sweeps over cities, each with what links to its reports begin with; None: no links."""
    environment, style, script = page_environment()
    first = sweeps[0][0]
    n = sum(len(sweep.outcomes) for sweep, _ in sweeps)
    plans = sum(sweep.n_plans for sweep, _ in sweeps)
    return environment.get_template("evaluation.html.j2").render(
        languages=("en", "zh"),
        title=first.title,
        plan=text("cities.plan", plans=plans, n=n),
        city=text("cities.kind"),
        sections=[_section(number, *one) for number, one in enumerate(sweeps)],
        style=style,
        script=script,
    )


def _section(number: int, sweep: Sweep, links: str | None) -> Section:
    placed = with_place(sweep)
    pieces: list[Piece] = []
    if placed:
        pieces = [Sentence(_sums(sums_of(placed)), "key")]
    places = [one.place for one in placed if one.place]
    if any(one.is_made_up for one in places):
        pieces.append(Sentence(text("cities.made_up"), "caution"))
    sources = dict.fromkeys(one.source for one in places if one.source)
    pieces += [Sentence(Label(one, one), "note") for one in list(sources)[:MOST_SOURCES]]
    if len(placed) > 1:
        pieces.append(bubble_map(placed))
    pieces += [Sentence(text("cities.note"), "note"), city_table(sweep, links=links)]
    failed = [one for one in sweep.outcomes if not one.has_plan]
    pieces += [
        Sentence(Label(f"{one.title.en}: {one.message}", f"{one.title.zh}：{one.message}"), "missed") for one in failed
    ]
    return Section(f"cities-{number + 1}", sweep.title, tuple(pieces))


def _sums(sums: CitySums) -> Label:
    """Return the sums in a sentence: cities, residents, facilities, tonnes and cost."""
    opened = [
        text("cities.opened", n=number, echelon=one.label)
        for one in Echelon
        if (number := sums.opened.get(f"open_{one.key}"))
    ]
    return text(
        "cities.sums",
        n=sums.cities,
        residents=Label(f"{sums.residents / 1e6:,.1f} million", f"{sums.residents / 1e4:,.0f}万"),
        opened=Label(", ".join(one.en for one in opened), "、".join(one.zh for one in opened)),
        collected=quantity(sums.collected_t, "t/yr"),
        cost=quantity(sums.cost_cny, "CNY/yr"),
    )


def bubble_map(outcomes: Sequence[Outcome]) -> Chart:
    """Return a map of cities as bubbles by residents, coloured by the cost of a resident; it has no borders."""
    at, radius = _places(outcomes), _radii(outcomes)
    each = np.array([one.figures["cost_cny"] / one.figures["residents"] for one in outcomes])
    limits = np.quantile(each, [1 / 3, 2 / 3])
    of_class = np.searchsorted(limits, each, side="left")
    marks = [
        tag("circle", cx=float(x), cy=float(y), r=float(r), fill=CLASSES[number], fill_opacity=0.6, stroke="#fff")
        for (x, y), r, number in zip(at, radius, of_class, strict=True)
    ]

    def picture(language: Language) -> Markup:
        names = [words(name, x=x, y=y, text_anchor="middle", font_size=11, class_="on-paper")
                 for name, x, y in _named(outcomes, at, radius, language)]  # fmt: skip
        about = tag("title", Markup.escape(text("cities.map").in_language(language)))
        ground = tag("rect", width=WIDTH, height=HEIGHT, rx=8, fill="#fbfaf6")
        look = {
            "class_": "map",
            "role": "img",
            "viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}",
            "style": f"max-width:{WIDTH:g}px",
        }
        return tag("svg", about, ground, *marks, *names, *_legend(limits, language), **look)

    return Chart.of(picture)


def _legend(limits: Floats, language: Language) -> list[Markup]:
    """Return the colours with the costs of a resident that they stand for."""
    low, high = limits.tolist()
    parts = []
    for number, name in enumerate(("low", "middle", "high")):
        y = 20.0 + 17 * number
        label = text(f"cities.class.{name}", low=low, high=high).in_language(language)
        parts += [
            tag("circle", cx=16.0, cy=y - 4, r=5.0, fill=CLASSES[number], fill_opacity=0.6),
            words(label, x=28, y=y, font_size=12, class_="on-paper"),
        ]
    parts.append(words(text("cities.size").in_language(language), x=10, y=20 + 17 * 3, font_size=12, class_="on-paper"))
    return parts


def _places(outcomes: Sequence[Outcome]) -> Floats:
    """Return where each city lies on the paper, (n, 2): degrees, shrunk by the middle latitude, to fill it."""
    degrees = np.array([(one.place.lon, one.place.lat) for one in outcomes if one.place])
    middle = degrees.mean(axis=0)
    flat = (degrees - middle) * np.array([np.cos(np.radians(middle[1])), -1.0])
    low, high = flat.min(axis=0), flat.max(axis=0)
    room = np.array([WIDTH, HEIGHT]) - 2 * EDGE
    scale = float(np.min(room / np.maximum(high - low, 1e-6)))
    return np.asarray(EDGE + (flat - low) * scale + (room - (high - low) * scale) / 2)


def _radii(outcomes: Sequence[Outcome]) -> Floats:
    residents = np.array([one.figures["residents"] for one in outcomes])
    return np.maximum(SMALLEST, LARGEST * np.sqrt(residents / max(1.0, float(residents.max()))))


def _named(
    outcomes: Sequence[Outcome], at: Floats, radius: Floats, language: Language
) -> list[tuple[str, float, float]]:
    """Return names with their places, the most populous first; those that would stand on another are left out."""
    order: Ints = np.argsort(-radius, kind="stable")
    found: list[tuple[str, float, float]] = []
    for k in order[:NAMED].tolist():
        place = outcomes[k].place
        name = "" if place is None else place.name.in_language(language)
        x, y = float(at[k, 0]), float(at[k, 1] + radius[k] + 11)
        width = 6.0 * sum(2 if ord(letter) > 0x2E7F else 1 for letter in name)
        clear = all(abs(x - other_x) > width or abs(y - other_y) > 13 for _, other_x, other_y in found)
        if name and clear:
            found.append((name, x, y))
    return found
