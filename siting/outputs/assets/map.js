// Puts the plan on the map and answers the pointer.

const ORDER = [
  "land", "cells", "water", "roads", "borders", "generators", "flow_point", "flow_direct", "flow_centre", "catchment",
  "facilities", "names",
];
const OFF_AT_FIRST = ["generators", "flow_point", "flow_direct", "flow_centre"];
const SHOWN_BY_TILES = ["land", "water", "roads"];

function showPlan(map) {
  const plan = JSON.parse(document.getElementById("plan").textContent);
  const off = plan.basemap ? [...OFF_AT_FIRST, ...SHOWN_BY_TILES] : OFF_AT_FIRST;
  const shown = new Set(ORDER.filter((name) => !off.includes(name)));
  const hidden = new Set();
  const { layers, at, selected } = makeLayers(plan, hidden);
  const redraw = () => layers.facilities.redraw();

  const arrange = () => {
    for (const name of ORDER) {
      if (shown.has(name)) layers[name].addTo(map).bringToFront();
      else layers[name].remove();
    }
  };
  const toggle = (what, on) => {
    const set = typeof what === "number" ? hidden : shown;
    set[on === (set === shown) ? "add" : "delete"](what);
    if (what === "borders") shown[on ? "add" : "delete"]("names");
    arrange();
    redraw();
  };
  const write = () => {
    writePanel(plan, shown, hidden, toggle);
    writeAttribution(map, plan);
    if (selected.facility >= 0) select(selected.facility);
    else hideCard();
    redraw();
  };
  const select = (i) => {
    const sums = chooseFacility(plan, at, selected, i);
    const zoom = element("button", { type: "button", class: "zoom", text: say("zoom_to") });
    zoom.addEventListener("click", () => map.fitBounds(selectionBounds(at, selected), fitOptions()));
    showCard([...facilityCard(plan, i, sums), ...(selected.lines.length ? [zoom] : [])], true);
    redraw();
  };
  const clear = () => {
    Object.assign(selected, { lines: [], cells: [], facility: -1, related: null });
    hideCard();
    redraw();
  };

  addTiles(map, plan);
  arrange();
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  write();
  fitPlan(map, plan);
  document.querySelectorAll("[data-language]").forEach((node) => node.addEventListener("click", () => {
    language = node.dataset.language;
    write();
  }));
  document.getElementById("close").addEventListener("click", clear);
  document.getElementById("more").addEventListener("click", togglePanel);
  listenToPointer(map, plan, { at, shown, hidden, selected, select, clear, redraw });
  listenToSearch(map, plan, at, select);
  window.addEventListener("resize", () => map.invalidateSize());
  window.siting = { map, plan, at, select, clear, selected };
  document.body.dataset.ready = `${plan.facilities.x.length} facilities, ${plan.cells.x.length} cells`;
}

/** Online tiles under the plan, where a basemap was chosen; without a network they stay empty. */
function addTiles(map, plan) {
  if (!plan.basemap) return;
  const { urls, subdomains } = plan.basemap;
  urls.forEach((url) => L.tileLayer(url, { subdomains }).addTo(map));
}

/** Whether the panel lies above the map, as on a phone. */
const isNarrow = () => window.matchMedia("(max-width: 760px)").matches;

/** Margins that keep what is fitted clear of the panel on a phone and of the card. */
function fitOptions() {
  const covered = isNarrow() ? document.getElementById("panel").offsetHeight : 0;
  const card = document.getElementById("card");
  const below = isNarrow() && !card.hidden ? card.offsetHeight : 0;
  return { paddingTopLeft: [12, covered + 12], paddingBottomRight: [12, below + 24], maxZoom: 16, animate: false };
}

/** Show the part of the map where the plan is, with a small margin. */
function fitPlan(map, plan) {
  map.invalidateSize();
  map.fitBounds(plan.bounds, fitOptions());
}

function writeAttribution(map, plan) {
  if (!map.credit) map.credit = L.control.attribution({ prefix: '<a href="https://leafletjs.com">Leaflet</a>' }).addTo(map);
  const osm = '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors';
  map.credit._attributions = {};
  const credits = [plan.basemap?.credit, plan.about.uses_osm && osm, say("nature_short")].filter(Boolean);
  map.credit.addAttribution([...new Set(credits)].join(" · "));
}

function showCard(content, pinned) {
  const card = document.getElementById("card");
  document.getElementById("card-content").replaceChildren(...content);
  card.classList.toggle("pinned", pinned);
  card.hidden = false;
}

function hideCard() {
  document.getElementById("card").hidden = true;
}

function showNote(lines, pointer) {
  const note = document.getElementById("note");
  note.hidden = !lines;
  if (!lines) return;
  note.replaceChildren(element("b", { text: lines[0] }), element("span", { text: lines[1] }));
  note.style.left = `${Math.min(pointer.clientX + 14, window.innerWidth - note.offsetWidth - 8)}px`;
  note.style.top = `${Math.min(pointer.clientY + 14, window.innerHeight - note.offsetHeight - 8)}px`;
}

function togglePanel() {
  const open = document.getElementById("panel").classList.toggle("open");
  document.getElementById("more").setAttribute("aria-expanded", open);
}
