// The legend of each question, which is also the control of its layers.

/** A box that switches something on and off, with a picture, a name and a figure beside it. */
function tickLine({ on, change, picture = "", text, figure = "", below = "" }) {
  const box = element("input", { type: "checkbox" });
  box.checked = on;
  box.addEventListener("change", () => change(box.checked));
  const name = element("span", { text }, ...(below ? [element("small", { text: below })] : []));
  return element("label", { class: "line" }, box, picture, name, element("em", { text: figure }));
}

function layerLine(app, name, { picture, text, figure = "" }) {
  const change = (on) => {
    app.off[on ? "delete" : "add"](name);
    arrangeLayers(app);
    app.redraw();
  };
  return tickLine({ on: !app.off.has(name), change, picture, text, figure });
}

const barPicture = (colour, width) => swatch((pen) => {
  pen.fillStyle = colour;
  pen.fillRect(2, 9 - width / 2, 18, width);
});

/** A box in a colour; hatched where the map is. */
function colourBox(colour, hatched = false, line = UNCOVERED) {
  return swatch((pen) => {
    pen.fillStyle = colour || hatch(pen, line);
    pen.fillRect(3, 3, 16, 12);
    if (hatched && colour) {
      pen.fillStyle = hatch(pen, "rgba(90,30,0,0.45)", "rgba(0,0,0,0)");
      pen.fillRect(3, 3, 16, 12);
    }
    pen.strokeStyle = colour ? "#8d897f" : line;
    pen.strokeRect(3, 3, 16, 12);
  });
}

/** The picture of a facility as the map shows it. */
function lookPicture(look, radius) {
  return swatch((context) => {
    const pen = {
      context,
      fill: (colour) => { context.fillStyle = colour; context.fill(); },
      stroke: (colour, width) => { Object.assign(context, { strokeStyle: colour, lineWidth: width }); context.stroke(); },
    };
    context.beginPath();
    traceShape(context, look.shape, 11, 9, radius);
    if (look.load === undefined) {
      pen.fill(look.colour);
      if (look.rim) pen.stroke(look.rim, 1);
    }
    if (look.isCrossed || look.isMarked || look.load !== undefined) paintMark(pen, look, 11, 9, radius);
  });
}

const LEGENDS = { where: whereLegend, walk: walkLegend, flow: flowLegend, targets: marginLegend, haul: haulLegend };

/** Facility types with their number and sizes, and what the colours and marks mean. */
function whereLegend(app) {
  return [...colourChooser(app), ...typeLines(app), element("p", { class: "unit", text: say("symbol_size") }), ...markLines(app), ...candidateLine(app)];
}

/** The candidates that were not chosen, which show when asked for. */
function candidateLine(app) {
  const { candidates } = app.plan;
  if (!candidates.id.length) return [];
  const change = (on) => {
    app.on[on ? "add" : "delete"]("candidates");
    arrangeLayers(app);
  };
  return [tickLine({ on: app.on.has("candidates"), change, picture: lookPicture({ shape: "circle", colour: "#ffffff", rim: SYMBOLS[0][0][1] }, 4), text: say("candidates"), figure: amount(candidates.id.length) })];
}

/** Whether colours tell types, what becomes of facilities, years or how sure they are; only what there is in the plan. */
function colourChooser(app) {
  const { opened, certainty } = app.plan.facilities;
  const choices = ["type", ...(opened.includes(0) ? ["action"] : []), ...(app.years.length > 1 ? ["year"] : []), ...(certainty.some(Boolean) ? ["certainty"] : [])];
  if (choices.length < 2) return [];
  const list = element("select", { id: "colour", "aria-label": say("colour_by") }, ...choices.map((name) => element("option", { value: name, text: say(`colour_${name}`) })));
  list.value = app.colourBy;
  list.addEventListener("change", () => {
    app.colourBy = list.value;
    app.write();
    document.getElementById("colour").focus();
  });
  return [list, element("p", { class: "chosen", text: say(`colour_${app.colourBy}`) })];
}

function typeLines(app) {
  const { action, type, capacity_t: capacity } = app.plan.facilities;
  return app.plan.types.flatMap((one, t) => {
    const rows = type.map((_, i) => i).filter((i) => type[i] === t && action[i] && action[i] !== CLOSED);
    if (!rows.length) return [];
    const [shape, colour] = app.symbols[t];
    const look = { shape, colour: app.colourBy === "type" ? colour : "#ffffff", rim: one.echelon || app.colourBy !== "type" ? "#222222" : "#ffffff" };
    const sizes = rows.map((i) => capacity[i]);
    const [least, most] = [sizes.reduce((a, b) => Math.min(a, b)), sizes.reduce((a, b) => Math.max(a, b))];
    const change = (on) => {
      app.hidden[on ? "delete" : "add"](t);
      app.redraw();
    };
    return [tickLine({
      on: !app.hidden.has(t), change, picture: lookPicture(look, [4.5, 6, 7, 7][one.echelon]), text: labelOf(one), figure: amount(rows.length),
      below: least === most ? tonnes(most) : `${quantity(least, "t")} – ${tonnes(most)}`,
    })];
  });
}

