// The page of a comparison: which two plans are shown, legends that are also switches, the list of what differs.

const LAYERS = ["cells", "points", "large", "flows"];
const MOST_FOUND = 120;

/** The state of the page. `pair` is the two plans that are shown, in the order in which they are chosen. */
function makePage() {
  const comparison = JSON.parse(document.getElementById("comparison").textContent);
  const hiddenTypes = new Set();
  const page = {
    comparison, hiddenTypes,
    shown: new Set(["cells", "points", "large"]),
    hidden: new Set(),
    chosen: [0, 1],
    mark: null,
    apps: comparison.runs.map((_, number) => appOf(planOfRun(comparison, number), hiddenTypes)),
    maps: ["map-0", "map-1", "map-2"].map(makeMap),
    layers: [[], [], []],
  };
  return page;
}

/** The pair that is chosen, turned round where it is chosen the other way; null for one plan and itself. */
function chosenPair({ comparison, chosen: [first, second] }) {
  if (first === second) return null;
  const pair = comparison.pairs.find((one) => one.first === Math.min(first, second) && one.second === Math.max(first, second));
  return first < second ? pair : { ...pair, sites: pair.sites && turnedSites(pair.sites), walks: pair.walks && pair.walks.map((one) => [0, 2, 1, 4, 3][one]) };
}

function turnedSites(sites) {
  const turn = (rows) => rows.map(([i, j, ...more]) => [j, i, ...more]);
  return { both: turn(sites.both), changed: turn(sites.changed), moved: turn(sites.moved), only_first: sites.only_second, only_second: sites.only_first };
}

const isTogether = (page) => {
  const pair = chosenPair(page);
  return !pair || Boolean(pair.sites || pair.walks);
};

/** Draw all three maps anew. */
function drawMaps(page) {
  const pair = chosenPair(page);
  const types = page.comparison.types.map((type, i) => [type, i]);
  page.hiddenTypes.clear();
  types.filter(([type]) => !page.shown.has(type.echelon ? "large" : "points")).forEach(([, i]) => page.hiddenTypes.add(i));
  const apps = page.chosen.map((number) => page.apps[number]);
  const drawn = [planLayers(apps[0], page.shown), planLayers(apps[1], page.shown), pair && pair.sites ? differenceLayers(apps, pair, page.hidden) : []];
  page.maps.forEach((map, n) => {
    page.layers[n].forEach((layer) => layer.remove());
    page.layers[n] = [...drawn[n], ...(drawn[n].length ? [new Batch((pen) => paintChoice(pen, page))] : [])];
    page.layers[n].forEach((layer) => layer.addTo(map));
  });
}

/** A ring around what was chosen in the list. */
function paintChoice(pen, { mark }) {
  (mark ? mark.places : []).forEach(([u, v]) => {
    pen.context.beginPath();
    traceShape(pen.context, "circle", pen.x(u), pen.y(v), 14);
    pen.stroke("#ffffff", 5);
    pen.stroke("#111111", 2.2);
  });
}

/** Show what the two plans cover: all maps alike, or each its own city where they are apart. */
function fitMaps(page) {
  page.maps.forEach((map) => map.invalidateSize({ pan: false }));
  const boxes = page.chosen.map((number) => L.latLngBounds(page.comparison.runs[number].bounds));
  if (isTogether(page)) {
    page.maps[0].fitBounds(boxes[0].extend(boxes[1]), { animate: false });
    page.maps.slice(1).forEach((map) => map.setView(page.maps[0].getCenter(), page.maps[0].getZoom(), { animate: false, reset: true }));
  } else page.maps.forEach((map, n) => map.fitBounds(boxes[Math.min(n, 1)], { animate: false }));
}

const nameOf = (page, n) => page.comparison.runs[page.chosen[n]].name;
const letterOf = (page, n) => String.fromCharCode(65 + (page.chosen[n] % 26));
const chip = (page, n) => element("i", { class: `chip ${n ? "of-second" : "of-first"}`, text: letterOf(page, n) });

