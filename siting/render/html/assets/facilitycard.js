// The card of a facility: what it is, whom it serves, why it is here, what it costs.

const USES = ["", "in_use", "below_least_use", "idle"]; // as in map/columns.py

const nameOf = (plan, i) => plan.facilities.name[i] || plan.facilities.id[i];

/** Everything that is told of a facility in the year or case that is shown. */
function facilityCard(app, i) {
  const { plan } = app;
  const f = plan.facilities;
  const head = [
    element("h2", { tabindex: -1, text: nameOf(plan, i) }),
    element("p", { class: "kind", text: [labelOf(plan.types[f.type[i]]), f.action[i] && `${say("size")} ${levelOf(f.size, i)}`, f.id[i]].filter(Boolean).join(" · ") }),
    element("p", {}, element("span", { class: `badge ${ACTIONS[f.action[i]] || "later"}`, text: actionText(plan, i) })),
  ];
  const isOpen = f.action[i] && f.action[i] !== CLOSED;
  return [
    ...head,
    ...placeRows(plan, i),
    ...(isOpen ? [...servedRows(app, i), ...reasonRows(app, i), ...costRows(plan, i)] : []),
    ...decisionControls(app, f.id[i], isOpen),
    element("p", { class: "nature", text: say(plan.about.is_made_up ? "made_up" : f.opened[i] ? "candidate_nature" : "existing_nature") }),
  ];
}

const levelOf = (column, i) => column.levels[column.codes[i]] || "";

/** What becomes of it, and when. */
function actionText(plan, i) {
  const { action, opened } = plan.facilities;
  const name = ACTIONS[action[i]];
  if (!name) return say("opens_later", { year: opened[i] });
  return name === "build" ? say("action_build_in", { year: opened[i] }) : say(`action_${name}`);
}

function placeRows(plan, i) {
  const f = plan.facilities;
  const place = [kindLabel(levelOf(f.kind, i)), levelOf(f.osm_class, i) && `OSM: ${levelOf(f.osm_class, i)}`, f.is_shared[i] && say("shared")];
  return [
    row(say("district"), labelOf({ en: plan.districts.en[f.district[i]], zh: plan.districts.zh[f.district[i]] })),
    row(say("place"), place.filter(Boolean).join(", ")),
    ...(f.area_m2[i] ? [row(say("area"), quantity(f.area_m2[i], "m2"))] : []),
    ...(f.certainty[i] ? [row(say("certainty"), labelOf(plan.certainties[f.certainty[i]]))] : []),
  ];
}

/** Whom it serves, what it takes of what it can take, by material, and where that goes. */
function servedRows(app, i) {
  const { plan } = app;
  const f = plan.facilities;
  const load = loadOf(plan, i);
  const bar = element("div", { class: load > 1.0001 ? "bar over" : "bar" }, element("i", { style: `width:${Math.min(100, 100 * load)}%` }));
  const { walks, given, arriving, leaving } = movesOf(plan, i);
  const sender = ["", "from_points", "from_stations", "from_centres"][f.echelon[i]];
  const total = (rows, table) => rows.reduce((sum, r) => sum + table.tonnes[r], 0);
  const from = (word, rows, table) => (rows.length ? [row(say(word), `${amount(rows.length)} · ${tonnes(total(rows, table))}`)] : []);
  return [
    element("h3", { text: say("serves") }),
    ...(f.echelon[i] === 0 ? [row(say("served"), people(f.residents[i]))] : []),
    ...(walks.length ? [row(say("from_cells"), amount(walks.length)), row(say("farthest_walk"), metres(Math.max(...walks.map((r) => plan.assignments.distance_m[r]))))] : []),
    ...(arriving.length ? from(sender, arriving, plan.hauls) : []),
    ...from("from_generators", given, plan.directs),
    row(say("throughput"), tonnes(f.throughput_t[i])),
    row(say("utilisation"), `${percent(load)} ${say("of")} ${tonnes(f.capacity_t[i])}`),
    ...(f.limit_t[i] < f.capacity_t[i] ? [row(say("planned_limit"), `${percent(f.throughput_t[i] / f.limit_t[i])} ${say("of")} ${tonnes(f.limit_t[i])}`)] : []),
    bar,
    ...(f.use[i] > 1 ? [element("p", { class: "loss", text: say(USES[f.use[i]]) })] : []),
    ...nearestRows(f, i),
    ...materialRows(plan, i),
    ...leaving.map((r) => linkRow(app, say("sends"), plan.hauls.to[r], `${tonnes(plan.hauls.tonnes[r])}, ${quantity(plan.hauls.distance_km[r], "km")}`)),
  ];
}

