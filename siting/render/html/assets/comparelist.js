// What differs between two plans: how much of each kind, and a list that can be searched.

const MOST_FOUND = 120;

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
