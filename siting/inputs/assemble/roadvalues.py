"""Values of a road layer in their usual spellings: classes, directions, who may use a road, speeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.inputs.osm.access import ROAD_CLASSES, signed_kmh
from siting.inputs.roads import flag_of
from siting.inputs.tables.wording import plain

FORWARD, AGAINST, BOTH = "forward", "against", "both"
DIRECTIONS = {
    FORWARD: ("forward", "yes", "true", "y", "1", "f", "ft", "是", "单行", "单向", "单行道", "单行线", "正向", "顺向"),
    AGAINST: ("against", "-1", "reverse", "backward", "tf", "反向", "逆向", "反方向"),
    BOTH: ("both", "no", "false", "n", "0", "b", "2", "否", "双向", "双行", "双行道", "reversible", "alternating"),
}
TOWARDS_START = "t"
"""Against the line where B or F stands beside it (Geofabrik, HERE), else perhaps the `true` of an old table."""
CLASSES = {
    "motorway": ("高速公路", "高速", "高速路", "expressway", "freeway", "highway"),
    "motorway_link": ("匝道", "高速匝道", "互通匝道", "立交匝道", "ramp"),
    "trunk": ("快速路", "城市快速路", "快速干道"),
    "primary": ("主干路", "主干道", "城市主干路", "主路", "国道", "省道", "arterial"),
    "secondary": ("次干路", "次干道", "城市次干路", "县道", "collector"),
    "tertiary": ("支路", "城市支路", "乡道", "镇道"),
    "unclassified": ("村道", "其他", "其它", "其他道路", "一般道路", "普通道路", "local", "other"),
    "residential": ("小区路", "小区道路", "居住区道路", "街巷", "巷道", "街道", "胡同", "street"),
    "service": ("内部道路", "内部路", "辅路", "便道", "专用道路"),
    "pedestrian": ("步行街", "步行道"),
    "footway": ("人行道", "人行便道", "人行天桥", "sidewalk"),
    "cycleway": ("自行车道", "非机动车道"),
    "path": ("小路", "小径"),
    "track": ("机耕路", "机耕道", "田间道路"),
}
OTHER_CLASSES = ("busway", "raceway", "escape", "rest_area", "services", "unknown", "living_street_link")
GEOFABRIK = ("track_grade1", "track_grade2", "track_grade3", "track_grade4", "track_grade5")
NO_SPEED = ("0", "-1", "signals", "variable", "none")
MOST_UNKNOWN = 0.05
"""Share of the roads whose value of a column may be unknown; more is an error."""
MOST_SHOWN = 8


@dataclass
class Unknown:
    """Values that nobody knows, counted by column; what they were taken for is told."""

    n_roads: int
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def tell(self, column: str, values: Counter[str], taken_for: str, cure: str) -> None:
        """Note the unknown values of a column, or make them a fault where they are many."""
        total = sum(values.values())
        if not total:
            return
        shown = ", ".join(f"{value!r} ({count:,})" for value, count in values.most_common(MOST_SHOWN))
        more = " …" if len(values) > MOST_SHOWN else ""
        words = f"{column}: {total:,} of {self.n_roads:,} roads have values that are not known: {shown}{more}"
        if total > MOST_UNKNOWN * self.n_roads:
            self.faults.append(f"{words}; {cure}")
        else:
            self.notes.append(f"{words}; taken for {taken_for}")


def directions(cells: pd.Series, unknown: Unknown, given: Mapping[str, str]) -> npt.NDArray[np.int64]:
    """Return 1 where a road is driven along its line only, −1 against it only, 0 both ways, shape `(n,)`."""
    meaning = {word: way for way, words in DIRECTIONS.items() for word in words}
    texts = [_text(cell) for cell in cells]
    there = set(texts)
    is_pair = TOWARDS_START in there and bool(there & {"b", "f"})
    if is_pair and "b" not in there and not there - {TOWARDS_START, "f", ""}:
        is_pair = False  # may be true and false
        del meaning["f"]
    if is_pair:
        meaning[TOWARDS_START] = AGAINST
    meaning |= {_text(value): way for value, way in given.items()}
    odd = Counter(text for text in texts if text and text not in meaning)
    cure = "map them with `values: {oneway: {…: forward}}`, to forward, against or both"
    unknown.tell("oneway", odd, "both ways", cure)
    sign = {FORWARD: 1, AGAINST: -1, BOTH: 0}
    return np.array([sign[meaning.get(text, BOTH)] for text in texts], dtype=np.int64)


def road_classes(cells: pd.Series, unknown: Unknown, given: Mapping[str, str]) -> pd.Series:
    """Return the classes of OpenStreetMap that words stand for; a word that is not known stays."""
    meaning = {plain(word): name for name, words in CLASSES.items() for word in words}
    meaning |= {plain(name): name for name in (*ROAD_CLASSES, *OTHER_CLASSES)}
    meaning |= {plain(name): "track" for name in GEOFABRIK}
    meaning |= {plain(value): name for value, name in given.items()}
    words = [None if pd.isna(cell) or not str(cell).strip() else str(cell).strip() for cell in cells]
    odd = Counter(word for word in words if word is not None and plain(word) not in meaning)
    cure = "map them with `values: {road_class: {…: residential}}`, to classes of OpenStreetMap"
    unknown.tell("road_class", odd, "streets to drive and walk on", cure)
    named = ["unclassified" if word is None else meaning.get(plain(word), word) for word in words]
    return pd.Series(named, index=cells.index, dtype=object)


def flags(cells: pd.Series, usual: pd.Series, unknown: Unknown, given: Mapping[str, str]) -> pd.Series:
    """Return yes and no as bool; by the class of the road (`usual`) where nothing is said."""
    name = str(cells.name)
    mapped = [given.get(str(cell), cell) for cell in cells]
    read = [None if pd.isna(cell) or not str(cell).strip() else flag_of(cell) for cell in mapped]
    odd = Counter(
        str(cell) for cell, flag in zip(mapped, read, strict=True) if flag is None and not pd.isna(cell) and str(cell)
    )
    unknown.tell(name, odd, "what the class says", f"map them with `values: {{{name}: {{…: yes}}}}`, to yes or no")
    kept = [bool(by_class) if flag is None else flag for flag, by_class in zip(read, usual, strict=True)]
    return pd.Series(kept, index=cells.index, dtype=bool)


def speeds(cells: pd.Series, unknown: Unknown) -> pd.Series:
    """Return speeds in km/h; NaN where none is given, or one that is no speed."""
    texts = [_text(cell).replace("公里/小时", "").replace("千米/时", "").strip() for cell in cells]
    read = [signed_kmh(text) if text and text not in NO_SPEED else None for text in texts]
    odd = Counter(
        text for text, speed in zip(texts, read, strict=True) if speed is None and text and text not in NO_SPEED
    )
    unknown.tell("speed_kmh", odd, "none given", "give km/h, or leave the cells empty")
    return pd.Series(read, index=cells.index, dtype=float)


def _text(cell: Any) -> str:
    """Return a cell as it is compared: 1.0 is 1, True is true, an empty one is empty."""
    if cell is None or (not isinstance(cell, str) and pd.isna(cell)):
        return ""
    if isinstance(cell, (bool, np.bool_)):
        return str(bool(cell)).lower()
    if isinstance(cell, (int, float, np.number)):
        return f"{float(cell):g}"
    word = plain(cell)
    try:
        return f"{float(word):g}"
    except ValueError:
        return word
