// The card beside the map (a district, a facility) and the short note at the pointer.

const row = (name, value) => element("div", { class: "row" }, element("span", { text: name }), element("b", { text: value }));

const mark = (holds) => element("span", { class: holds ? "mark holds" : "mark missed", text: holds ? "✓" : "✗" });

/** One target: what it counts, reached of asked, a mark. */
function targetRow(target) {
  const sense = target.is_at_least ? "≥" : "≤";
  const values = `${targetValue(target, target.reached)} / ${sense} ${targetValue(target, target.asked)}`;
  const name = labelOf(target.label) + (target.is_hard ? "" : ` (${say("soft")})`);
  const made = element("div", { class: "row target" }, element("span", { text: name }), element("b", { text: values }), mark(target.holds));
  made.title = [target.responsible, target.source].filter(Boolean).join(" · ");
  return made;
}

/** The figures of a district. */
function districtCard(plan, i) {
  const figures = plan.districts.figures;
  const of = (name) => (figures[name] ? figures[name][i] : null);
  const rows = [row(say("residents"), amount(of("residents")))];
  for (const name of Object.keys(figures)) {
    const within = /^residents_within_(\d+)_m$/.exec(name);
    if (within) rows.push(row(say("within", { m: amount(Number(within[1])) }), percent(of("residents") ? of(name) / of("residents") : null)));
  }
  rows.push(row(say("walk"), metres(of("mean_walk_m"))));
  rows.push(row(say("open"), ["open_point", "open_transfer", "open_sorting"].map((name) => amount(of(name))).join(" · ")));
  rows.push(row(say("collected"), tonnes(of("collected_t"))), row(say("processed"), tonnes(of("processed_t"))));
  const targets = plan.targets.filter((target) => target.district === i);
  const name = language === "zh" ? plan.districts.zh[i] : `${plan.districts.en[i]} ${plan.districts.zh[i]}`;
  return [element("h2", { text: name }), ...rows, ...targets.map(targetRow)];
}

/** What is known of a facility, with what its catchment and flows sum to. */
function facilityCard(plan, i, sums) {
  const f = plan.facilities;
  const level = (name) => f[name].levels[f[name].codes[i]];
  const load = f.capacity_t[i] ? f.throughput_t[i] / f.capacity_t[i] : 0;
  const place = [kindLabel(level("kind")), level("osm_class") && `OSM: ${level("osm_class")}`].filter(Boolean).join(", ");
  const existing = f.is_existing[i];
  const bar = element("div", { class: load > 1.0001 ? "bar over" : "bar" }, element("i", { style: `width:${Math.min(100, 100 * load)}%` }));
  return [
    element("h2", { text: f.name[i] || f.id[i] }),
    element("p", { class: "kind", text: `${labelOf(plan.types[f.type[i]])} · ${say("size")} ${level("size")} · ${f.id[i]}` }),
    row(say("district"), labelOf({ en: plan.districts.en[f.district[i]], zh: plan.districts.zh[f.district[i]] })),
    row(say("place"), place),
    row(say("capacity"), tonnes(f.capacity_t[i])),
    row(say("throughput"), tonnes(f.throughput_t[i])),
    row(say("utilisation"), percent(load)),
    bar,
    ...(f.echelon[i] === 0 ? [row(say("served"), amount(f.residents[i]))] : []),
    ...sums.map(([name, value]) => row(name, value)),
    row(say("investment"), money(f.investment_cny[i])),
    row(say("annual"), money(f.annual_cny[i])),
    row(say("area"), `${amount(f.area_m2[i])} m²`),
    element("p", { class: "nature", text: say(existing ? "existing_nature" : "candidate_nature") }),
  ];
}

/** The short note for a facility, a generator or a cell. */
function noteOf(plan, hit) {
  if (hit.facility >= 0) {
    const f = plan.facilities;
    const i = hit.facility;
    const load = f.capacity_t[i] ? f.throughput_t[i] / f.capacity_t[i] : 0;
    const parts = [labelOf(plan.types[f.type[i]]), tonnes(f.throughput_t[i]), `${say("utilisation")} ${percent(load, 0)}`];
    if (f.echelon[i] === 0) parts.push(`${say("served")} ${amount(f.residents[i])}`);
    return [f.name[i] || f.id[i], parts.join(" · ")];
  }
  if (hit.generator >= 0) {
    const g = plan.generators;
    const kind = kindLabel(g.kind.levels[g.kind.codes[hit.generator]]);
    return [`${say("generator")} ${g.id[hit.generator]}`, `${kind} · ${say("offers")} ${tonnes(g.tonnes[hit.generator])}`];
  }
  if (hit.cell < 0) return null;
  const c = plan.cells;
  const walk = c.walk_m[hit.cell] < 0 ? say("uncovered") : `${say("walk")} ${metres(c.walk_m[hit.cell])}`;
  const part = c.served_percent[hit.cell] < 100 ? ` · ${say("assigned")} ${c.served_percent[hit.cell]} %` : "";
  return [`${say("cell")}: ${say("residents")} ${amount(c.residents[hit.cell])}`, walk + part];
}
