// The plan itself: generators, flows, the chosen catchment, facilities.

function generatorPainter(plan, at) {
  const most = Math.max(...plan.generators.tonnes, 1);
  return (pen) => {
    pen.context.beginPath();
    plan.generators.tonnes.forEach((t, i) => {
      const radius = (1.2 + 5 * Math.sqrt(t / most)) * zoomFactor(pen.zoom);
      traceShape(pen.context, "circle", pen.x(at.generators[2 * i]), pen.y(at.generators[2 * i + 1]), radius);
    });
    pen.fill("rgba(0,158,115,0.55)");
  };
}

/** Flows of one class as lines whose width grows with their tonnes; thin ones first. */
function flowPainter(plan, at, which) {
  const table = which === "direct" ? plan.directs : plan.hauls;
  const tails = which === "direct" ? at.generators : at.facilities;
  const echelons = { point: [0], centre: [1, 2] }[which];
  const rows = table.tonnes.map((_, i) => i).filter((i) => which === "direct" || echelons.includes(plan.facilities.echelon[table.from[i]]));
  rows.sort((a, b) => table.tonnes[a] - table.tonnes[b]);
  const most = rows.length ? table.tonnes[rows[rows.length - 1]] : 1;
  const colour = { point: "rgba(0,114,178,0.45)", direct: "rgba(0,158,115,0.45)", centre: "rgba(40,40,40,0.6)" }[which];
  const widest = { point: 0.35, direct: 0.7, centre: 1 }[which];
  return (pen) => {
    for (const i of rows) {
      const [a, b] = [2 * table.from[i], 2 * table.to[i]];
      pen.context.beginPath();
      pen.line(tails[a], tails[a + 1], at.facilities[b], at.facilities[b + 1]);
      pen.stroke(colour, flowWidth(table.tonnes[i], most) * widest);
    }
  };
}

/** The cells and lines of the facility or cell that was clicked. */
function paintCatchment(pen, at, selected) {
  pen.context.beginPath();
  selected.cells.forEach((i) => pen.trace(at.cellRings[i], true));
  pen.fill("rgba(0,114,178,0.28)");
  pen.stroke("#0072B2", 1);
  const most = Math.max(...selected.lines.map((line) => line.tonnes), 1e-9);
  for (const { from, to, tonnes: t, colour } of selected.lines) {
    pen.context.beginPath();
    pen.line(from[0], from[1], to[0], to[1]);
    pen.stroke(colour, 0.5 * flowWidth(t, most) + 0.4);
  }
}

/** Facilities: points below stations below centres; what belongs to the chosen one on top, the rest dimmed. */
function facilityPainter(plan, at, hidden, selected) {
  const { echelon, type } = plan.facilities;
  const rows = type.map((_, i) => i).sort((a, b) => echelon[a] - echelon[b] || type[a] - type[b] || at.radii[b] - at.radii[a]);
  const isShown = (i) => !hidden.has(type[i]) || i === selected.facility;
  return (pen) => {
    const related = selected.related || new Set(rows);
    pen.context.globalAlpha = 0.22;
    rows.forEach((i) => { if (isShown(i) && !related.has(i)) paintFacility(pen, plan, at, i); });
    pen.context.globalAlpha = 1;
    rows.forEach((i) => { if (isShown(i) && related.has(i)) paintFacility(pen, plan, at, i); });
    if (selected.facility >= 0) ringAround(pen, at, selected.facility);
  };
}

/** One facility, with a rim that parts it from the ground. */
function paintFacility(pen, plan, at, i) {
  const [u, v] = [at.facilities[2 * i], at.facilities[2 * i + 1]];
  if (!pen.sees(u, v)) return;
  const { echelon, type } = plan.facilities;
  const [shape, colour] = symbolOf(plan.types, type[i]);
  pen.context.beginPath();
  traceShape(pen.context, shape, pen.x(u), pen.y(v), at.radii[i] * zoomFactor(pen.zoom, echelon[i]));
  pen.fill(colour);
  if (echelon[i] > 0) pen.stroke("#222222", 1);
  else if (pen.zoom >= 10) pen.stroke("rgba(255,255,255,0.9)", 0.8);
}

function ringAround(pen, at, i) {
  pen.context.beginPath();
  traceShape(pen.context, "circle", pen.x(at.facilities[2 * i]), pen.y(at.facilities[2 * i + 1]), at.radii[i] * zoomFactor(pen.zoom) + 5);
  pen.stroke("#ffffff", 5);
  pen.stroke("#111111", 2.2);
}
