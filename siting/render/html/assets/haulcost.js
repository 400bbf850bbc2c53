// What a tonne costs to haul from a cell or a generator to where its material ends.

const NICE_STEPS = [1, 2, 2.5, 5, 10];

/** Round numbers that part values into five classes, most values lying in the inner ones. */
function classLimits(values) {
  const sorted = values.filter((value) => value >= 0).sort((a, b) => a - b);
  if (!sorted.length) return [1, 2, 3, 4];
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  const rough = Math.max((at(0.95) - at(0.05)) / 4, at(0.5) / 100, 0.1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = NICE_STEPS.find((one) => one * power >= rough * 0.999) * power;
  const first = Math.max(step, Math.ceil(at(0.05) / step + 0.25) * step);
  return [0, 1, 2, 3].map((n) => Number((first + n * step).toPrecision(6)));
}

const NOTHING_HAULED = { near: "#8d897f", afar: "#dad6cc" };

const haulLimits = (plan) => classLimits([...plan.cells.haul_cny_per_t, ...plan.generators.haul_cny_per_t]);

/** Class of a cost of haul: 0 … 4; 5 where nothing is hauled from. */
function haulClass(cny, limits) {
  if (cny < 0) return HAUL_COLOURS.length;
  const found = limits.findIndex((limit) => cny <= limit);
  return found < 0 ? limits.length : found;
}

function haulCellPainter(app) {
  const limits = haulLimits(app.plan);
  return cellPainter(app, app.plan.cells.haul_cny_per_t.map((cny) => haulClass(cny, limits)), HAUL_COLOURS, NOTHING_HAULED);
}

function haulGeneratorPainter(app) {
  const { tonnes: offered, haul_cny_per_t: costs } = app.plan.generators;
  const limits = haulLimits(app.plan);
  const most = offered.reduce((a, b) => Math.max(a, b), 1);
  return (pen) => {
    HAUL_COLOURS.forEach((colour, level) => {
      pen.context.beginPath();
      costs.forEach((cny, i) => {
        if (haulClass(cny, limits) === level) traceGenerator(pen, app.at, i, offered[i] / most);
      });
      pen.fill(colour);
      pen.stroke("#333333", 0.7);
    });
  };
}

/** The classes with their unit and the tonnes that are given in each; below, the mean of the plan. */
function haulLegend(app) {
  const { plan } = app;
  const limits = haulLimits(plan);
  const given = new Array(HAUL_COLOURS.length + 1).fill(0);
  for (const table of [plan.cells, plan.generators]) {
    table.haul_cny_per_t.forEach((cny, i) => { given[haulClass(cny, limits)] += table.given_t[i]; });
  }
  const total = given.reduce((a, b) => a + b, 0) || 1;
  const names = limits.map((limit, n) => (n ? `${limits[n - 1]}–${limit}` : `≤ ${limit}`));
  names.push(`> ${limits[limits.length - 1]}`);
  const mean = plan.about.collected_t ? plan.about.haul_cny / plan.about.collected_t : null;
  return [
    element("p", { class: "unit", text: say("haul_unit") }),
    ...names.map((name, n) => element("div", { class: "line" }, colourBox(HAUL_COLOURS[n]), element("span", { text: name }), element("em", { text: percent(given[n] / total) }))),
    element("div", { class: "line" }, colourBox(null, true, NOTHING_HAULED.near), element("span", { text: say("nothing_hauled") })),
    element("p", { text: say("haul_mean", { mean: perTonne(mean), all: yearly(plan.about.haul_cny) }) }),
    element("p", { text: say("haul_meaning") }),
  ];
}
