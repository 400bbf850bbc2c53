// Draws the answer to a classic problem: who is served, by which site, and what it is worth.

const data = JSON.parse(document.getElementById("data").textContent);
const WORDS = JSON.parse(document.getElementById("words").textContent);
const say = (key) => `${WORDS[key].en} · ${WORDS[key].zh}`;
const map = L.map("map", { preferCanvas: true, zoomSnap: 0.25, attributionControl: false });
const at = (places, row) => [places.lat[row], places.lon[row]];
const number = (value) => (value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: 2 }));
const text = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });

const DIAMOND = '<path d="M8 1 15 8 8 15 1 8Z" fill="#b3261e" stroke="#fff"/>';
const SHAPES = {
  chosen: DIAMOND,
  kept: DIAMOND,
  opened: '<circle cx="8" cy="8" r="7" fill="#1a1a1a" stroke="#fff"/><path d="M8 4V12M4 8H12" stroke="#fff" stroke-width="2"/>',
  closed: '<path d="M3 3 13 13M13 3 3 13" stroke="#1a1a1a" stroke-width="2.5"/>',
};
const opened = new Set(data.opened);
const closed = new Set(data.closed);
const stateOf = (row) => {
  const id = data.sites.id[row];
  if (!data.closed) return data.sites.chosen[row] ? "chosen" : null;
  if (data.sites.chosen[row]) return opened.has(id) ? "opened" : "kept";
  return closed.has(id) ? "closed" : null;
};
const LEGEND = [
  ...(data.closed ? ["kept", "opened", "closed"] : ["chosen"]).map((state) => [say(state), SHAPES[state]]),
  [say("candidate"), '<circle cx="8" cy="8" r="4" fill="#fff" stroke="#777"/>'],
  [say("served"), '<circle cx="8" cy="8" r="4" fill="#1b6ca8"/>'],
  [say("not_served"), '<circle cx="8" cy="8" r="4" fill="none" stroke="#e08a00" stroke-width="2"/>'],
];

function drawDemand() {
  const served = new Set(data.node);
  data.demand.lat.forEach((_, row) => {
    const style = served.has(row)
      ? { radius: 3, stroke: false, fillColor: "#1b6ca8", fillOpacity: 0.8 }
      : { radius: 4, color: "#e08a00", weight: 2, fill: false };
    L.circleMarker(at(data.demand, row), style).bindTooltip(() => text("span", data.demand.id[row])).addTo(map);
  });
}

function drawLines() {
  data.node.forEach((node, row) => {
    const ends = [at(data.demand, node), at(data.sites, data.site[row])];
    L.polyline(ends, { color: "#1b6ca8", weight: 1, opacity: 0.25 + 0.35 * data.share[row] }).addTo(map);
  });
}

function drawSites() {
  const serves = new Array(data.sites.lat.length).fill(0);
  data.site.forEach((site) => (serves[site] += 1));
  data.sites.lat.forEach((_, row) => {
    if (stateOf(row)) return;
    const style = { radius: 3, color: "#777", weight: 1, fillColor: "#fff", fillOpacity: 1 };
    L.circleMarker(at(data.sites, row), style).bindTooltip(() => text("span", data.sites.id[row])).addTo(map);
  });
  data.sites.lat.forEach((_, row) => {
    const state = stateOf(row);
    if (!state) return;
    const icon = L.divIcon({ className: "", iconSize: [16, 16], html: `<svg width="16" height="16">${SHAPES[state]}</svg>` });
    const words = `${data.sites.id[row]}: ${serves[row]}`;
    L.marker(at(data.sites, row), { icon }).bindTooltip(() => text("span", words)).addTo(map);
  });
  data.plants.forEach((row) => {
    L.circleMarker(at(data.plantsAt, row), { radius: 8, color: "#5b2a86", weight: 3, fill: false }).addTo(map);
  });
}

function writePanel() {
  const panel = document.getElementById("panel");
  const figures = [
    [say("status"), data.status],
    ...(data.closed ? [[say("today"), number(data.today_value)]] : []),
    [say("value"), number(data.value)],
    [say("bound"), number(data.bound)],
    [say("gap"), data.gap === null ? "–" : `${(100 * data.gap).toFixed(2)} %`],
    [say("unit"), data.unit],
    [say("sites"), number(data.chosen.length)],
    ...(data.closed ? ["opened", "closed"].map((state) => [say(state), number(data[state].length)]) : []),
    [say("served"), `${number(data.nodes_served)} / ${number(data.nodes)}`],
  ];
  const list = document.createElement("dl");
  figures.forEach(([name, value]) => list.append(text("dt", name), text("dd", value)));
  panel.append(text("h1", data.problem), list);
  LEGEND.forEach(([name, shape]) => {
    const line = document.createElement("p");
    line.innerHTML = `<svg width="16" height="16">${shape}</svg>`;
    line.append(name);
    panel.append(line);
  });
}

const all = [...data.demand.lat.map((_, row) => at(data.demand, row)), ...data.sites.lat.map((_, row) => at(data.sites, row))];
map.fitBounds(all, { padding: [20, 20] });
drawLines();
drawDemand();
drawSites();
writePanel();
L.control.scale({ imperial: false }).addTo(map);
document.body.dataset.ready = `${data.chosen.length} sites, ${data.demand.lat.length} nodes`;
