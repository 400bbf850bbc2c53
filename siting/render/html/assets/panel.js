// The panel beside the map: headline, questions with their legends, targets, background, data.

/** Write the whole panel in the reader's language. */
function writePanel(app) {
  const { plan } = app;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = labelOf(plan.about.title);
  document.querySelectorAll("[data-word]").forEach((node) => { node.textContent = say(node.dataset.word); });
  document.querySelectorAll("[data-label]").forEach((node) => node.setAttribute("aria-label", say(node.dataset.label)));
  document.querySelectorAll("[data-language]").forEach((node) => node.setAttribute("aria-pressed", node.dataset.language === language));
  put("title", labelOf(plan.about.title));
  put("place", `${labelOf(plan.about.city)} · ${app.stage || plan.about.year}`);
  put("figures", ...headline(plan));
  put("closing", labelOf(plan.about.closing));
  const { faults } = plan.about;
  put("faults", element("summary", { text: say("faults", { n: faults.length }) }), ...faults.map((text) => element("p", { text })));
  document.getElementById("faults").hidden = !faults.length;
  put("more-title", labelOf(plan.about.title));
  put("more-question", say(`question_${app.question}`));
  document.getElementById("find").placeholder = say("find");
  document.getElementById("close").setAttribute("aria-label", say("close"));
  writeStages(app);
  writeQuestions(app);
  put("targets", ...targetList(plan));
  put("base", ...backgroundLines(app));
  put("about", ...about(plan));
  document.getElementById("edit").hidden = !plan.candidates.id.length;
  put("edits", ...editLines(app));
  writeSheet(app);
}

/** The questions that the data can answer: a map for the public has no cells. */
const answerable = (plan) => Object.keys(QUESTIONS).filter((name) => plan.cells.x.length || !["walk", "haul"].includes(name));

/** The questions, one of which is asked; below it its legend. */
function writeQuestions(app) {
  const fields = answerable(app.plan).flatMap((name) => {
    const button = element("input", { type: "radio", name: "question", value: name, id: `question-${name}` });
    button.checked = name === app.question;
    button.addEventListener("change", () => app.ask(name));
    const title = element("label", { class: "question", for: `question-${name}` }, button, element("span", { text: say(`question_${name}`) }));
    return button.checked ? [title, element("div", { id: "legend", role: "group", "aria-label": say("legend") }, ...LEGENDS[name](app))] : [title];
  });
  const box = document.getElementById("questions");
  box.replaceChildren(box.firstElementChild, ...fields);
}

/** What is real, derived and synthetic, and the sources. */
function about(plan) {
  const paragraph = (text) => element("p", { text });
  return [
    element("p", { class: "nature", text: say(plan.about.is_made_up ? "made_up" : "nature") }), element("h3", { text: say("notes") }), ...plan.about.notes.map(paragraph),
    element("h3", { text: say("sources") }), ...plan.about.attributions.map(paragraph),
  ];
}

function headline(plan) {
  const held = plan.targets.filter((target) => target.holds).length;
  const missed = plan.targets.length - held;
  const verdict = missed ? `✗ ${say("some_missed", { n: missed })}` : plan.targets.length ? `✓ ${say("all_hold")}` : say("no_targets");
  const tile = (name, value, extra = "", kind = "") => element(
    "div", { class: `tile ${kind}` }, element("span", { text: name }), element("b", { text: value }), element("small", { text: extra }),
  );
  const { chains } = plan.about;
  const gap = plan.about.gap_flatters ? "decidable_gap" : "gap";
  const costOf = (chain) => chain.cost_cny_per_resident === null
    ? yearly(chain.cost_cny) : quantity(chain.cost_cny_per_resident, "CNY per resident");
  const within = plan.districts.figures.residents_within_1000_m;
  const near = within ? within.reduce((a, b) => a + b, 0) / Math.max(plan.about.residents, 1) : null;
  return [
    ...chains.map((chain) => tile(say("chain_cost", { chain: labelOf(chain.label) }), quantity(chain.cost_cny_per_t, "CNY/t"), costOf(chain), "chain")),
    ...(plan.about.has_points ? [tile(say("near"), percent(near), `${say("residents")} ${people(plan.about.residents)}`)] : []),
    tile(say("targets"), `${held} / ${plan.targets.length}`, verdict, missed ? "missed" : plan.targets.length ? "holds" : ""),
    tile(say(chains.length > 1 ? "cost_of_both" : "cost"), money(plan.about.cost_cny), `${say(gap)} ${percent(plan.about[gap])} · ${say(`status_${plan.about.status}`)}`),
    ...(plan.about.penalty_cny ? [tile(say("penalties"), money(plan.about.penalty_cny), say("penalties_note"))] : []),
  ];
}

/** The city's targets line by line, then each target of the districts as one group, the worst district first. */
function targetList(plan) {
  const city = plan.targets.filter((target) => target.district < 0);
  const groups = new Map();
  for (const target of plan.targets.filter((one) => one.district >= 0)) {
    const key = measureName(target);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(target);
  }
  const named = (target) => {
    const made = targetRow(target);
    if (target.unit !== "city") made.prepend(element("i", { text: target.unit }));
    return made;
  };
  return [
    ...(city.length ? [element("h3", { text: say("other_units") }), ...city.map(named)] : []),
    ...(groups.size ? [element("h3", { text: say("by_district") })] : []),
    ...[...groups.values()].map((targets) => districtGroup(plan, targets)),
  ];
}

/** One target of all districts: how many reach it, and inside, what each reaches. */
function districtGroup(plan, targets) {
  const sorted = [...targets].sort((a, b) => a.holds - b.holds || marginOf(a) - marginOf(b));
  const held = targets.filter((target) => target.holds).length;
  const differ = targets.some((target) => target.asked !== targets[0].asked);
  const asked = differ ? "…" : targetValue(targets[0], targets[0].asked);
  const name = `${labelOf(targets[0].label)} ${targets[0].is_at_least ? "≥" : "≤"} ${asked}`;
  const head = element(
    "summary", {}, element("span", { text: name }), element("b", { text: `${held} / ${targets.length}` }), mark(held === targets.length),
  );
  const made = element("details", { class: "group" }, head, ...sorted.map((target) => element(
    "div", { class: "row" },
    element("span", { text: plan.districts[language][target.district] }),
    element("b", { text: targetValue(target, target.reached) + (differ ? ` / ${targetValue(target, target.asked)}` : "") }),
    mark(target.holds),
  )));
  made.open = held < targets.length;
  return made;
}

/** Whether the panel lies over the foot of the map, as on a phone. */
const isNarrow = () => window.matchMedia("(max-width: 760px)").matches;

function togglePanel() {
  const open = document.getElementById("panel").classList.toggle("open");
  document.getElementById("more").setAttribute("aria-expanded", open);
}

function closePanel() {
  if (document.getElementById("panel").classList.contains("open")) togglePanel();
}
