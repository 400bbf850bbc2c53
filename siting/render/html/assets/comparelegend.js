// What stands beside the maps: layers that can be switched, and what the signs mean.

const LAYERS = ["cells", "points", "large", "flows"];

function tick(checked, change) {
  const box = element("input", { type: "checkbox" });
  box.checked = checked;
  box.addEventListener("change", () => change(box.checked));
  return box;
}

function writeLayers(page) {
  const made = LAYERS.map((name) => element("label", {}, tick(page.shown.has(name), (on) => {
    page.shown[on ? "add" : "delete"](name);
    drawMaps(page);
    writeLegend(page);
  }), element("span", { text: say(`layer_${name}`) })));
  const field = document.getElementById("layers");
  field.replaceChildren(field.querySelector("legend"), ...made);
}

const picture = (shape, paint, radius = 6) => swatch((pen) => {
  pen.beginPath();
  traceShape(pen, shape, 11, 9, radius);
  paint(pen);
});

const inked = (fill, rim, width = 1) => (pen) => {
  Object.assign(pen, { fillStyle: fill, strokeStyle: rim, lineWidth: width });
  pen.fill();
  pen.stroke();
};

/** What the two maps show: types with their numbers in both plans, and the classes of walk. */
function writeLegend(page) {
  const plans = page.chosen.map((number) => page.apps[number].plan);
  const types = page.comparison.types.flatMap((type, i) => {
    const counts = plans.map((plan) => plan.facilities.type.filter((one) => one === i).length);
    if (!counts[0] && !counts[1] || page.hiddenTypes.has(i)) return [];
    const [shape, colour] = page.apps[0].symbols[i];
    return [element("span", {}, picture(shape, inked(colour, type.echelon ? "#222" : "#fff"), type.echelon ? 6.5 : 5), element("span", { text: `${labelOf(type)}: ${amount(counts[0])} → ${amount(counts[1])}` }))];
  });
  const walks = !page.shown.has("cells") ? [] : [element("h3", { text: say("walk_key") }), ...[...WALK_LIMITS_M, null].map((limit, n) => {
    const text = limit ? `≤ ${metres(limit)}` : say("over", { m: metres(WALK_LIMITS_M.at(-1)) });
    return element("span", {}, boxPicture(WALK_COLOURS[n], "#aaa"), element("span", { text }));
  }), element("span", {}, boxPicture(null, UNCOVERED), element("span", { text: say("uncovered") }))];
  put("legend", ...types, ...walks);
}

const boxPicture = (colour, rim) => swatch((pen) => {
  pen.fillStyle = colour || hatch(pen);
  pen.fillRect(3, 3, 16, 12);
  pen.strokeStyle = rim;
  pen.strokeRect(3, 3, 16, 12);
});
