// What moves: generators, flows, the catchment of what is chosen.

function traceGenerator(pen, at, i, share) {
  const radius = (1.2 + 5 * Math.sqrt(share)) * zoomFactor(pen.zoom);
  traceShape(pen.context, "circle", pen.x(at.generators[2 * i]), pen.y(at.generators[2 * i + 1]), radius);
}

function generatorPainter(app) {
  const { tonnes: offered } = app.plan.generators;
  const most = offered.reduce((a, b) => Math.max(a, b), 1);
  return (pen) => {
    pen.context.beginPath();
    offered.forEach((t, i) => traceGenerator(pen, app.at, i, t / most));
    pen.fill("rgba(0,158,115,0.55)");
  };
}

const FLOWS = {
  flow_point: { colour: "rgba(0,114,178,0.45)", echelons: [0], widest: 0.35 },
  flow_direct: { colour: "rgba(0,158,115,0.45)", echelons: null, widest: 0.7 },
  flow_centre: { colour: "rgba(40,40,40,0.6)", echelons: [1, 2], widest: 1 },
};

/** The rows of a class of flows, thin ones first, and the most that one of them carries. */
function flowsOf(plan, name) {
  const { echelons } = FLOWS[name];
  const table = echelons ? plan.hauls : plan.directs;
  const rows = table.tonnes.map((_, i) => i).filter((i) => !echelons || echelons.includes(plan.facilities.echelon[table.from[i]]));
  rows.sort((a, b) => table.tonnes[a] - table.tonnes[b]);
  return { table, rows, most: rows.length ? table.tonnes[rows[rows.length - 1]] : 0 };
}

/** Flows of one class as lines whose width grows with their tonnes. */
function flowPainter(app, name) {
  const { table, rows, most } = flowsOf(app.plan, name);
  const { colour, widest, echelons } = FLOWS[name];
  const tails = echelons ? app.at.facilities : app.at.generators;
  return (pen) => {
    for (const i of rows) {
      const [a, b] = [2 * table.from[i], 2 * table.to[i]];
      pen.context.beginPath();
      pen.line(tails[a], tails[a + 1], app.at.facilities[b], app.at.facilities[b + 1]);
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
