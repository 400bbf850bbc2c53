// What stands for what: shapes, colours that colour-blind readers tell apart (Okabe and Ito 2008), classes of distance.

const SYMBOLS = [
  [["circle", "#0072B2"], ["circle", "#56B4E9"], ["triangle", "#009E73"], ["circle", "#005078"]],
  [["square", "#E69F00"], ["square", "#F0E442"], ["pentagon", "#E69F00"]],
  [["diamond", "#D55E00"], ["star", "#111111"], ["hexagon", "#CC79A7"], ["diamond", "#7A3500"]],
  [["hexagon", "#444444"], ["pentagon", "#444444"], ["star", "#7A3500"]],
];
const BASE_RADIUS = [3.4, 6.5, 9, 10];
const ACTIONS = ["", "keep", "upgrade", "build", "close"];
const CLOSED = ACTIONS.indexOf("close");
const ACTION_COLOURS = { keep: "#666666", upgrade: "#E69F00", build: "#0072B2", close: "#B2182B" };
const CERTAINTY_COLOURS = ["#ffffff", "#0b2f4f", "#0072B2", "#56B4E9", "#f0e442", "#e69f00", "#d55e00", "#8a8a8a"]; // as the names in plan.certainties
const YEAR_COLOURS = ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"];
const STANDS_TODAY = "#8a8a8a";
const HAUL_COLOURS = ["#eef8f5", "#a9d8cc", "#64b0a2", "#2a8278", "#0a4843"];
const MARGIN_COLOURS = ["#a63603", "#fdae6b", "#f3f1ea", "#9ecae1", "#08519c"];
const SHARE_COLOURS = ["#f3eef8", "#d6c6e4", "#b395cb", "#8b5fab", "#5a2a82"];
const NO_VALUE = "#e4e2dc";
const WALK_LIMITS_M = [250, 500, 750, 1000];
const WALK_COLOURS = ["#f3f1f8", "#cfcce6", "#aaa6d0", "#8278b4", "#523f95"];
const UNCOVERED = "#B2182B";
const UNCOVERED_FROM_AFAR = "#e7a3a3";
const FONT = '"Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const FLOW_COLOURS = { hauls: "#444444", collection: "#0072B2", directs: "#009E73" };

/** Shapes and colours of the facility types: by the place of each among the types of its echelon. */
function symbolsOf(types) {
  return types.map(({ echelon }, type) => {
    const rank = types.slice(0, type).filter((other) => other.echelon === echelon).length;
    return SYMBOLS[echelon][rank % SYMBOLS[echelon].length];
  });
}

/** The colour of the year in which a facility opens, of all years in which one does; 0: it stands today. */
function yearColour(year, years) {
  if (!year) return STANDS_TODAY;
  const place = years.length > 1 ? years.indexOf(year) / (years.length - 1) : 0;
  return YEAR_COLOURS[Math.round(place * (YEAR_COLOURS.length - 1))];
}

const CORNERS = { square: 4, diamond: 4, triangle: 3, pentagon: 5, hexagon: 6, star: 10 };

/** Add a shape of a radius around (x, y) to the canvas path; shapes of one radius have about one area. */
function traceShape(context, shape, x, y, radius) {
  if (shape === "circle") {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const corners = CORNERS[shape];
  const turn = shape === "square" ? Math.PI / 4 : -Math.PI / 2;
  for (let i = 0; i < corners; i += 1) {
    const far = shape === "star" && i % 2 ? 0.5 : 1;
    const angle = turn + (2 * Math.PI * i) / corners;
    const reach = radius * far * (corners === 3 ? 1.35 : 1.2);
    context[i ? "lineTo" : "moveTo"](x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  context.closePath();
}

/** Class of a walk: 0 … 4 by distance, 5 where nobody is assigned. */
function walkClass(walkM) {
  if (walkM < 0) return WALK_COLOURS.length;
  const found = WALK_LIMITS_M.findIndex((limit) => walkM <= limit);
  return found < 0 ? WALK_LIMITS_M.length : found;
}

/** Symbols grow as the map is enlarged; recycling points, of which there are thousands, shrink most on the whole city. */
const zoomFactor = (zoom, echelon = 1) => Math.min(2, Math.max(echelon ? 0.62 : 0.45, 1 + (zoom - 11.5) * (echelon ? 0.18 : 0.24)));

/** Radius of each facility at factor 1: by capacity among those of its echelon. */
function facilityRadii(plan) {
  const { echelon, capacity_t: capacity } = plan.facilities;
  const medians = [0, 1, 2, 3].map((one) => {
    const sorted = capacity.filter((_, i) => echelon[i] === one).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] || 1;
  });
  return capacity.map((t, i) => {
    const grown = Math.min(1.8, Math.max(0.75, (t / medians[echelon[i]]) ** 0.3));
    return BASE_RADIUS[echelon[i]] * grown;
  });
}

/** Width in pixels of a flow of some tonnes, the largest flow being `most`. */
const flowWidth = (t, most) => 0.7 + 5.5 * Math.sqrt(t / Math.max(most, 1e-9));

/** A small picture of a symbol for the legend. */
function swatch(paint) {
  const canvas = element("canvas", { width: 44, height: 36, class: "swatch" });
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  paint(context);
  return canvas;
}
