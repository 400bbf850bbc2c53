"""A server on 127.0.0.1 that answers as Nominatim and Overpass do, from an OpenStreetMap file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import osmium
import shapely

STATUS = (
    "Connected as: 1\nCurrent time: 2026-01-01T00:00:00Z\nAnnounced endpoint: none\nRate limit: 2\n"
    "2 slots available now.\nCurrently running queries (pid, space limit, time limit, start time):\n"
)
QUERY = re.compile(r"^\[out:json\]\[timeout:\d+\];\((?P<statements>.*)\);\(\._;>;\);out;$")
STATEMENT = re.compile(r'(node|way|relation)((?:\["[^"\]]+"(?:[=~]"[^"]*")?\])+)\(poly:"([-0-9. ]+)"\);')
FILTER = re.compile(r'\["([^"]+)"(?:([=~])"([^"]*)")?\]')
LETTER = {"n": "node", "w": "way", "r": "relation"}
Element = dict[str, Any]


def elements_of(path: Path) -> dict[tuple[str, int], Element]:
    """Every object of the file as Overpass writes it."""
    found: dict[tuple[str, int], Element] = {}
    for thing in osmium.FileProcessor(path):
        element: Element = {"type": LETTER[thing.type_str()], "id": thing.id}
        if thing.is_node():
            element |= {"lat": thing.location.lat, "lon": thing.location.lon}
        elif thing.is_way():
            element["nodes"] = [node.ref for node in thing.nodes]
        else:
            element["members"] = [{"type": LETTER[m.type], "ref": m.ref, "role": m.role} for m in thing.members]
        if tags := {tag.k: tag.v for tag in thing.tags}:
            element["tags"] = tags
        found[element["type"], element["id"]] = element
    return found


class Extract:
    """Answers queries from the objects of a file."""

    def __init__(self, path: Path) -> None:
        self.elements = elements_of(path)
        self.tagged = {
            of: [one for one in self.elements.values() if one["type"] == of and "tags" in one] for of in LETTER.values()
        }
        self.inside: dict[str, set[int]] = {}
        nodes = [one for one in self.elements.values() if one["type"] == "node"]
        self.box = shapely.MultiPoint([(one["lon"], one["lat"]) for one in nodes]).envelope

    def run(self, query: str) -> list[Element]:
        """What the query asks for; ValueError where Overpass would not understand it."""
        whole = QUERY.match(query)
        if not whole or STATEMENT.sub("", whole["statements"]):
            raise ValueError("parse error")
        found: set[tuple[str, int]] = set()
        for of, filters, polygon in STATEMENT.findall(whole["statements"]):
            inside = self.nodes_in(polygon)
            wanted = FILTER.findall(filters)
            found |= {
                (of, one["id"]) for one in self.tagged[of] if fits(one["tags"], wanted) and self.touches(one, inside)
            }
        return [self.elements[key] for key in self.with_members(found)]

    def nodes_in(self, corners: str) -> set[int]:
        if corners not in self.inside:
            numbers = [float(number) for number in corners.split()]
            polygon = shapely.Polygon(list(zip(numbers[1::2], numbers[::2], strict=True)))
            nodes = [one for one in self.elements.values() if one["type"] == "node"]
            is_in = shapely.contains_xy(polygon, [one["lon"] for one in nodes], [one["lat"] for one in nodes])
            self.inside[corners] = {one["id"] for one, yes in zip(nodes, is_in, strict=True) if yes}
        return self.inside[corners]

    def touches(self, one: Element, inside: set[int]) -> bool:
        if one["type"] == "node":
            return one["id"] in inside
        if one["type"] == "way":
            return not inside.isdisjoint(one["nodes"])
        members = [self.elements.get((member["type"], member["ref"])) for member in one["members"]]
        return any(member and member["type"] != "relation" and self.touches(member, inside) for member in members)

    def with_members(self, found: set[tuple[str, int]]) -> list[tuple[str, int]]:
        """Also the members of relations, and the nodes of ways: `>` of Overpass."""
        ways = set(found)
        for of, number in found:
            if of == "relation":
                ways |= {(m["type"], m["ref"]) for m in self.elements[of, number]["members"] if m["type"] != "relation"}
        ways &= self.elements.keys()
        nodes = {("node", ref) for key in ways if key[0] == "way" for ref in self.elements[key]["nodes"]}
        return sorted(ways | (nodes & self.elements.keys()))


def fits(tags: dict[str, str], wanted: list[tuple[str, str, str]]) -> bool:
    return all(
        key in tags and (not how or (tags[key] == value if how == "=" else re.search(value, tags[key]) is not None))
        for key, how, value in wanted
    )


class Answers(BaseHTTPRequestHandler):
    """Nominatim under /search, Overpass under /api."""

    extract: Extract
    asked: list[str]
    statuses: list[int]
    remark: str | None

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.asked.append(address.path)
        if self.statuses:
            self.answer(self.statuses.pop(0), b"busy")
        elif address.path == "/api/status":
            self.answer(200, STATUS.encode(), "text/plain")
        elif address.path == "/portal/search":
            self.answer(200, b"<html>Please sign in to this network</html>", "text/html")
        elif address.path == "/search":
            self.answer(200, json.dumps(self.places(parse_qs(address.query)["q"][0])).encode())
        else:
            self.answer(404, b"no such page")

    def do_POST(self) -> None:
        self.asked.append(self.path)
        if not self.path.endswith("/interpreter") or self.path.startswith("/elsewhere"):
            self.answer(404, b"<html>no such page</html>", "text/html")
            return
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            elements = self.extract.run(parse_qs(body)["data"][0])
        except ValueError:
            self.answer(400, b"<html>parse error</html>", "text/html")
            return
        facts = {"version": 0.6, "osm3s": {"timestamp_osm_base": "2019-04-21T00:00:00Z"}, "elements": elements}
        self.answer(200, json.dumps(facts | ({"remark": self.remark} if self.remark else {})).encode())

    def places(self, name: str) -> list[Element]:
        if name == "Atlantis":
            return []
        west, south, east, north = self.extract.box.bounds
        outline = self.extract.box.buffer(0.001) if name != "A bench" else self.extract.box.centroid
        return [
            {
                **{"osm_type": "relation", "osm_id": 1, "lat": str(south), "lon": str(west), "display_name": name},
                **{"importance": 0.8, "boundingbox": [str(south), str(north), str(west), str(east)]},
                "geojson": json.loads(shapely.to_geojson(outline)),
            }
        ]

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""


@contextmanager
def served(extract: Extract, *, statuses: list[int] | None = None, remark: str | None = None) -> Iterator[Any]:
    """The server's address and the list of pages asked for; `statuses` come first, one for each page."""
    asked: list[str] = []
    kind = type("Bound", (Answers,), {"extract": extract, "asked": asked, "statuses": statuses or [], "remark": remark})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
