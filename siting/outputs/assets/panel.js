// The panel beside the map: headline, legend that is also the layer control, targets, data.

/** Write the whole panel in the reader's language. `shown` is the set of layers that are on. */
function writePanel(plan, shown, hidden, onToggle) {
  document.documentElement.lang = language;
  document.title = labelOf(plan.about.title);
  document.querySelectorAll("[data-word]").forEach((node) => { node.textContent = say(node.dataset.word); });
  document.querySelectorAll("[data-language]").forEach((node) => node.classList.toggle("on", node.dataset.language === language));
  const put = (id, ...children) => document.getElementById(id).replaceChildren(...children);
  put("title", labelOf(plan.about.title));
  put("place", `${labelOf(plan.about.city)} · ${plan.about.year}`);
  put("figures", ...headline(plan));
  put("closing", labelOf(plan.about.closing));
  const { faults } = plan.about;
  put("faults", element("summary", { text: say("faults", { n: faults.length }) }), ...faults.map((text) => element("p", { text })));
  document.getElementById("faults").hidden = !faults.length;
  put("more", say("more"));
  put("hint", say("hint"));
  document.getElementById("find").placeholder = say("find");
  document.getElementById("close").title = say("close");
  put("legend", ...legend(plan, shown, hidden, onToggle));
  put("targets", ...targetList(plan));
  put("about", ...about(plan));
}