/** Write everything that is in words. */
function writePage(page) {
  document.documentElement.lang = language;
  document.title = document.body.dataset[language === "zh" ? "titleZh" : "titleEn"];
  document.querySelectorAll("[data-language]").forEach((node) => node.setAttribute("aria-pressed", node.dataset.language === language));
  const pair = chosenPair(page);
  const verdict = pair ? [pair.verdict, ...pair.obstacles.filter((one) => one.blocks)].filter(Boolean).map(labelOf) : [say("alone")];
  const apart = isTogether(page) ? [] : [say("apart")];
  put("pair-verdict", page.comparison.runs.length > 2 || !isTogether(page) ? [...(page.comparison.runs.length > 2 ? verdict : []), ...apart].join(" ") : "");
  [0, 1].forEach((n) => put(`name-${n}`, chip(page, n), ` ${nameOf(page, n)} · ${labelOf(page.comparison.runs[page.chosen[n]].title)}`));
  put("name-2", chip(page, 0), ` ${nameOf(page, 0)} → `, chip(page, 1), ` ${nameOf(page, 1)}`);
  page.maps.forEach((map, n) => map.getContainer().setAttribute("aria-label", n < 2 ? nameOf(page, n) : `${say("difference")}: ${nameOf(page, 0)} → ${nameOf(page, 1)}`));
  writeLayers(page);
  writeLegend(page);
  writeChanges(page, pair);
}

function tick(checked, change) {
  const box = element("input", { type: "checkbox" });
  box.checked = checked;
  box.addEventListener("change", () => change(box.checked));
  return box;
}

function writeLayers(page) {
  const made = LAYERS.map((name) => element("label", {}, tick(page.shown.has(name), (on) => {
    page.shown[on ? "add" : "delete"](name);
    drawMaps(page);
    writeLegend(page);
  }), element("span", { text: say(`layer_${name}`) })));
  const field = document.getElementById("layers");
  field.replaceChildren(field.querySelector("legend"), ...made);
}

const picture = (shape, paint, radius = 6) => swatch((pen) => {
  pen.beginPath();
  traceShape(pen, shape, 11, 9, radius);
  paint(pen);
});

const inked = (fill, rim, width = 1) => (pen) => {
  Object.assign(pen, { fillStyle: fill, strokeStyle: rim, lineWidth: width });
  pen.fill();
  pen.stroke();
};

/** What the two maps show: types with their numbers in both plans, and the classes of walk. */
function writeLegend(page) {
  const plans = page.chosen.map((number) => page.apps[number].plan);
  const types = page.comparison.types.flatMap((type, i) => {
    const counts = plans.map((plan) => plan.facilities.type.filter((one) => one === i).length);
    if (!counts[0] && !counts[1] || page.hiddenTypes.has(i)) return [];
    const [shape, colour] = page.apps[0].symbols[i];
    return [element("span", {}, picture(shape, inked(colour, type.echelon ? "#222" : "#fff"), type.echelon ? 6.5 : 5), element("span", { text: `${labelOf(type)}: ${amount(counts[0])} → ${amount(counts[1])}` }))];
  });
  const walks = !page.shown.has("cells") ? [] : [element("h3", { text: say("walk_key") }), ...[...WALK_LIMITS_M, null].map((limit, n) => {
    const text = limit ? `≤ ${metres(limit)}` : say("over", { m: metres(WALK_LIMITS_M.at(-1)) });
    return element("span", {}, boxPicture(WALK_COLOURS[n], "#aaa"), element("span", { text }));
  }), element("span", {}, boxPicture(null, UNCOVERED), element("span", { text: say("uncovered") }))];
  put("legend", ...types, ...walks);
}

const boxPicture = (colour, rim) => swatch((pen) => {
  pen.fillStyle = colour || hatch(pen);
  pen.fillRect(3, 3, 16, 12);
  pen.strokeStyle = rim;
  pen.strokeRect(3, 3, 16, 12);
});