/** What it takes if residents walk to the nearest open point, where that is not what the plan sends it. */
function nearestRows(f, i) {
  const load = f.nearest_t[i];
  if (load < 0 || Math.abs(load - f.throughput_t[i]) < 0.2) return [];
  const made = row(say("if_nearest"), `${tonnes(load)} · ${percent(load / f.capacity_t[i])}`);
  if (load > 1.0001 * f.capacity_t[i]) made.classList.add("over");
  return [made];
}

/** Tonnes by material, where there is more than one. */
function materialRows(plan, i) {
  const inflow = plan.facilities.inflow[i];
  if (plan.materials.length < 2 || !inflow.length) return [];
  const rows = [];
  for (let n = 0; n < inflow.length; n += 2) rows.push(row(labelOf(plan.materials[inflow[n]]), tonnes(inflow[n + 1])));
  return [element("details", {}, element("summary", { text: `${say("by_material")} (${rows.length})` }), ...rows)];
}

/** A row that leads to another facility. */
function linkRow(app, name, to, text) {
  const link = element("button", { type: "button", class: "link", text: nameOf(app.plan, to) });
  link.addEventListener("click", () => app.goTo(to));
  return element("div", { class: "row" }, element("span", { text: name }), element("b", {}, link, ` ${text}`));
}

/** Why it is here: how far the next of its kind is, and what the plan loses without it. */
function reasonRows(app, i) {
  const next = nextOfKind(app, i);
  const isCoarse = !app.plan.cells.x.length; // a map for the public: places are not where they are drawn
  return [
    element("h3", { text: say("why_here") }),
    ...(isCoarse ? [] : next ? [linkRow(app, say("next_of_kind"), next.facility, quantity(next.distance_m, "m", { digits: 3 }))] : [row(say("next_of_kind"), say("only_one"))]),
    element("p", { class: "loss", text: lossText(app.plan, i) }),
    element("p", { class: "small", text: say(app.plan.facilities.echelon[i] ? "loss_meaning_haul" : "loss_meaning_walk", { m: metres(app.plan.about.walk_cutoff_m) }) }),
  ];
}

/** What finds no other facility if this one closes, in words. */
function lossText(plan, i) {
  const f = plan.facilities;
  const ofPoint = f.echelon[i] === 0;
  const all = ofPoint ? f.residents[i] : f.throughput_t[i];
  const lost = ofPoint ? f.lost_residents[i] : f.lost_t[i];
  const alone = ofPoint ? f.alone_residents[i] : f.alone_t[i];
  const tell = ofPoint ? people : tonnes;
  const detour = f.detour_m[i] >= 0 ? say("detour", { m: metres(f.detour_m[i]) }) : "";
  if (lost < Math.max(1, 0.001 * all)) return say(ofPoint ? "no_loss_walk" : "no_loss_haul") + detour + say("stop");
  const part = { lost: tell(lost), all: tell(all), share: quantity(lost / all, "share", { digits: 2 }), t: tonnes(f.lost_t[i]) };
  const none = alone >= Math.max(1, 0.001 * all) ? say(ofPoint ? "alone_walk" : "alone_haul", { alone: tell(alone) }) : "";
  const word = lost > 0.999 * all ? "loss_all" : "loss";
  return say(`${word}_${ofPoint ? "walk" : "haul"}`, part) + none + say("stop");
}

/** What it costs: once, a year, and to haul a tonne on from here. */
function costRows(plan, i) {
  const f = plan.facilities;
  const running = f.annual_cny[i] - f.investment_cny_per_year[i] - f.land_cny_per_year[i];
  return [
    element("h3", { text: say("costs") }),
    row(say("annual"), yearly(f.annual_cny[i])),
    row(say("of_it_capital"), yearly(f.investment_cny_per_year[i])),
    row(say("of_it_land"), yearly(f.land_cny_per_year[i])),
    row(say("of_it_running"), yearly(running)),
    row(say("investment"), money(f.investment_cny[i])),
    ...(f.haul_cny_per_t[i] > 0 ? [row(say("haul_from_here"), perTonne(f.haul_cny_per_t[i]))] : []),
  ];
}
