// The names on the map: districts with what is told of them, then streets and towns where there is room.

const PLACES_FROM_ZOOM = 11.5;

/** Names of districts, the most populous first; one that would lie on another is left out until the map is enlarged. */
function namePainter(app) {
  const { districts } = app.plan;
  const { residents } = districts.figures;
  const order = districts.code.map((_, i) => i).sort((a, b) => residents[b] - residents[a]);
  const places = order.map((i) => square(app.plan, districts.label[2 * i], districts.label[2 * i + 1]));
  return (pen) => {
    const values = app.question === "targets" ? standings(app.plan, app.measure).map(({ text }) => text) : [];
    const taken = [];
    order.forEach((i, n) => nameDistrict(pen, places[n], [districts[language][i], values[i]].filter(Boolean), taken));
    if (app.at.places && pen.zoom >= PLACES_FROM_ZOOM) app.plan.places.name.forEach((name, i) => namePlace(pen, placeAt(app.at.places, i), name, taken));
  };
}

/** The name of a street or town, where there is room for it. */
function namePlace(pen, [u, v], name, taken) {
  if (!pen.sees(u, v)) return;
  const { context } = pen;
  Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round", font: `11px ${FONT}`, strokeStyle: "rgba(255,255,255,0.9)", lineWidth: 3, fillStyle: "#5d584c" });
  const room = { x: pen.x(u), y: pen.y(v), half: context.measureText(name).width / 2 + 6, tall: 8 };
  if (taken.some((one) => Math.abs(room.x - one.x) < room.half + one.half && Math.abs(room.y - one.y) < room.tall + one.tall)) return;
  taken.push(room);
  context.strokeText(name, room.x, room.y);
  context.fillText(name, room.x, room.y);
}

/** The lines of a district's name, one below the other around its place. */
function nameDistrict(pen, place, lines, taken) {
  const { context } = pen;
  Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round", font: `600 12px ${FONT}` });
  const [x, y] = [pen.x(place[0]), pen.y(place[1])];
  const half = Math.max(...lines.map((text) => context.measureText(text).width)) / 2 + 4;
  const tall = 7.5 * lines.length;
  if (taken.some((one) => Math.abs(x - one.x) < half + one.half && Math.abs(y - one.y) < tall + one.tall)) return;
  taken.push({ x, y, half, tall });
  lines.forEach((text, n) => {
    const row = y + 15 * (n - (lines.length - 1) / 2);
    Object.assign(context, { strokeStyle: "rgba(255,255,255,0.92)", lineWidth: 4, fillStyle: n ? "#1e1b16" : "#3a352b", font: `600 12px ${FONT}` });
    context.strokeText(text, x, row);
    context.fillText(text, x, row);
  });
}