/** The switches of the difference map with their numbers, and the list of what differs. */
function writeChanges(page, pair) {
  const refused = document.getElementById("refused");
  refused.hidden = !pair || Boolean(pair.sites);
  refused.textContent = refused.hidden ? "" : `${say("refused")} ${pair.obstacles.filter((one) => one.blocks).map(labelOf).join(" ")}`;
  document.querySelector("#difference .split").hidden = !pair || !pair.sites;
  if (!pair || !pair.sites) return put("changes");
  const kinds = {
    only_first: picture("circle", inked("#fff", FIRST, 2.2)), only_second: picture("circle", inked(SECOND, "#fff")),
    moved: movePicture(), changed: picture("circle", inked("#f0e442", "#222", 1.4)), both: picture("circle", inked("#d8d4ca", "#8f8a7e")),
  };
  const line = (name, image, text, count) => element("label", { class: "line" }, tick(!page.hidden.has(name), (on) => {
    page.hidden[on ? "delete" : "add"](name);
    drawMaps(page);
  }), image, element("span", { text }), element("b", { text: count }));
  const sites = Object.entries(kinds).map(([name, image]) => line(name, image, say(name, { name: nameOf(page, name === "only_second" ? 1 : 0) }), amount(pair.sites[name].length)));
  const find = element("input", { type: "search", id: "find", placeholder: say("find"), "aria-label": say("find") });
  find.addEventListener("input", () => listFound(page, pair, find.value));
  put("changes", element("h3", { text: say("sites") }), ...sites, ...walkLines(page, pair, line), find, element("ul", { id: "found" }));
  return listFound(page, pair, "");
}

function movePicture() {
  return swatch((pen) => {
    Object.assign(pen, { strokeStyle: MOVED, lineWidth: 2, fillStyle: MOVED });
    pen.stroke(new Path2D("M3 13L19 5"));
    pen.beginPath();
    traceShape(pen, "circle", 18, 5, 4);
    pen.fill();
  });
}

function walkLines(page, pair, line) {
  if (!pair.walks) return [];
  const { residents } = page.apps[page.chosen[1]].plan.cells;
  const sums = WALK_CHANGES.map(() => 0);
  pair.walks.forEach((one, i) => { sums[one] += residents[i]; });
  const lines = [1, 2, 3, 4].map((one) => line(`walk_${one}`, boxPicture(WALK_CHANGES[one], "#888"), say(`walk_${one}`), people(sums[one])));
  return [element("h3", { text: say("walks", { a: letterOf(page, 0), b: letterOf(page, 1) }) }), ...lines];
}

/** Every site that differs, the larger first: [kind, row in the first plan or −1, row in the second or −1, metres moved]. */
function differingSites(page, { sites }) {
  const [first, second] = page.chosen.map((number) => page.apps[number].plan.facilities);
  const rows = [
    ...sites.moved.map(([i, j, m]) => ["moved", i, j, m]), ...sites.changed.map(([i, j]) => ["changed", i, j, 0]),
    ...sites.only_first.map((i) => ["only_first", i, -1, 0]), ...sites.only_second.map((j) => ["only_second", -1, j, 0]),
  ];
  const echelonOf = ([, i, j]) => (i >= 0 ? first.echelon[i] : second.echelon[j]);
  return rows.sort((a, b) => echelonOf(b) - echelonOf(a));
}

function listFound(page, pair, typed) {
  const wanted = typed.trim().toLowerCase();
  const [first, second] = page.chosen.map((number) => page.apps[number]);
  const found = differingSites(page, pair).map((row) => ({ row, ...namesOf(page, first, second, row) })).filter(({ name, what }) => `${name} ${what}`.toLowerCase().includes(wanted));
  const items = found.slice(0, MOST_FOUND).map(({ row, name, what }) => element("li", {}, siteButton(page, [first, second], row, name, what)));
  if (found.length > MOST_FOUND) items.push(element("li", { text: say("more", { n: amount(found.length - MOST_FOUND) }) }));
  if (!found.length) items.push(element("li", { text: wanted ? "–" : say("none") }));
  put("found", ...items);
}

/** What a site is called and what becomes of it. */
function namesOf(page, first, second, [kind, i, j, metresMoved]) {
  const title = (app, row) => `${app.plan.facilities.name[row] || app.plan.facilities.id[row]}`;
  const type = (app, row) => labelOf(app.plan.types[app.plan.facilities.type[row]]);
  const size = (app, row) => app.plan.facilities.size.levels[app.plan.facilities.size.codes[row]];
  const name = i >= 0 && j >= 0 && kind === "moved" ? `${title(first, i)} → ${title(second, j)}` : i >= 0 ? title(first, i) : title(second, j);
  if (kind === "moved") return { name, what: `${type(second, j)} · ${say("moved_by", { m: metres(metresMoved) })}` };
  if (kind === "changed") return { name, what: `${type(first, i)} ${size(first, i)} → ${type(second, j)} ${size(second, j)}` };
  return { name, what: `${i >= 0 ? type(first, i) : type(second, j)} · ${say(kind, { name: nameOf(page, i >= 0 ? 0 : 1) })}` };
}

