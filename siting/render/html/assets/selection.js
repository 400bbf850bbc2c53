// What is chosen: a facility with its catchment and flows, or a cell with its ways.

const nothingChosen = () => ({ lines: [], cells: [], facility: -1, cell: -1, related: null });

/** Rows of a table where a column holds `value`. */
function rowsWhere(column, value) {
  const rows = [];
  column.forEach((one, i) => { if (one === value) rows.push(i); });
  return rows;
}

const placeAt = (places, i) => [places[2 * i], places[2 * i + 1]];

/** What comes to a facility and what leaves it: rows of the plan's tables. */
function movesOf(plan, i) {
  return {
    walks: rowsWhere(plan.assignments.facility, i),
    given: rowsWhere(plan.directs.to, i),
    arriving: rowsWhere(plan.hauls.to, i),
    leaving: rowsWhere(plan.hauls.from, i),
  };
}

/** A facility with its catchment and the flows to and from it. */
function chosenFacility({ plan, at }, i) {
  const here = placeAt(at.facilities, i);
  const { assignments, hauls, directs } = plan;
  const { walks, given, arriving, leaving } = movesOf(plan, i);
  return {
    ...nothingChosen(),
    facility: i,
    cells: walks.map((r) => assignments.cell[r]),
    lines: [
      ...walks.map((r) => ({ from: placeAt(at.cells, assignments.cell[r]), to: here, tonnes: assignments.tonnes[r], colour: FLOW_COLOURS.collection })),
      ...given.map((r) => ({ from: placeAt(at.generators, directs.from[r]), to: here, tonnes: directs.tonnes[r], colour: FLOW_COLOURS.directs })),
      ...arriving.map((r) => ({ from: placeAt(at.facilities, hauls.from[r]), to: here, tonnes: hauls.tonnes[r], colour: FLOW_COLOURS.collection })),
      ...leaving.map((r) => ({ from: here, to: placeAt(at.facilities, hauls.to[r]), tonnes: hauls.tonnes[r], colour: FLOW_COLOURS.hauls })),
    ],
    related: new Set([i, ...arriving.map((r) => hauls.from[r]), ...leaving.map((r) => hauls.to[r])]),
  };
}

/** A cell with the ways of its residents. */
function chosenCell({ plan, at }, cell) {
  const walks = rowsWhere(plan.assignments.cell, cell);
  return {
    ...nothingChosen(),
    cell,
    cells: [cell],
    lines: walks.map((r) => ({
      from: placeAt(at.cells, cell),
      to: placeAt(at.facilities, plan.assignments.facility[r]),
      tonnes: plan.assignments.tonnes[r],
      colour: FLOW_COLOURS.collection,
    })),
    related: walks.length ? new Set(walks.map((r) => plan.assignments.facility[r])) : null,
  };
}

/** The box around what was chosen, as Leaflet's bounds. */
function selectionBounds(at, selected) {
  const own = selected.facility >= 0 ? [placeAt(at.facilities, selected.facility)] : [];
  const [u0, v0, u1, v1] = boxOf([...own, ...selected.cells.map((i) => at.cellRings[i]), ...selected.lines.flatMap(({ from, to }) => [from, to])]);
  return L.latLngBounds(latLngOf(u0, v0), latLngOf(u1, v1));
}

/** The nearest other open facility of the same echelon, and how far it is as the crow flies, m; null where there is none. */
function nextOfKind({ plan, at }, i) {
  const { action, echelon, y } = plan.facilities;
  const metresAcross = 40_075_017 * Math.cos(((plan.origin[1] + y[i] / PER_DEGREE) * Math.PI) / 180);
  let [best, found] = [Infinity, -1];
  echelon.forEach((one, j) => {
    if (j === i || one !== echelon[i] || !action[j] || action[j] === CLOSED) return;
    const far = Math.hypot(at.facilities[2 * j] - at.facilities[2 * i], at.facilities[2 * j + 1] - at.facilities[2 * i + 1]);
    if (far < best) [best, found] = [far, j];
  });
  return found < 0 ? null : { facility: found, distance_m: best * metresAcross };
}