/** Existing and closed facilities, or the colours of what becomes of them, or of years. */
function markLines(app) {
  const { action, opened, certainty } = app.plan.facilities;
  const count = (test) => amount(action.filter((one, i) => one && test(one, i)).length);
  const line = (look, text, figure) => element("div", { class: "line" }, lookPicture(look, 5), element("span", { text }), element("em", { text: figure }));
  const closed = { shape: "circle", colour: "#ffffff", rim: ACTION_COLOURS.close, isCrossed: true };
  const closedLine = action.includes(CLOSED) ? [line(closed, say("action_close"), count((one) => one === CLOSED))] : [];
  if (app.colourBy === "action") {
    const open = ["keep", "upgrade", "build"].map((name) => line({ shape: "circle", colour: ACTION_COLOURS[name] }, say(`action_${name}`), count((one) => ACTIONS[one] === name)));
    return [...open, ...closedLine];
  }
  if (app.colourBy === "year") {
    const years = [...(opened.includes(0) ? [0] : []), ...app.years];
    return [...years.map((year) => line({ shape: "circle", colour: yearColour(year, app.years) }, year ? String(year) : say("stands_today"), count((_, i) => opened[i] === year))), ...closedLine];
  }
  if (app.colourBy === "certainty") {
    const there = CERTAINTY_COLOURS.map((_, n) => n).filter((n) => n && certainty.includes(n));
    return there.map((n) => line({ shape: "circle", colour: CERTAINTY_COLOURS[n], rim: "#222222" }, labelOf(app.plan.certainties[n]), count((_, i) => certainty[i] === n)));
  }
  const standing = opened.includes(0) ? [line({ shape: "circle", colour: "#0072B2", isMarked: true }, say("stands_today"), count((one) => one === 1 || one === 2))] : [];
  return [...standing, ...closedLine];
}

/** The classes of walking distance, each with its colour and its share of the residents. */
function walkLegend(app) {
  const { cells } = app.plan;
  const residents = new Array(WALK_COLOURS.length + 1).fill(0);
  cells.walk_m.forEach((walk, i) => { residents[walkClass(walk)] += cells.residents[i]; });
  const total = residents.reduce((a, b) => a + b, 0) || 1;
  const names = WALK_LIMITS_M.map((limit, i) => `${i ? WALK_LIMITS_M[i - 1] : 0}–${amount(limit)}`);
  names.push(`> ${amount(WALK_LIMITS_M[WALK_LIMITS_M.length - 1])}`, say("uncovered"));
  const line = (name, i) => element(
    "div", { class: "line" }, colourBox(WALK_COLOURS[i] || null), element("span", { text: name }), element("em", { text: percent(residents[i] / total) }),
  );
  return [element("p", { class: "unit", text: say("walk_unit") }), ...names.map(line), ...typeLines(app).slice(0, app.plan.types.filter((one) => one.echelon === 0).length)];
}

/** Classes of flows with the widths of their lines, and how full a station or centre is. */
function flowLegend(app) {
  const { plan } = app;
  const texts = { flow_centre: plan.facilities.echelon.includes(3) ? "flow_base" : "flow_centre", flow_point: "flow_point", flow_direct: "flow_direct" };
  const lines = Object.entries(texts).flatMap(([name, word]) => {
    const { rows, table } = flowsOf(plan, name);
    const total = rows.reduce((sum, i) => sum + table.tonnes[i], 0);
    const picture = barPicture(FLOWS[name].colour, 3);
    return rows.length ? [layerLine(app, name, { picture, text: say(word), figure: tonnes(total) }), ...widthLines(plan, name)] : [];
  });
  const dot = lookPicture({ shape: "circle", colour: "#6cc3a8" }, 4);
  const generators = plan.generators.x.length ? [layerLine(app, "generators", { picture: dot, text: say("generators"), figure: amount(plan.generators.x.length) })] : [];
  const load = [0.25, 0.75, 1].map((share) => element("span", {}, lookPicture({ shape: "square", colour: SYMBOLS[1][0][1], load: share }, 6), percent(share)));
  return [...lines, ...generators, element("p", { class: "unit", text: say("load_unit") }), element("div", { class: "loads" }, ...load)];
}

/** What the widest line of a class carries and what one of half the width does. */
function widthLines(plan, name) {
  const { most } = flowsOf(plan, name);
  const { colour, widest } = FLOWS[name];
  const width = (t) => flowWidth(t, most) * widest;
  return [element("div", { class: "loads" }, ...[most / 8, most].map((t) => element("span", {}, barPicture(colour, width(t)), quantity(t, "t/yr", { digits: 2 }))))];
}

/** What lies below every question. */
function backgroundLines(app) {
  const { areas, lines, x } = app.plan.water;
  return [
    layerLine(app, "borders", { picture: barPicture("#6f6a5f", 1), text: say("districts") }),
    layerLine(app, "roads", { picture: barPicture("#b9ac97", 2), text: say("roads") }),
    ...(areas.length + lines.length + x.length ? [layerLine(app, "water", { picture: barPicture("#a9cfe3", 4), text: say("water") })] : []),
  ];
}