function siteButton(page, [first, second], [kind, i, j], name, what) {
  const image = { moved: movePicture, changed: () => picture("circle", inked("#f0e442", "#222", 1.4)), only_first: () => picture("circle", inked("#fff", FIRST, 2.2)), only_second: () => picture("circle", inked(SECOND, "#fff")) }[kind]();
  const button = element("button", { type: "button" }, image, element("span", {}, name, element("small", { text: what })));
  button.addEventListener("click", () => {
    document.querySelectorAll("#found [aria-pressed]").forEach((node) => node.removeAttribute("aria-pressed"));
    button.setAttribute("aria-pressed", "true");
    const places = [...(i >= 0 ? [[first, i]] : []), ...(j >= 0 ? [[second, j]] : [])].map(([app, row]) => [app.at.facilities[2 * row], app.at.facilities[2 * row + 1]]);
    page.mark = { places };
    const box = L.latLngBounds(places.map(([u, v]) => latLngOf(u, v)));
    page.maps[2].fitBounds(box.pad(0.6), { maxZoom: 15, animate: false });
    page.layers.forEach((layers) => layers.at(-1)?.redraw());
  });
  return button;
}

/** The facility under the pointer, told beside it. */
function tellFacilities(page) {
  page.maps.slice(0, 2).forEach((map, n) => {
    map.on("mousemove", ({ latlng, originalEvent }) => {
      const app = page.apps[page.chosen[n]];
      const size = 256 * 2 ** map.getZoom();
      const { x, y } = map.project(latlng).divideBy(size);
      const { facilities } = app.at;
      let [best, found] = [12, -1];
      app.plan.facilities.type.forEach((type, i) => {
        const far = Math.hypot(facilities[2 * i] - x, facilities[2 * i + 1] - y) * size;
        if (far < best && !page.hiddenTypes.has(type)) [best, found] = [far, i];
      });
      tellFacility(app, found, originalEvent);
    });
    map.on("mouseout movestart", () => tellFacility(null, -1));
  });
}

function tellFacility(app, i, pointer) {
  const note = document.getElementById("note");
  note.hidden = i < 0;
  if (i < 0) return;
  const { facilities, types } = app.plan;
  const told = [labelOf(types[facilities.type[i]]), `${say("throughput")} ${tonnes(facilities.throughput_t[i])}`, `${say("capacity")} ${tonnes(facilities.capacity_t[i])}`];
  note.replaceChildren(element("b", { text: facilities.name[i] || facilities.id[i] }), element("span", { text: told.join(" · ") }));
  note.style.left = `${Math.min(pointer.clientX + 14, window.innerWidth - note.offsetWidth - 8)}px`;
  note.style.top = `${Math.min(pointer.clientY + 14, window.innerHeight - note.offsetHeight - 8)}px`;
}

/** Fill the two select boxes and answer them. */
function listenToChoice(page) {
  ["first", "second"].forEach((id, n) => {
    const box = document.getElementById(id);
    box.append(...page.comparison.runs.map(({ name }, value) => element("option", { value, text: name })));
    box.value = page.chosen[n];
    box.addEventListener("change", () => {
      page.chosen[n] = Number(box.value);
      page.mark = null;
      drawMaps(page);
      writePage(page);
      fitMaps(page);
    });
  });
}

function showComparison() {
  const page = makePage();
  window.siting = page;
  const mayMove = () => isTogether(page);
  listenToChoice(page);
  fitMaps(page);
  moveTogether(page.maps, mayMove);
  drawMaps(page);
  writePage(page);
  fitMaps(page);
  page.maps.forEach((map) => credit(map, page.comparison.uses_osm));
  showGhosts(page.maps, mayMove);
  tellFacilities(page);
  document.querySelectorAll("[data-language]").forEach((node) => node.addEventListener("click", () => {
    language = node.dataset.language;
    writePage(page);
    drawMaps(page);
  }));
  window.addEventListener("resize", () => page.maps.forEach((map) => map.invalidateSize()));
  document.body.dataset.ready = page.apps.map(({ plan }) => plan.facilities.x.length).join(" ");
}

addEventListener("DOMContentLoaded", showComparison);
