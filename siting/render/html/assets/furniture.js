// What stands on the map beside the plan: tiles, scale bar, north, credits, the approval number, the printer.

/** Online tiles under the plan, where a basemap was chosen; without a network they stay empty. */
function addTiles(map, plan) {
  if (!plan.basemap) return;
  const { urls, subdomains } = plan.basemap;
  urls.forEach((url) => L.tileLayer(url, { subdomains }).addTo(map));
}

function control(position, made) {
  const one = L.control({ position });
  one.onAdd = () => made;
  return one;
}

const north = () => element("div", { class: "north", role: "img" }, element("span", { "aria-hidden": "true", text: "▲" }), element("b", { "aria-hidden": "true", text: "N" }));

function printButton() {
  const button = element("button", { type: "button", id: "print" });
  button.innerHTML = '<svg width="17" height="17" viewBox="0 0 17 17" aria-hidden="true" fill="none" stroke="#333" stroke-width="1.4"><path d="M4.5 6V2h8v4M4.5 12H2V6h13v6h-2.5M4.5 9.5h8V15h-8z"/></svg>';
  button.addEventListener("click", () => window.print());
  return element("div", { class: "leaflet-bar" }, button);
}

/** Put everything in its corner. */
function furnish(app) {
  const { map } = app;
  addTiles(map, app.whole);
  control("topleft", printButton()).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  control("bottomleft", north()).addTo(map);
  map.credit = L.control.attribution({ prefix: '<a href="https://leafletjs.com">Leaflet</a>' }).addTo(map);
  const { approval } = app.whole.about;
  if (approval) control("bottomright", element("div", { class: "approval" })).addTo(map);
}

/** The words of it, in the reader's language. */
function writeFurniture({ map, whole }) {
  const label = (selector, word) => {
    const node = document.querySelector(selector);
    node.setAttribute("aria-label", say(word));
    node.title = say(word);
  };
  label("#print", "print");
  label(".north", "north");
  label(".leaflet-control-zoom-in", "zoom_in");
  label(".leaflet-control-zoom-out", "zoom_out");
  map.getContainer().setAttribute("aria-label", say("map"));
  if (whole.about.approval) document.querySelector(".approval").textContent = labelOf(whole.about.approval);
  const osm = '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors';
  map.credit._attributions = {};
  const credits = [whole.basemap?.credit, whole.about.uses_osm && osm, say(whole.about.is_made_up ? "made_up_short" : "nature_short")].filter(Boolean);
  map.credit.addAttribution([...new Set(credits)].join(" · "));
}
