// How each district stands: against one target, against all of its own, or by a figure.

const MARGIN_LIMITS = [-0.1, 0, 0.02, 0.2];

/** What the districts can be looked at by: all their targets, each of these, then figures. */
function measuresOf(plan) {
  const own = plan.targets.filter((target) => target.district >= 0);
  const named = [...new Set(own.map(measureName))];
  const figures = Object.keys(plan.districts.figures).filter((name) => /^residents_within_\d+_m$/.test(name));
  return [...(own.length ? ["all"] : []), ...named.map((name) => `target:${name}`), ...figures.map((name) => `figure:${name}`)];
}

/** The name that the targets of one kind share, in both languages; it does not change with the reader's. */
const measureName = (target) => `${target.label.en}|${target.label.zh}|${target.is_at_least ? "≥" : "≤"}`;

function measureLabel(measure) {
  if (measure === "all") return say("all_own_targets");
  const [, kind, name] = /^(\w+):(.*)$/s.exec(measure);
  if (kind === "figure") return say("within", { m: quantity(Number(/\d+/.exec(name)[0]), "m") });
  const [en, zh, sense] = name.split("|");
  return `${language === "zh" ? zh : en} ${sense}`;
}

/** Margin over what is asked, as a share of it; above 0 where the target holds with room to spare. */
function marginOf({ reached, asked, is_at_least: least }) {
  return (least ? reached - asked : asked - reached) / Math.max(Math.abs(asked), 1e-9);
}

/** For each district its class under a measure (−1: it has no such target) and what is told of it. */
function standings(plan, measure) {
  return plan.districts.code.map((_, district) => {
    const own = plan.targets.filter((target) => target.district === district);
    if (measure === "all") {
      const held = own.filter((target) => target.holds).length;
      const missed = own.length - held;
      return { level: own.length ? (missed ? (missed > 1 ? 0 : 1) : 3) : -1, text: own.length ? `${held} / ${own.length}` : "", order: -missed };
    }
    if (measure.startsWith("figure:")) {
      const residents = plan.districts.figures.residents[district];
      if (!residents) return { level: -1, text: "" };
      const share = plan.districts.figures[measure.slice(7)][district] / residents;
      return { level: Math.min(4, Math.floor(share * 5)), text: percent(share), order: share };
    }
    const target = own.find((one) => `target:${measureName(one)}` === measure);
    return target ? { level: marginLevel(target), text: targetValue(target, target.reached), order: marginOf(target), target } : { level: -1, text: "" };
  });
}

function marginLevel(target) {
  const margin = marginOf(target);
  if (target.holds) return margin <= MARGIN_LIMITS[2] ? 2 : margin <= MARGIN_LIMITS[3] ? 3 : 4;
  return margin < MARGIN_LIMITS[0] ? 0 : 1;
}

const levelColours = (measure) => (measure.startsWith("figure:") ? SHARE_COLOURS : MARGIN_COLOURS);

/** Districts by how they stand; those that miss are hatched, so that they show in print too. */
function marginPainter(app) {
  return (pen) => {
    const colours = levelColours(app.measure);
    standings(app.plan, app.measure).forEach(({ level }, i) => {
      pen.context.beginPath();
      app.at.districtRings[i].forEach((ring) => pen.trace(ring, true));
      pen.fill(level < 0 ? NO_VALUE : colours[level], "evenodd");
      if (level < 0 || level > 1 || colours !== MARGIN_COLOURS) return;
      pen.fill(hatch(pen.context, "rgba(90,30,0,0.45)", "rgba(0,0,0,0)"), "evenodd");
    });
  };
}

/** The classes of a measure, each with what it means. */
function levelNames(measure) {
  if (measure.startsWith("figure:")) return [0, 1, 2, 3, 4].map((n) => `${20 * n}–${20 * (n + 1)} %`);
  if (measure === "all") return [say("misses_several"), say("misses_one"), null, say("holds_all"), null];
  return ["missed_far", "missed_little", "held_just", "held", "held_far"].map((word) => say(word));
}

/** The chooser of the measure, its classes with how many districts are in each, the districts in order. */
function marginLegend(app) {
  const measures = measuresOf(app.plan);
  const list = element("select", { id: "measure", "aria-label": say("measure") }, ...measures.map((name) => element("option", { value: name, text: measureLabel(name) })));
  list.value = app.measure;
  list.addEventListener("change", () => { app.measure = list.value; app.write(); document.getElementById("measure").focus(); });
  const stand = standings(app.plan, app.measure);
  const colours = levelColours(app.measure);
  const line = (colour, text, level, hatched) => element(
    "div", { class: "line" }, colourBox(colour, hatched), element("span", { text }), element("em", { text: amount(stand.filter((one) => one.level === level).length) }),
  );
  const lines = levelNames(app.measure).map((name, n) => name && line(colours[n], name, n, colours === MARGIN_COLOURS && n < 2)).filter(Boolean);
  if (colours === MARGIN_COLOURS) lines.reverse();
  if (stand.some(({ level }) => level < 0)) lines.push(line(NO_VALUE, say(colours === MARGIN_COLOURS ? "no_own_target" : "not_planned"), -1, false));
  const isTarget = app.measure.startsWith("target:");
  const chosen = element("p", { class: "chosen", text: measureLabel(app.measure) });
  return [list, chosen, element("p", { class: "unit", text: say(isTarget ? "margin_unit" : "district_count") }), ...lines, ...(measures.includes("all") ? [] : [element("p", { text: say("no_district_targets") })])];
}
