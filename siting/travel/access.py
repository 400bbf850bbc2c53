"""Where places reach the chains of a network, and how far they have to its junctions in each direction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from siting.travel.chains import Chains
from siting.travel.network import FloatArray, IntArray
from siting.travel.snap import Snap

AT_END_M = 1e-6


@dataclass(frozen=True)
class Access:
    """Places on the chains of a network.

    Attributes
    ----------
    chain
        Shape `(n,)`.
    ends
        Shape `(n, 2)`, the nodes at the two ends of the chain; −1 where a node is left out.
    along_m, rest_m
        Shape `(n,)`, length of the chain before and after the access, m.
    leg_m
        Shape `(n,)`, from the place to the access, detour included, m.
    way
        Shape `(n,)`: 0 where the chain is travelled both ways, 1 from its first node to its last only, −1 from its last
        to its first only.
    """

    chain: IntArray
    ends: IntArray
    along_m: FloatArray
    rest_m: FloatArray
    leg_m: FloatArray
    way: IntArray

    def __len__(self) -> int:
        return len(self.chain)

    @property
    def out_m(self) -> FloatArray:
        """Distance from the place to the two ends of its chain, shape `(n, 2)`, m; infinite against one-way.

        A place at the very end of its chain is at the junction and leaves it in any direction.
        """
        is_against = np.column_stack([self.way == 1, self.way == -1])
        end_m = np.column_stack([self.along_m, self.rest_m])
        return np.asarray(self.leg_m[:, None] + np.where(is_against & (end_m > AT_END_M), np.inf, end_m))

    @property
    def in_m(self) -> FloatArray:
        """Distance from the two ends of its chain to the place, shape `(n, 2)`, m; as `out_m`."""
        return self.turned().out_m

    def turned(self) -> Access:
        """Return the same places where every one-way street runs the other way."""
        return replace(self, way=-self.way)

    def take(self, rows: npt.NDArray[np.integer], node_number: IntArray | None = None) -> Access:
        """Return the access of some places; `node_number` renumbers the nodes (−1 leaves one out)."""
        ends = self.ends[rows] if node_number is None else node_number[self.ends[rows]]
        return Access(self.chain[rows], ends, self.along_m[rows], self.rest_m[rows], self.leg_m[rows], self.way[rows])


def access(chains: Chains, snapped: Snap, detour: float) -> Access:
    """Carry snapped places over to the chains; the leg is the straight line times `detour` (≥ 1)."""
    chain = chains.edge_chain[snapped.edge]
    from_m, to_m = chains.edge_from_m[snapped.edge], chains.edge_to_m[snapped.edge]
    along_m = from_m + snapped.share * (to_m - from_m)
    rest_m = np.maximum(chains.length_m[chain] - along_m, 0.0)
    way = chains.is_oneway[chain].astype(np.int64)
    return Access(chain, chains.ends[chain], along_m, rest_m, snapped.straight_m * detour, way)
