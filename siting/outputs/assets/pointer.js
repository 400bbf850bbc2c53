// What lies under the pointer, and what a click or a search chooses.

/** What lies under a place of the map: rows of facilities, generators, cells and districts, −1 where there is none. */
function hitAt(map, plan, { at, shown, hidden }, point, slackPx) {
  const size = 256 * 2 ** map.getZoom();
  const world = map.project(map.containerPointToLatLng(point)).divideBy(size);
  const reach = (i) => at.radii[i] * zoomFactor(map.getZoom(), plan.facilities.echelon[i]);
  const nearest = (places, reachPx, allowed) => {
    let [best, found] = [Infinity, -1];
    for (let i = 0; i < places.length / 2; i += 1) {
      const far = Math.hypot(places[2 * i] - world.x, places[2 * i + 1] - world.y) * size - reachPx(i);
      if (far < best && far <= slackPx && allowed(i)) [best, found] = [far, i];
    }
    return found;
  };
  const { echelon, type } = plan.facilities;
  const visible = (i) => !hidden.has(type[i]);
  const large = nearest(at.facilities, reach, (i) => visible(i) && echelon[i] > 0);
  const facility = large >= 0 ? large : nearest(at.facilities, reach, visible);
  const generator = shown.has("generators") && facility < 0 ? nearest(at.generators, () => 3, () => true) : -1;
  const cell = facility < 0 && shown.has("cells") ? at.cellRings.findIndex((ring) => ringHolds(ring, world.x, world.y)) : -1;
  const district = at.districtRings.findIndex((rings) => rings.filter((ring) => ringHolds(ring, world.x, world.y)).length % 2);
  return { facility, generator, cell, district };
}

function listenToPointer(map, plan, state) {
  let waiting = null;
  const answer = () => {
    const event = waiting;
    waiting = null;
    if (!event) return;
    const hit = hitAt(map, plan, state, event.containerPoint, 2);
    showNote(noteOf(plan, hit), event.originalEvent);
    map.getContainer().style.cursor = hit.facility >= 0 || hit.cell >= 0 ? "pointer" : "";
    if (state.selected.facility >= 0) return;
    if (hit.district >= 0) showCard(districtCard(plan, hit.district), false);
    else hideCard();
  };
  map.on("mousemove", (event) => {
    if (!waiting) requestAnimationFrame(answer);
    waiting = event;
  });
  map.on("mouseout movestart", () => { waiting = null; showNote(null); });
  map.on("click", (event) => {
    const hit = hitAt(map, plan, state, event.containerPoint, event.originalEvent.pointerType === "touch" ? 12 : 4);
    if (hit.facility >= 0) return state.select(hit.facility);
    state.clear();
    if (hit.cell >= 0) chooseCell(plan, state.at, state.selected, hit.cell);
    if (hit.district >= 0) showCard(districtCard(plan, hit.district), true);
    return state.redraw();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") state.clear(); });
}

function listenToSearch(map, plan, at, select) {
  const find = document.getElementById("find");
  const names = plan.facilities.id.map((id, i) => (plan.facilities.name[i] ? `${plan.facilities.name[i]} (${id})` : id));
  const districts = plan.districts.code.map((_, i) => `${plan.districts.en[i]} ${plan.districts.zh[i]}`);
  document.getElementById("places").append(...districts.concat(names).map((value) => element("option", { value })));
  find.addEventListener("change", () => {
    const facility = names.indexOf(find.value);
    const district = districts.indexOf(find.value);
    if (facility >= 0) {
      map.setView(latLngOf(...placeAt(at.facilities, facility)), 14, { animate: false });
      select(facility);
    } else if (district >= 0) {
      const [u0, v0, u1, v1] = boxOf(at.districtRings[district]);
      map.fitBounds([latLngOf(u0, v0), latLngOf(u1, v1)], { animate: false });
    }
  });
}
