// A city folder as a plain map: districts, roads, waters, where people live, where facilities may stand.

const city = JSON.parse(document.getElementById("data").textContent);
const WORDS = JSON.parse(document.getElementById("words").textContent);
const say = (key) => `${WORDS[key].zh} ${WORDS[key].en}`;
const PER_DEGREE = 100000;
const COLOURS = { point: "#0072B2", transfer: "#E69F00", sorting: "#D55E00", generator: "#009E73", odd: "#B2182B" };
const RADIUS = { point: 3.2, transfer: 6.5, sorting: 8.5 };
const canvas = L.canvas({ padding: 0.3 });

/** Steps of a path as places that Leaflet knows. */
function latLngs(steps) {
  const out = [];
  let [x, y] = [0, 0];
  for (let i = 0; i < steps.length; i += 2) {
    [x, y] = [x + steps[i], y + steps[i + 1]];
    out.push([city.origin[1] + y / PER_DEGREE, city.origin[0] + x / PER_DEGREE]);
  }
  return out;
}

const place = (x, y) => [city.origin[1] + y / PER_DEGREE, city.origin[0] + x / PER_DEGREE];
const escaped = (text) => { const box = document.createElement("span"); box.textContent = text; return box.innerHTML; };

/** One circle for each row of columns, with a text that is shown on a click. */
function dots(rows, options, tell) {
  const group = L.layerGroup();
  rows.x.forEach((x, i) => {
    const dot = L.circleMarker(place(x, rows.y[i]), { renderer: canvas, weight: 0.8, color: "#fff", fillOpacity: 0.9, ...options(i) });
    dot.bindPopup(() => tell(i));
    group.addLayer(dot);
  });
  return group;
}

function show() {
  const map = L.map("map", { preferCanvas: true, zoomSnap: 0.25, attributionControl: false });
  map.fitBounds(city.bounds, { padding: [20, 20] });
  const water = L.layerGroup();
  city.water.areas.forEach((rings) => water.addLayer(L.polygon(rings.map(latLngs), { renderer: canvas, stroke: false, fillColor: "#a9cbe4", fillOpacity: 0.8 })));
  city.water.lines.forEach((path) => water.addLayer(L.polyline(latLngs(path), { renderer: canvas, color: "#a9cbe4", weight: 2 })));
  const roads = L.layerGroup();
  city.roads.slice().reverse().forEach(({ rank, paths }) => paths.forEach((path) =>
    roads.addLayer(L.polyline(latLngs(path), { renderer: canvas, color: rank < 2 ? "#9a917d" : "#c9c3b4", weight: rank < 2 ? 2.2 : 1.1, interactive: false }))));
  const districts = L.layerGroup();
  city.districts.forEach((one) => {
    const area = L.polygon(one.rings.map(latLngs), { renderer: canvas, color: "#5c5647", weight: 1.6, dashArray: "5 4", fill: false, interactive: false });
    area.bindTooltip(escaped(one.zh === one.en ? one.en : `${one.zh} ${one.en}`), { permanent: true, direction: "center", className: "name" });
    districts.addLayer(area);
  });
  const most = Math.max(...city.cells.residents, 1);
  const cells = dots(city.cells, (i) => ({ radius: 2 + 9 * Math.sqrt(city.cells.residents[i] / most), stroke: false, fillOpacity: 0.35,
    fillColor: city.cells.odd[i] ? COLOURS.odd : "#6a51a3" }), (i) => `${city.cells.residents[i].toLocaleString()} ${say("residents_of")}${city.cells.odd[i] ? `<br>${say("unreached")}` : ""}`);
  const layers = { [say("waters")]: water, [say("roads")]: roads, [say("districts")]: districts, [say("residents")]: cells };
  for (const [echelon, label] of [["point", say("points")], ["transfer", say("stations")], ["sorting", say("centres")]]) {
    const rows = city.sites[echelon];
    layers[label] = dots(rows, (i) => ({ radius: RADIUS[echelon], fillColor: rows.odd[i] ? COLOURS.odd : COLOURS[echelon] }),
      (i) => [rows.name[i], rows.kind[i], rows.role[i], rows.id[i]].filter(Boolean).map(escaped).join("<br>"));
  }
  if (city.generators.x.length) {
    layers[say("generators")] = dots(city.generators, () => ({ radius: 4, fillColor: COLOURS.generator }),
      (i) => `${escaped(city.generators.id[i])}<br>${city.generators.tonnes[i].toLocaleString()} t`);
  }
  Object.values(layers).forEach((layer) => layer.addTo(map));
  L.control.layers(null, layers, { collapsed: false }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  const row = (colour, text, kind = "") => `<div class="row"><i class="${kind}" style="background:${colour}"></i>${text}</div>`;
  document.getElementById("panel").innerHTML = `<h1>${escaped(city.title)}</h1>`
    + row("#6a51a3", say("residents_key")) + row(COLOURS.point, say("point_candidates")) + row(COLOURS.transfer, say("station_candidates"))
    + row(COLOURS.sorting, say("centre_candidates")) + (city.generators.x.length ? row(COLOURS.generator, say("generators")) : "")
    + row(COLOURS.odd, say("odd"))
    + city.notes.map((note) => `<p>${escaped(note)}</p>`).join("") + `<p>${escaped(city.attribution)}</p>`;
}

show();
