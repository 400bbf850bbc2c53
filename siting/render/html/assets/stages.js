// The years of a roll-out, or the cases of demand: which one the page shows.

/** The plan as it is in one of its years or cases: what lasts, with what is of that stage in its place. */
function planOf(whole, stage) {
  const plan = { ...whole };
  for (const [name, part] of Object.entries(whole.stages[stage] || {})) {
    plan[name] = Array.isArray(part) ? part : { ...whole[name], ...part };
  }
  return plan;
}

const stageNames = (whole) => Object.keys(whole.stages);

/** The control that chooses the year, a slider, or the case, a list; nothing where there is one only. */
function writeStages(app) {
  const names = stageNames(app.whole);
  document.getElementById("stages").hidden = !names.length;
  if (!names.length) return;
  const title = element("label", { for: "stage", text: say(app.whole.are_years ? "year" : "case") });
  const note = element("p", { text: say("stage_note", { stage: app.stage, cost: yearly(app.whole.about.all_cost_cny) }) });
  put("stages", title, ...(app.whole.are_years ? yearSlider(app, names) : [caseList(app, names)]), note);
}

function yearSlider(app, names) {
  const slider = element("input", { type: "range", id: "stage", min: 0, max: names.length - 1, step: 1 });
  const now = names.indexOf(app.stage);
  slider.value = now;
  slider.setAttribute("aria-valuetext", app.stage);
  slider.addEventListener("input", () => {
    app.turnTo(names[slider.value]);
    document.getElementById("stage").focus();
  });
  const ticks = names.map((name, i) => element("span", { class: i === now ? "now" : "", text: name }));
  return [slider, element("div", { class: "ticks", "aria-hidden": "true" }, ...ticks)];
}

function caseList(app, names) {
  const list = element("select", { id: "stage" }, ...names.map((name) => element("option", { value: name, text: name })));
  list.value = app.stage;
  list.addEventListener("change", () => app.turnTo(list.value));
  return list;
}
