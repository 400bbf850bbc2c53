// The card beside the map (a district, a cell, a facility) and the short note at the pointer.

const row = (name, value) => element("div", { class: "row" }, element("span", { text: name }), element("b", { text: value }));

function mark(holds) {
  const made = element("span", { class: holds ? "mark holds" : "mark missed", role: "img", text: holds ? "✓" : "✗" });
  made.setAttribute("aria-label", say(holds ? "holds" : "missed"));
  return made;
}

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
function districtCard({ plan }, i) {
  const figures = plan.districts.figures;
  const of = (name) => (figures[name] ? figures[name][i] : null);
  const rows = [row(say("residents"), people(of("residents")))];
  for (const name of Object.keys(figures)) {
    const within = /^residents_within_(\d+)_m$/.exec(name);
    if (within) rows.push(row(say("within", { m: metres(Number(within[1])) }), percent(of("residents") ? of(name) / of("residents") : null)));
  }
  rows.push(row(say("walk"), metres(of("mean_walk_m"))));
  rows.push(row(say("open"), ["open_point", "open_transfer", "open_sorting"].map((name) => amount(of(name))).join(" · ")));
  rows.push(row(say("collected"), tonnes(of("collected_t"))), row(say("processed"), tonnes(of("processed_t"))));
  const targets = plan.targets.filter((target) => target.district === i);
  const name = language === "zh" ? plan.districts.zh[i] : `${plan.districts.en[i]} ${plan.districts.zh[i]}`;
  const head = element("h2", { tabindex: -1, text: name });
  return [head, ...rows, ...(targets.length ? [element("h3", { text: say("targets") }), ...targets.map(targetRow)] : [])];
}

/** The figures of a cell: who lives there, where they walk to, what its tonnes cost to haul. */
function cellCard(app, i) {
  const { plan } = app;
  const c = plan.cells;
  const walks = rowsWhere(plan.assignments.cell, i);
  return [
    element("h2", { tabindex: -1, text: say("cell") }),
    row(say("residents"), people(c.residents[i])),
    row(say("district"), plan.districts[language][c.district[i]]),
    ...(walks.length ? [row(say("walk"), metres(c.walk_m[i]))] : [row(say("assigned"), say("uncovered"))]),
    ...walks.map((r) => linkRow(app, say("walks_to"), plan.assignments.facility[r], `${metres(plan.assignments.distance_m[r])}, ${percent(plan.assignments.share_percent[r] / 100)}`)),
    ...(c.haul_cny_per_t[i] >= 0 ? [row(say("gives"), tonnes(c.given_t[i])), row(say("haul_from_here"), perTonne(c.haul_cny_per_t[i]))] : []),
  ];
}

/** The short note for a facility, a generator or a cell. */
function noteOf({ plan, question }, hit) {
  if (hit.facility >= 0) return facilityNote(plan, hit.facility);
  if (hit.candidate >= 0) return [candidateName(plan, hit.candidate), `${say("not_chosen")} · ${kindLabel(levelOf(plan.candidates.kind, hit.candidate))}`];
  if (hit.generator >= 0) {
    const g = plan.generators;
    const cost = g.haul_cny_per_t[hit.generator];
    const parts = [kindLabel(levelOf(g.kind, hit.generator)), `${say("offers")} ${tonnes(g.tonnes[hit.generator])}`, ...(cost >= 0 ? [perTonne(cost)] : [])];
    return [`${say("generator")} ${g.id[hit.generator]}`, parts.join(" · ")];
  }
  if (hit.cell < 0) return null;
  const c = plan.cells;
  const title = `${say("cell")}: ${people(c.residents[hit.cell])}`;
  if (c.walk_m[hit.cell] < 0) return [title, say("uncovered")];
  if (question === "haul") return [title, c.haul_cny_per_t[hit.cell] < 0 ? say("nothing_hauled") : `${say("haul_from_here")} ${perTonne(c.haul_cny_per_t[hit.cell])}`];
  const part = c.served_percent[hit.cell] < 100 ? ` · ${say("assigned")} ${c.served_percent[hit.cell]} %` : "";
  return [title, `${say("walk")} ${metres(c.walk_m[hit.cell])}${part}`];
}

function facilityNote(plan, i) {
  const f = plan.facilities;
  const parts = [labelOf(plan.types[f.type[i]])];
  if (f.action[i] === CLOSED) parts.push(say("action_close"));
  else parts.push(tonnes(f.throughput_t[i]), `${say("utilisation")} ${percent(loadOf(plan, i))}`, ...(f.use[i] > 1 ? [say(USES[f.use[i]])] : []));
  if (f.echelon[i] === 0 && f.action[i] !== CLOSED) parts.push(`${say("served")} ${people(f.residents[i])}`);
  return [nameOf(plan, i), parts.join(" · ")];
}

/** Fill and show the card; `content` makes it again when the language or the year changes. */
function showCard(app, content, { pinned, focus = false }) {
  app.card = pinned ? content : null;
  const card = document.getElementById("card");
  put("card-content", ...content());
  card.setAttribute("aria-label", document.querySelector("#card h2").textContent);
  card.classList.toggle("pinned", pinned);
  card.hidden = false;
  card.scrollTop = 0;
  if (focus) document.querySelector("#card h2").focus();
}

function hideCard(app) {
  app.card = null;
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
