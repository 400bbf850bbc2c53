// The layers of the map, from the ground up. Each draws from the plan's columns in one pass.

/** All layers by name, in drawing order. `hidden` is the set of facility types that are switched off. */
function makeLayers(plan, hidden) {
  const at = {
    facilities: squarePlaces(plan, plan.facilities.x, plan.facilities.y),
    generators: squarePlaces(plan, plan.generators.x, plan.generators.y),
    cells: squarePlaces(plan, plan.cells.x, plan.cells.y),
    districtRings: plan.districts.rings.map((rings) => rings.map((ring) => squarePath(plan, ring))),
    cellRings: plan.cells.ring.map((ring) => squarePath(plan, ring)),
    radii: facilityRadii(plan),
  };
  const selected = { lines: [], cells: [], facility: -1, related: null };
  const layers = {
    land: new Batch((pen) => paintLand(pen, at.districtRings)),
    cells: new Batch(plan.basemap ? seenThrough(cellPainter(plan, at)) : cellPainter(plan, at)),
    water: new Batch(waterPainter(plan)),
    roads: new Batch(roadPainter(plan)),
    borders: new Batch((pen) => paintBorders(pen, at.districtRings)),
    generators: new Batch(generatorPainter(plan, at)),
    flow_point: new Batch(flowPainter(plan, at, "point")),
    flow_direct: new Batch(flowPainter(plan, at, "direct")),
    flow_centre: new Batch(flowPainter(plan, at, "centre")),
    catchment: new Batch((pen) => paintCatchment(pen, at, selected)),
    facilities: new Batch(facilityPainter(plan, at, hidden, selected)),
    names: new Batch(namePainter(plan)),
  };
  return { layers, at, selected };
}

/** What `paint` draws, with the tiles below showing through. */
function seenThrough(paint) {
  return (pen) => {
    pen.context.globalAlpha = 0.55;
    paint(pen);
    pen.context.globalAlpha = 1;
  };
}
