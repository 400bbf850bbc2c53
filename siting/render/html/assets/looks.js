// How a facility looks under each question: shape, colour and size, or not at all.

const POINTS_FROM_ZOOM = 11.5; // below it they would hide the cells whose colours are asked for

/** The look of a facility by its type. */
function typeLook(app, i) {
  const { echelon, type } = app.plan.facilities;
  const [shape, colour] = app.symbols[type[i]];
  return { shape, colour, rim: echelon[i] > 0 ? "#222222" : "rgba(255,255,255,0.9)", factor: 1 };
}

/** The look of a facility under the question that is asked; null where it does not show. */
function lookOf(app, i) {
  const { action, echelon, type } = app.plan.facilities;
  if (!action[i] || app.hidden.has(type[i])) return null;
  if (app.question === "where") return whereLook(app, i);
  if (action[i] === CLOSED) return null;
  if (app.question === "walk") return echelon[i] === 0 && app.map.getZoom() >= POINTS_FROM_ZOOM ? { ...typeLook(app, i), factor: 0.75 } : null;
  if (app.question === "flow") return flowLook(app, i);
  return echelon[i] > 1 ? typeLook(app, i) : null;
}

/** By type, by what becomes of it, by the year in which it opens, or by how sure it is. */
function whereLook(app, i) {
  const { action, opened, certainty } = app.plan.facilities;
  const look = typeLook(app, i);
  if (app.colourBy === "action") look.colour = ACTION_COLOURS[ACTIONS[action[i]]];
  if (app.colourBy === "year") look.colour = yearColour(opened[i], app.years);
  if (app.colourBy === "certainty") look.colour = CERTAINTY_COLOURS[certainty[i]];
  if (action[i] === CLOSED) return { ...look, colour: "#ffffff", rim: ACTION_COLOURS.close, isCrossed: true };
  return { ...look, isMarked: action[i] !== ACTIONS.indexOf("build") && app.colourBy === "type" };
}

/** Points as small dots; what is larger, filled as far as it is loaded. */
function flowLook(app, i) {
  const look = typeLook(app, i);
  if (app.plan.facilities.echelon[i] === 0) return { ...look, shape: "circle", colour: "#6b7f8c", factor: 0.7 };
  return { ...look, load: loadOf(app.plan, i) };
}

/** Throughput over capacity. */
function loadOf(plan, i) {
  const { capacity_t: capacity, throughput_t: throughput } = plan.facilities;
  return capacity[i] ? throughput[i] / capacity[i] : 0;
}

const sameLook = (a, b) => a.colour === b.colour && a.rim === b.rim && a.shape === b.shape;

/** Facilities: points below stations below centres; what belongs to the chosen one on top, the rest dimmed. */
function facilityPainter(app) {
  const { echelon, type } = app.plan.facilities;
  const { radii } = app.at;
  const rows = type.map((_, i) => i).sort((a, b) => echelon[a] - echelon[b] || type[a] - type[b] || radii[b] - radii[a]);
  return (pen) => {
    const { related, facility } = app.selected;
    const looks = rows.map((i) => lookOf(app, i) || (related && related.has(i) && app.plan.facilities.action[i] ? typeLook(app, i) : null));
    pen.context.globalAlpha = 0.22;
    if (related) paintFacilities(pen, app, rows, looks, (i) => !related.has(i));
    pen.context.globalAlpha = 1;
    paintFacilities(pen, app, rows, looks, (i) => !related || related.has(i));
    if (facility >= 0) ringAround(pen, app.at, facility);
  };
}

/** Facilities of one look are one path: a canvas fills thousands of shapes at once much faster than one by one. */
function paintFacilities(pen, app, rows, looks, counts) {
  let waiting = null;
  const finish = () => {
    if (!waiting) return;
    pen.fill(waiting.colour);
    if (waiting.rim.startsWith("#") || pen.zoom >= 10) pen.stroke(waiting.rim, waiting.rim.startsWith("#") ? 1 : 0.8);
    waiting = null;
  };
  const { facilities } = app.at;
  rows.forEach((i, n) => {
    const look = looks[n];
    if (!look || !counts(i) || !pen.sees(facilities[2 * i], facilities[2 * i + 1])) return;
    if (waiting && !sameLook(waiting, look)) finish();
    if (!waiting) pen.context.beginPath();
    const radius = app.at.radii[i] * zoomFactor(pen.zoom, app.plan.facilities.echelon[i]) * look.factor;
    const [x, y] = [pen.x(facilities[2 * i]), pen.y(facilities[2 * i + 1])];
    traceShape(pen.context, look.shape, x, y, radius);
    waiting = look;
    if (!(look.isCrossed || look.isMarked || look.load !== undefined)) return;
    if (look.load === undefined) finish();
    paintMark(pen, look, x, y, radius);
    waiting = null;
  });
  finish();
}

/** A cross through what closes, a white heart in what stands today, the load of a station or centre. */
function paintMark(pen, look, x, y, radius) {
  const { context } = pen;
  if (look.load !== undefined) return paintLoad(pen, look, x, y, radius);
  context.beginPath();
  if (look.isMarked) {
    traceShape(context, "circle", x, y, Math.max(1.2, 0.42 * radius));
    return pen.fill("#ffffff");
  }
  const reach = 0.8 * radius;
  context.moveTo(x - reach, y - reach);
  context.lineTo(x + reach, y + reach);
  context.moveTo(x + reach, y - reach);
  context.lineTo(x - reach, y + reach);
  return pen.stroke(look.rim, 1.6);
}

const HALF_HEIGHTS = { circle: 1, square: 0.85, pentagon: 1.1 };

/** The shape that was traced, white, and from its foot filled as far as the facility is loaded. */
function paintLoad(pen, { shape, colour, load }, x, y, radius) {
  const { context } = pen;
  const half = radius * (HALF_HEIGHTS[shape] || 1.2);
  pen.fill("#ffffff");
  context.save();
  context.clip();
  context.fillStyle = colour;
  context.fillRect(x - 2 * half, y + half - 2 * half * Math.min(1, load), 4 * half, 2 * half);
  context.restore();
  context.beginPath();
  traceShape(context, shape, x, y, radius);
  pen.stroke(load > 1.0001 ? UNCOVERED : "#222222", load > 1.0001 ? 2.4 : 1.2);
}

function ringAround(pen, at, i) {
  pen.context.beginPath();
  traceShape(pen.context, "circle", pen.x(at.facilities[2 * i]), pen.y(at.facilities[2 * i + 1]), at.radii[i] * zoomFactor(pen.zoom) + 5);
  pen.stroke("#ffffff", 5);
  pen.stroke("#111111", 2.2);
}
