// What the plan stands on: land, cells by walk, water, roads, district borders and names.

function paintLand(pen, districts) {
  pen.context.beginPath();
  districts.flat().forEach((ring) => pen.trace(ring, true));
  pen.fill("#fbfaf6", "evenodd");
}

function paintBorders(pen, districts) {
  pen.context.beginPath();
  districts.flat().forEach((ring) => pen.trace(ring, true));
  pen.stroke("rgba(255,255,255,0.75)", 3.4);
  pen.stroke("#6f6a5f", 1.1, pen.zoom < 12 ? [6, 3] : []);
}

/** Cells by class, each class in its colour; those beyond the last class are hatched, so that they show in print too. */
function cellPainter(app, levels, colours, beyond = { near: UNCOVERED, afar: UNCOVERED_FROM_AFAR }) {
  const { cellRings, cellBoxes } = app.at;
  const classes = colours.map(() => []).concat([[]]);
  levels.forEach((level, i) => classes[level].push(i));
  return (pen) => {
    classes.forEach((cells, level) => {
      if (pen.zoom < 11) return paintCellsAfar(pen, cellBoxes, cells, colours[level] || beyond.afar);
      pen.context.beginPath();
      for (const i of cells) if (pen.seesBox(cellBoxes[i])) pen.trace(cellRings[i], true);
      if (level < colours.length) return pen.fill(colours[level]);
      pen.fill(hatch(pen.context, beyond.near));
      return pen.stroke(beyond.near, 0.5);
    });
  };
}

const walkPainter = (app) => cellPainter(app, app.plan.cells.walk_m.map(walkClass), WALK_COLOURS);

/** Cells of a few pixels as plain boxes, which a canvas fills much faster than outlines. */
function paintCellsAfar(pen, boxes, cells, colour) {
  pen.context.fillStyle = colour;
  for (const i of cells) {
    const [u0, v0, u1, v1] = boxes[i];
    if (pen.sees(u0, v0)) pen.context.fillRect(pen.x(u0), pen.y(v0), pen.x(u1) - pen.x(u0), pen.y(v1) - pen.y(v0));
  }
}

function hatch(context, colour = UNCOVERED, ground = "#fff") {
  const tile = element("canvas", { width: 5, height: 5 });
  const pen = tile.getContext("2d");
  Object.assign(pen, { strokeStyle: colour, lineWidth: 1, fillStyle: ground });
  pen.fillRect(0, 0, 5, 5);
  pen.stroke(new Path2D("M-1 1L1 -1M0 5L5 0M4 6L6 4"));
  return context.createPattern(tile, "repeat");
}

function waterPainter(plan) {
  const places = squarePlaces(plan, plan.water.x, plan.water.y);
  const areas = plan.water.areas.flat().map((ring) => squarePath(plan, ring));
  const lines = plan.water.lines.map((line) => squarePath(plan, line));
  return (pen) => {
    pen.context.beginPath();
    areas.forEach((ring) => pen.trace(ring, true));
    pen.fill("#a9cfe3", "evenodd");
    pen.context.beginPath();
    lines.forEach((line) => pen.trace(line));
    pen.stroke("#a9cfe3", pen.zoom < 11 ? 1.2 : 2.4);
    const taken = [];
    if (pen.zoom >= 14) plan.water.name.forEach((name, i) => nameWater(pen, places, i, name, taken));
  };
}

/** A water that is known only as a named place; left out where another name is too near. */
function nameWater(pen, places, i, name, taken) {
  const [u, v] = [places[2 * i], places[2 * i + 1]];
  if (!pen.sees(u, v) || taken.some(([x, y]) => Math.abs(x - pen.x(u)) < 70 && Math.abs(y - pen.y(v)) < 14)) return;
  taken.push([pen.x(u), pen.y(v)]);
  const { context } = pen;
  context.beginPath();
  traceShape(context, "circle", pen.x(u), pen.y(v), 3);
  pen.fill("#7fb3cf");
  Object.assign(context, { font: `italic 11px ${FONT}`, textAlign: "left", textBaseline: "middle", fillStyle: "#3b7391" });
  context.fillText(name, pen.x(u) + 6, pen.y(v));
}

/** Roads by rank: the lesser appear as the map is enlarged. */
function roadPainter(plan) {
  const ranks = plan.roads.map(({ rank, paths }) => ({
    rank,
    paths: paths.map((steps) => squarePath(plan, steps)).map((path) => ({ path, box: boxOf([path]) })),
  }));
  const look = [["#b9ac97", 1.7, 0], ["#c9c0b1", 1.2, 9.5], ["#d3ccc0", 0.9, 11], ["#dcd6cc", 0.7, 12.5]];
  return (pen) => {
    for (const { rank, paths } of [...ranks].reverse()) {
      const [colour, width, fromZoom] = look[rank];
      if (pen.zoom < fromZoom) continue;
      pen.context.beginPath();
      for (const { path, box } of paths) if (pen.seesBox(box)) pen.trace(path);
      pen.stroke(colour, width * (pen.zoom > 12 ? 2 : 1));
    }
  };
}
