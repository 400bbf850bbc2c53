// The catchment and flows of what was chosen.

/** Rows of a table where a column holds `value`. */
function rowsWhere(column, value) {
  const rows = [];
  column.forEach((one, i) => { if (one === value) rows.push(i); });
  return rows;
}

const placeAt = (places, i) => [places[2 * i], places[2 * i + 1]];

/** Draw a facility's catchment and flows; returns what they sum to, as rows for its card. */
function chooseFacility(plan, at, selected, i) {
  const here = placeAt(at.facilities, i);
  const { assignments, hauls, directs } = plan;
  const walks = rowsWhere(assignments.facility, i);
  const arriving = rowsWhere(hauls.to, i);
  const leaving = rowsWhere(hauls.from, i);
  const given = rowsWhere(directs.to, i);
  const total = (rows, table) => rows.reduce((sum, r) => sum + table.tonnes[r], 0);
  selected.facility = i;
  selected.cells = walks.map((r) => assignments.cell[r]);
  selected.lines = [
    ...walks.map((r) => ({ from: placeAt(at.cells, assignments.cell[r]), to: here, tonnes: assignments.tonnes[r], colour: FLOW_COLOURS.collection })),
    ...given.map((r) => ({ from: placeAt(at.generators, directs.from[r]), to: here, tonnes: directs.tonnes[r], colour: FLOW_COLOURS.directs })),
    ...arriving.map((r) => ({ from: placeAt(at.facilities, hauls.from[r]), to: here, tonnes: hauls.tonnes[r], colour: FLOW_COLOURS.collection })),
    ...leaving.map((r) => ({ from: here, to: placeAt(at.facilities, hauls.to[r]), tonnes: hauls.tonnes[r], colour: FLOW_COLOURS.hauls })),
  ];
  selected.related = new Set([i, ...arriving.map((r) => hauls.from[r]), ...leaving.map((r) => hauls.to[r])]);
  const senders = ["", "from_points", "from_stations", "from_centres"][plan.facilities.echelon[i]];
  const far = (rows, table) => Math.max(...rows.map((r) => table.distance_km[r]));
  const nameOf = (k) => plan.facilities.name[k] || plan.facilities.id[k];
  const rows = [];
  if (walks.length) {
    rows.push([say("from_cells"), amount(walks.length)]);
    rows.push([say("farthest"), metres(Math.max(...walks.map((r) => assignments.distance_m[r])))]);
  }
  if (arriving.length) {
    rows.push([say(senders), `${amount(arriving.length)} · ${tonnes(total(arriving, hauls))}`]);
    rows.push([say("farthest"), `${amount(far(arriving, hauls), 1)} km`]);
  }
  if (given.length) rows.push([say("from_generators"), `${amount(given.length)} · ${tonnes(total(given, directs))}`]);
  for (const r of leaving) rows.push([say("sends"), `${nameOf(hauls.to[r])}: ${tonnes(hauls.tonnes[r])}, ${amount(hauls.distance_km[r], 1)} km`]);
  return rows;
}

/** Draw where the residents of a cell go. */
function chooseCell(plan, at, selected, cell) {
  const walks = rowsWhere(plan.assignments.cell, cell);
  selected.cells = [cell];
  selected.lines = walks.map((r) => ({
    from: placeAt(at.cells, cell),
    to: placeAt(at.facilities, plan.assignments.facility[r]),
    tonnes: plan.assignments.tonnes[r],
    colour: FLOW_COLOURS.collection,
  }));
  selected.related = new Set(walks.map((r) => plan.assignments.facility[r]));
}

/** The box around what was chosen, as Leaflet's bounds. */
function selectionBounds(at, selected) {
  const [u0, v0, u1, v1] = boxOf([...selected.cells.map((i) => at.cellRings[i]), ...selected.lines.flatMap(({ from, to }) => [from, to])]);
  return L.latLngBounds(latLngOf(u0, v0), latLngOf(u1, v1));
}
