// The layers of the map, from the ground up. Each draws from the plan's columns in one pass.

const ORDER = [
  "land", "cells", "haul_cells", "water", "roads", "margins", "borders", "haul_generators", "generators", "flow_point",
  "flow_direct", "flow_centre", "catchment", "candidates", "facilities", "decisions", "names",
];
const BACKGROUND = ["land", "water", "roads", "borders", "catchment", "names"];
const QUESTIONS = {
  where: ["facilities"],
  walk: ["cells", "facilities"],
  flow: ["generators", "flow_point", "flow_direct", "flow_centre", "facilities"],
  targets: ["margins"],
  haul: ["haul_cells", "haul_generators", "facilities"],
};
const SHOWN_BY_TILES = ["land", "water", "roads"];

/** Where everything lies that does not move from year to year. */
function makePlaces(plan) {
  const cellRings = plan.cells.ring.map((ring) => squarePath(plan, ring));
  return {
    facilities: squarePlaces(plan, plan.facilities.x, plan.facilities.y),
    candidates: squarePlaces(plan, plan.candidates.x, plan.candidates.y),
    generators: squarePlaces(plan, plan.generators.x, plan.generators.y),
    cells: squarePlaces(plan, plan.cells.x, plan.cells.y),
    places: squarePlaces(plan, plan.places.x, plan.places.y),
    districtRings: plan.districts.rings.map((rings) => rings.map((ring) => squarePath(plan, ring))),
    cellRings,
    cellBoxes: cellRings.map((ring) => boxOf([ring])),
    water: waterPainter(plan),
    roads: roadPainter(plan),
  };
}

/** All layers by name, for the year or case that is shown. */
function makeLayers(app) {
  const { at } = app;
  const above = app.plan.basemap ? seenThrough : (paint) => paint;
  const painters = {
    land: (pen) => paintLand(pen, at.districtRings),
    margins: above(marginPainter(app)),
    cells: above(walkPainter(app)),
    haul_cells: above(haulCellPainter(app)),
    water: at.water,
    roads: at.roads,
    borders: (pen) => paintBorders(pen, at.districtRings),
    haul_generators: haulGeneratorPainter(app),
    generators: generatorPainter(app),
    flow_point: flowPainter(app, "flow_point"),
    flow_direct: flowPainter(app, "flow_direct"),
    flow_centre: flowPainter(app, "flow_centre"),
    catchment: (pen) => paintCatchment(pen, at, app.selected),
    candidates: candidatePainter(app),
    facilities: facilityPainter(app),
    decisions: decisionPainter(app),
    names: namePainter(app),
  };
  return Object.fromEntries(ORDER.map((name) => [name, new Batch(painters[name])]));
}

/** The layers that show: of the background and of the question, what is not switched off. */
function shownLayers(app) {
  const editing = app.edits.isOn ? ["candidates", "decisions"] : app.question === "where" && app.on.has("candidates") ? ["candidates"] : [];
  const asked = [...BACKGROUND, ...QUESTIONS[app.question], ...editing];
  return new Set(ORDER.filter((name) => asked.includes(name) && !app.off.has(name === "names" ? "borders" : name)));
}

/** Put the layers that show on the map, in their order. */
function arrangeLayers(app) {
  const shown = shownLayers(app);
  for (const name of ORDER) {
    if (shown.has(name)) app.layers[name].addTo(app.map).bringToFront();
    else app.layers[name].remove();
  }
}

/** What `paint` draws, with the tiles below showing through. */
function seenThrough(paint) {
  return (pen) => {
    pen.context.globalAlpha = 0.55;
    paint(pen);
    pen.context.globalAlpha = 1;
  };
}
