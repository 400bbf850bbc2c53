"""How long and how much memory the import of an OpenStreetMap extract takes, on one made of copies of another.

Usage: python benchmarks/osm_import.py EXTRACT.osm.pbf [WAYS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import osmium

from siting.inputs.osm import read_osm_file
from siting.inputs.osm.tables import LAYERS
from siting.journal import peak_memory_mb

STEP_DEG = 0.02
IDS_APART = 10_000_000_000


def tile(source: Path, out: Path, n_ways: int) -> int:
    """Write copies side by side until there are `n_ways`; the number of ways written."""
    things = list(osmium.FileProcessor(source, osmium.osm.WAY))
    copies = -(-n_ways // len(things))
    with osmium.SimpleWriter(out, overwrite=True) as writer:
        for kind in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for copy in range(copies):
                _copy(writer, source, kind, copy)
    return copies * len(things)


def _copy(writer: osmium.SimpleWriter, source: Path, kind: osmium.osm.osm_entity_bits, copy: int) -> None:
    shift, right, up = copy * IDS_APART, copy % 4 * STEP_DEG, copy // 4 * STEP_DEG
    for thing in osmium.FileProcessor(source, kind):
        if thing.is_node():
            at = (thing.location.lon + right, thing.location.lat + up)
            writer.add_node(thing.replace(id=thing.id + shift, location=at))
        elif thing.is_way():
            writer.add_way(thing.replace(id=thing.id + shift, nodes=[node.ref + shift for node in thing.nodes]))
        else:
            members = [(member.type, member.ref + shift, member.role) for member in thing.members]
            writer.add_relation(thing.replace(id=thing.id + shift, members=members))


def measure(path: Path) -> None:
    """Import and say how it went; in a process of its own, so that its memory is its own."""
    began = time.perf_counter()
    tables = read_osm_file(path)
    seconds = time.perf_counter() - began
    rows = ", ".join(f"{name} {len(getattr(tables, name)):,}" for name in LAYERS)
    print(f"{seconds:.1f} s ({time.process_time():.1f} s of processor), peak memory {peak_memory_mb():,.0f} MB: {rows}")


def main(arguments: list[str]) -> None:
    if arguments[0] == "--measure":
        measure(Path(arguments[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiled.osm.pbf"
        n_ways = tile(Path(arguments[0]), path, int(arguments[1]) if len(arguments) > 1 else 50_000)
        print(f"{n_ways:,} ways, {path.stat().st_size / 1e6:.1f} MB")
        subprocess.run([sys.executable, __file__, "--measure", str(path)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
