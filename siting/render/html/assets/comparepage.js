// The page of a comparison: which two plans are shown, and what joins its parts.


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
