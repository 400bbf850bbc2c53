// Maps of two plans and of what differs between them: what each draws, and how they move together.

const WALK_CHANGES = ["rgba(0,0,0,0)", "#bcdcf2", "#f6d3a8", "#4a9fd4", "#d97a1d"];
const FIRST = "#b34a00";
const SECOND = "#0067a5";
const MOVED = "#4b2e83";

/** The plan of a run: its tables with the columns that runs share in their places. */
function planOfRun(comparison, number) {
  const { parts, runs, origin, types } = comparison;
  const tables = Object.entries(runs[number].plan).map(([name, table]) => [
    name,
    typeof table === "number" ? parts[table] : Object.fromEntries(Object.entries(table).map(([key, one]) => [key, parts[one]])),
  ]);
  return { ...Object.fromEntries(tables), origin, types };
}

/** What the painters of the plan's own map want to know. */
function appOf(plan, hidden) {
  const cellRings = plan.cells.ring.map((ring) => squarePath(plan, ring));
  return {
    plan, hidden,
    question: "where",
    colourBy: "type",
    symbols: symbolsOf(plan.types),
    selected: { lines: [], cells: [], facility: -1, related: null },
    at: {
      facilities: squarePlaces(plan, plan.facilities.x, plan.facilities.y),
      districtRings: plan.districts.rings.map((rings) => rings.map((ring) => squarePath(plan, ring))),
      cellRings,
      cellBoxes: cellRings.map((ring) => boxOf([ring])),
      radii: facilityRadii(plan),
    },
  };
}

/** The background of a map, and above it what `paint` draws. */
function layersOf(app, under, over) {
  const { plan, at } = app;
  return [
    new Batch((pen) => paintLand(pen, at.districtRings)), ...under.map((paint) => new Batch(paint)),
    new Batch(waterPainter(plan)), new Batch(roadPainter(plan)), new Batch((pen) => paintBorders(pen, at.districtRings)),
    ...over.map((paint) => new Batch(paint)), new Batch(namePainter(app)),
  ];
}

/** The layers of one plan. */
function planLayers(app, shown) {
  const under = shown.has("cells") ? [walkPainter(app)] : [];
  const over = [...(shown.has("flows") ? [flowPainter(app, "flow_centre")] : []), facilityPainter(app)];
  return layersOf(app, under, over);
}

/** The layers of what differs: two plans of one city, and the pair of them. */
function differenceLayers(apps, pair, hidden) {
  const [first, second] = apps;
  const under = pair.walks && !hidden.has("walks") ? [changePainter(second, pair.walks, hidden)] : [];
  return layersOf(second, under, [(pen) => paintDifference(pen, first, second, pair.sites, hidden)]);
}

function changePainter(app, classes, hidden) {
  const shown = classes.map((one) => (hidden.has(`walk_${one}`) ? 0 : one));
  return cellPainter(app, shown, WALK_CHANGES);
}

/** Sites of both small and pale; above them what moved, and what one plan alone has: hollow where it goes, full where it comes. */
function paintDifference(pen, first, second, sites, hidden) {
  const { context } = pen;
  const place = (app, i) => [pen.x(app.at.facilities[2 * i]), pen.y(app.at.facilities[2 * i + 1])];
  const shape = (app, i, factor = 1.15) => {
    context.beginPath();
    const { echelon, type } = app.plan.facilities;
    traceShape(context, app.symbols[type[i]][0], ...place(app, i), factor * app.at.radii[i] * zoomFactor(pen.zoom, echelon[i]));
  };
  const draw = (name, rows, paint) => { if (!hidden.has(name)) rows.forEach(paint); };
  draw("both", sites.both, ([, j]) => {
    shape(second, j, 0.6);
    pen.fill("#c9c4b8");
    pen.stroke("#8f8a7e", 0.8);
  });
  draw("changed", sites.changed, ([, j]) => {
    shape(second, j);
    pen.fill("#f0e442");
    pen.stroke("#222222", 1.4);
  });
  draw("moved", sites.moved, ([i, j]) => {
    context.beginPath();
    context.moveTo(...place(first, i));
    context.lineTo(...place(second, j));
    pen.stroke("#ffffff", 4.5);
    pen.stroke(MOVED, 2);
    hollow(pen, () => shape(first, i), MOVED);
    full(pen, () => shape(second, j), MOVED);
  });
  draw("only_first", sites.only_first, (i) => hollow(pen, () => shape(first, i), FIRST));
  draw("only_second", sites.only_second, (j) => full(pen, () => shape(second, j), SECOND));
}

function hollow(pen, shape, colour) {
  shape();
  pen.fill("#ffffff");
  pen.stroke(colour, 2.2);
}

function full(pen, shape, colour) {
  shape();
  pen.fill(colour);
  pen.stroke("#ffffff", 1);
}

/** Makes maps move as one: while one is dragged the others follow, and end with its centre and zoom. */
function moveTogether(maps, mayMove) {
  let leader = null;
  let starts = [];
  const others = (map) => maps.filter((one) => one !== map);
  const follow = (map) => {
    if (!mayMove()) return;
    leader = map;
    others(map).forEach((one) => one.setView(map.getCenter(), map.getZoom(), { animate: false, reset: true }));
    leader = null;
  };
  maps.forEach((map) => {
    map.on("dragstart", () => { starts = [map, ...others(map)].map((one) => one._getMapPanePos().clone()); });
    map.on("drag", () => {
      if (!mayMove()) return;
      const by = map._getMapPanePos().subtract(starts[0]);
      others(map).forEach((one, n) => L.DomUtil.setPosition(one._mapPane, starts[n + 1].add(by)));
    });
    map.on("moveend", () => { if (!leader) follow(map); });
  });
}

/** A ring on the other maps where the pointer is on one. */
function showGhosts(maps, mayMove) {
  const ghosts = maps.map((map) => map.getContainer().appendChild(element("div", { class: "ghost" })));
  maps.forEach((map, n) => {
    map.on("mousemove", ({ latlng }) => ghosts.forEach((ghost, other) => {
      const at = maps[other].latLngToContainerPoint(latlng);
      ghost.style.display = other !== n && mayMove() ? "block" : "none";
      ghost.style.left = `${at.x}px`;
      ghost.style.top = `${at.y}px`;
    }));
    map.on("mouseout", () => ghosts.forEach((ghost) => { ghost.style.display = "none"; }));
  });
}

function makeMap(id) {
  const map = L.map(id, {
    preferCanvas: true, zoomSnap: 0.25, minZoom: 6, maxZoom: 17, attributionControl: false, inertia: false,
    zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false,
  });
  map.getContainer().setAttribute("role", "application");
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
  return map;
}

function credit(map, usesOsm) {
  const shown = L.control.attribution({ prefix: '<a href="https://leafletjs.com">Leaflet</a>' }).addTo(map);
  if (usesOsm) shown.addAttribution('© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors');
}