/** What is real, derived and synthetic, and the sources. */
function about(plan) {
  const paragraph = (text) => element("p", { text });
  return [
    element("p", { class: "nature", text: say("nature") }), element("h3", { text: say("notes") }), ...plan.about.notes.map(paragraph),
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
  const perResident = plan.about.cost_cny / Math.max(plan.about.residents, 1);
  const within = plan.districts.figures.residents_within_1000_m;
  const near = within ? within.reduce((a, b) => a + b, 0) / Math.max(plan.about.residents, 1) : null;
  return [
    tile(say("cost"), money(plan.about.cost_cny), `${amount(perResident, 1)} ${language === "zh" ? "元/人" : "CNY/resident"}`),
    tile(say("gap"), percent(plan.about.gap, 2), say(`status_${plan.about.status}`)),
    tile(say("near"), percent(near), `${say("residents")} ${amount(plan.about.residents)}`),
    tile(say("targets"), `${held} / ${plan.targets.length}`, verdict, missed ? "missed" : plan.targets.length ? "holds" : ""),
  ];
}

function legend(plan, shown, hidden, onToggle) {
  const box = (checked, change) => {
    const made = element("input", { type: "checkbox" });
    made.checked = checked;
    made.addEventListener("change", () => change(made.checked));
    return made;
  };
  const layerBox = (name) => box(shown.has(name), (on) => onToggle(name, on));
  const line = (control, picture, text, count = "") => element(
    "label", { class: "line" }, control, picture, element("span", { text }), element("em", { text: count }),
  );
  const bar = (colour, width) => swatch((pen) => { pen.fillStyle = colour; pen.fillRect(2, 9 - width / 2, 18, width); });
  const dot = (colour) => swatch((pen) => {
    traceShape(pen, "circle", 11, 9, 4);
    pen.fillStyle = colour;
    pen.fill();
  });
  const typeLines = plan.types.flatMap((type, i) => {
    const count = plan.facilities.type.filter((t) => t === i).length;
    if (!count) return [];
    const [shape, colour] = symbolOf(plan.types, i);
    const picture = swatch((pen) => {
      pen.beginPath();
      traceShape(pen, shape, 11, 9, [4.5, 6, 7, 7][type.echelon]);
      Object.assign(pen, { fillStyle: colour, strokeStyle: type.echelon ? "#222" : "#fff" });
      pen.fill();
      pen.stroke();
    });
    return [line(box(!hidden.has(i), (on) => onToggle(i, on)), picture, labelOf(type), amount(count))];
  });
  return [
    ...typeLines,
    element("p", { class: "unit", text: say("symbol_size") }),
    line(layerBox("cells"), "", say("cells")),
    walkScale(plan),
    element("h3", { text: say("flows") }),
    line(layerBox("flow_centre"), bar("#444", 3), say(plan.facilities.echelon.includes(3) ? "flow_base" : "flow_centre"), amount(countHauls(plan, 1) + countHauls(plan, 2))),
    line(layerBox("flow_point"), bar("#6ba5cf", 2), say("flow_point"), amount(countHauls(plan, 0))),
    line(layerBox("flow_direct"), bar("#6cc3a8", 2), say("flow_direct"), amount(plan.directs.from.length)),
    line(layerBox("generators"), dot("#6cc3a8"), say("generators"), amount(plan.generators.x.length)),
    element("h3", { text: say("base") }),
    line(layerBox("borders"), bar("#6f6a5f", 1), say("districts")),
    line(layerBox("roads"), bar("#b9ac97", 2), say("roads")),
    ...(plan.water.areas.length + plan.water.lines.length + plan.water.x.length ? [line(layerBox("water"), bar("#a9cfe3", 4), say("water"))] : []),
  ];
}

const countHauls = (plan, echelon) => plan.hauls.from.filter((i) => plan.facilities.echelon[i] === echelon).length;

/** The classes of walking distance, each with its colour and residents. */
function walkScale(plan) {
  const residents = new Array(WALK_COLOURS.length + 1).fill(0);
  plan.cells.walk_m.forEach((walk, i) => { residents[walkClass(walk)] += plan.cells.residents[i]; });
  const total = residents.reduce((a, b) => a + b, 0) || 1;
  const names = WALK_LIMITS_M.map((limit, i) => `${i ? WALK_LIMITS_M[i - 1] : 0}–${limit} m`);
  names.push(`${say("over")} ${amount(WALK_LIMITS_M[WALK_LIMITS_M.length - 1])} m`, say("uncovered"));
  return element("div", { class: "scale" }, ...names.map((name, i) => {
    const picture = swatch((pen) => {
      pen.fillStyle = i < WALK_COLOURS.length ? WALK_COLOURS[i] : hatch(pen);
      pen.fillRect(3, 3, 16, 12);
      pen.strokeStyle = i < WALK_COLOURS.length ? "#aaa" : UNCOVERED;
      pen.strokeRect(3, 3, 16, 12);
    });
    return element("div", { class: "line" }, picture, element("span", { text: name }), element("em", { text: percent(residents[i] / total) }));
  }));
}

/** The city's targets line by line, then each target of the districts as one group, the worst district first. */
function targetList(plan) {
  const city = plan.targets.filter((target) => target.district < 0);
  const groups = new Map();
  for (const target of plan.targets.filter((one) => one.district >= 0)) {
    const name = `${labelOf(target.label)} ${target.is_at_least ? "≥" : "≤"} `;
    const asked = plan.targets.some((one) => one.district >= 0 && one.label.en === target.label.en && one.asked !== target.asked);
    const key = name + (asked ? "…" : targetValue(target, target.asked));
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
    ...[...groups].map(([name, targets]) => districtGroup(plan, name, targets)),
  ];
}

/** One target of all districts: how many reach it, and inside, what each reaches. */
function districtGroup(plan, name, targets) {
  const slack = ({ reached, asked, is_at_least: least }) => (least ? reached - asked : asked - reached) / Math.max(Math.abs(asked), 1e-9);
  const sorted = [...targets].sort((a, b) => a.holds - b.holds || slack(a) - slack(b));
  const held = targets.filter((target) => target.holds).length;
  const each = name.endsWith("…");
  const head = element(
    "summary", {}, element("span", { text: name }), element("b", { text: `${held} / ${targets.length}` }), mark(held === targets.length),
  );
  const made = element("details", { class: "group" }, head, ...sorted.map((target) => element(
    "div", { class: "row" },
    element("span", { text: plan.districts[language][target.district] }),
    element("b", { text: targetValue(target, target.reached) + (each ? ` / ${targetValue(target, target.asked)}` : "") }),
    mark(target.holds),
  )));
  made.open = held < targets.length;
  return made;
}
