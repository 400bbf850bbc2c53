// What lies under the pointer, and what a click chooses.

/** What lies under a place of the map: rows of facilities, generators, cells and districts, −1 where there is none. */
function hitAt(app, point, slackPx) {
  const { map, plan, at } = app;
  const shown = shownLayers(app);
  const size = 256 * 2 ** map.getZoom();
  const world = map.project(map.containerPointToLatLng(point)).divideBy(size);
  const { echelon } = plan.facilities;
  const reach = (i) => at.radii[i] * zoomFactor(map.getZoom(), echelon[i]);
  const nearest = (places, reachPx, allowed) => {
    let [best, found] = [Infinity, -1];
    for (let i = 0; i < places.length / 2; i += 1) {
      const far = Math.hypot(places[2 * i] - world.x, places[2 * i + 1] - world.y) * size - reachPx(i);
      if (far < best && far <= slackPx && allowed(i)) [best, found] = [far, i];
    }
    return found;
  };
  const visible = (i) => shown.has("facilities") && lookOf(app, i) !== null;
  const large = nearest(at.facilities, reach, (i) => echelon[i] > 0 && visible(i));
  const facility = large >= 0 ? large : nearest(at.facilities, reach, visible);
  const onCandidates = shown.has("candidates") && facility < 0;
  const candidate = onCandidates ? nearest(at.candidates, (i) => candidateRadius(map.getZoom(), plan.candidates.echelon[i]), () => true) : -1;
  const given = shown.has("generators") || shown.has("haul_generators");
  const generator = given && facility < 0 ? nearest(at.generators, () => 3, () => true) : -1;
  const holdsCell = (box, i) => world.x >= box[0] && world.x <= box[2] && world.y >= box[1] && world.y <= box[3] && ringHolds(at.cellRings[i], world.x, world.y);
  const onCells = shown.has("cells") || shown.has("haul_cells");
  const cell = facility < 0 && generator < 0 && onCells ? at.cellBoxes.findIndex(holdsCell) : -1;
  const district = at.districtRings.findIndex((rings) => rings.filter((ring) => ringHolds(ring, world.x, world.y)).length % 2);
  return { facility, candidate, generator, cell, district };
}

function listenToPointer(app) {
  const { map } = app;
  let waiting = null;
  const answer = () => {
    const event = waiting;
    waiting = null;
    if (!event) return;
    const hit = hitAt(app, event.containerPoint, 2);
    showNote(noteOf(app, hit), event.originalEvent);
    map.getContainer().style.cursor = hit.facility >= 0 || hit.candidate >= 0 || hit.cell >= 0 ? "pointer" : "";
    if (app.card || isNarrow()) return;
    if (hit.district >= 0) showCard(app, () => districtCard(app, hit.district), { pinned: false });
    else hideCard(app);
  };
  map.on("mousemove", (event) => {
    if (!waiting) requestAnimationFrame(answer);
    waiting = event;
  });
  map.on("mouseout movestart", () => { waiting = null; showNote(null); });
  map.on("click", (event) => {
    const hit = hitAt(app, event.containerPoint, event.originalEvent.pointerType === "touch" ? 14 : 4);
    showNote(null);
    if (hit.facility >= 0) return app.select(hit.facility);
    if (hit.candidate >= 0) return app.selectCandidate(hit.candidate);
    app.clear();
    if (hit.cell >= 0) return app.selectCell(hit.cell);
    if (hit.district >= 0) showCard(app, () => districtCard(app, hit.district), { pinned: true });
    return null;
  });
}

/** Escape closes the card, then the sheet that lies over the map of a phone; the focus goes back to where it came from. */
function listenToKeys(app) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!document.getElementById("card").hidden) app.close();
    else if (document.getElementById("panel").classList.contains("open")) togglePanel();
  });
}
