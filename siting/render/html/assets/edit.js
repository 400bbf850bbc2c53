// Candidates that were not chosen, and decisions about sites: taken on the map, saved as decisions.yaml.

const DECISION_COLOURS = { keep: "#00684c", wanted: "#00684c", close: "#a31527", forbidden: "#a31527", move: "#a31527", comment: "#5c5749" };
const REVIEWER = "siting-reviewer";

/** The state of editing: whether it is on, what was decided by site, and the site that is being moved. */
const newEdits = () => ({ isOn: false, who: storedName(), decisions: new Map(), moving: null });

function storedName() {
  try { return localStorage.getItem(REVIEWER) || ""; } catch { return ""; }
}

function keepName(who) {
  try { localStorage.setItem(REVIEWER, who); } catch { /* pages from a file may have no storage */ }
}

const candidateName = (plan, i) => plan.candidates.name[i] || plan.candidates.id[i];

/** Candidates that were not chosen: small and hollow, in the colour of their echelon. */
function candidatePainter(app) {
  const { candidates } = app.plan;
  return (pen) => {
    for (const echelon of [0, 1, 2, 3]) {
      pen.context.beginPath();
      candidates.echelon.forEach((one, i) => {
        const [u, v] = placeAt(app.at.candidates, i);
        if (one !== echelon || !pen.sees(u, v)) return;
        traceShape(pen.context, SYMBOLS[echelon][0][0], pen.x(u), pen.y(v), candidateRadius(pen.zoom, echelon));
      });
      pen.fill("rgba(255,255,255,0.85)");
      pen.stroke(SYMBOLS[echelon][0][1], 1.3);
    }
  };
}

const candidateRadius = (zoom, echelon) => 0.75 * BASE_RADIUS[echelon] * zoomFactor(zoom, echelon);

/** A ring around each site that was decided about. */
function decisionPainter(app) {
  return (pen) => {
    for (const [site, { decision }] of app.edits.decisions) {
      const place = placeOfSite(app, site);
      if (!place) continue;
      pen.context.beginPath();
      traceShape(pen.context, "circle", pen.x(place[0]), pen.y(place[1]), 11);
      pen.stroke("#ffffff", 5);
      pen.stroke(DECISION_COLOURS[decision], 2.6, decision === "comment" ? [3, 3] : []);
    }
  };
}

function placeOfSite({ plan, at }, site) {
  const i = plan.facilities.id.indexOf(site);
  if (i >= 0) return placeAt(at.facilities, i);
  const j = plan.candidates.id.indexOf(site);
  return j >= 0 ? placeAt(at.candidates, j) : null;
}

/** The card of a candidate: what it is, what could stand there, what the bound says of it. */
function candidateCard(app, i) {
  const { plan } = app;
  const c = plan.candidates;
  const certainty = plan.certainties[c.certainty[i]];
  return [
    element("h2", { tabindex: -1, text: candidateName(plan, i) }),
    element("p", { class: "kind", text: [say(`candidate_${["point", "station", "centre", "base"][c.echelon[i]]}`), c.id[i]].join(" · ") }),
    element("p", {}, element("span", { class: "badge later", text: say("not_chosen") })),
    row(say("district"), labelOf({ en: plan.districts.en[c.district[i]], zh: plan.districts.zh[c.district[i]] })),
    row(say("place"), kindLabel(levelOf(c.kind, i))),
    ...(c.type[i] >= 0 ? [row(say("cheapest_here"), `${labelOf(plan.types[c.type[i]])}, ${yearly(c.annual_cny[i])}`)] : []),
    ...(certainty && certainty.en ? [row(say("certainty"), labelOf(certainty))] : []),
    ...decisionControls(app, c.id[i], false),
    element("p", { class: "nature", text: say(plan.about.is_made_up ? "made_up" : "candidate_nature") }),
  ];
}

/** Buttons by which a reviewer decides about a site, and room for the reason; nothing unless editing is on. */
function decisionControls(app, site, isOpen) {
  const { edits } = app;
  if (!edits.isOn) return [];
  const taken = edits.decisions.get(site);
  const why = element("textarea", { id: "why", rows: 2, "aria-label": say("why"), placeholder: say("why") });
  why.value = taken ? taken.why : "";
  const button = (decision) => {
    const made = element("button", { type: "button", class: "decide", "data-decision": decision, "aria-pressed": Boolean(taken && taken.decision === decision), text: say(`decide_${decision}`) });
    made.addEventListener("click", () => (decision === "move" ? beginMove(app, site, why.value) : decide(app, site, decision, why.value)));
    return made;
  };
  const choices = isOpen ? ["keep", "close", "move", "comment"] : ["wanted", "forbidden", "comment"];
  const moving = edits.moving ? [element("p", { class: "loss", text: say("moving", { site: edits.moving.site }) })] : [];
  return [element("h3", { text: say("decide") }), ...moving, element("div", { class: "decisions" }, ...choices.map(button)), why];
}

/** Take a decision about a site; the same one again takes it back. */
function decide(app, site, decision, why, to = null) {
  const { decisions } = app.edits;
  const taken = decisions.get(site);
  if (taken && taken.decision === decision && taken.why === why && taken.to === to) decisions.delete(site);
  else decisions.set(site, { decision, to, why, who: app.edits.who, when: new Date().toISOString().slice(0, 16) });
  app.edits.moving = null;
  app.write();
  app.layers.decisions.redraw();
}

/** The next candidate that is clicked is where the facility goes. */
function beginMove(app, site, why) {
  app.edits.moving = { site, why };
  app.write();
}

/** End a move at a candidate; false where none was begun. */
function endMove(app, candidate) {
  const { moving } = app.edits;
  if (!moving) return false;
  decide(app, moving.site, "move", moving.why, app.plan.candidates.id[candidate]);
  return true;
}

/** A text in YAML: a JSON string is one. */
const quoted = (text) => JSON.stringify(text);

/** The content of decisions.yaml. */
function decisionsText(app) {
  const lines = [...app.edits.decisions].map(([site, { decision, to, who, when, why }]) => {
    const parts = [["site", site], ["decision", decision], ...(to ? [["to", to]] : []), ["who", who], ["when", when], ["why", why]];
    return `  - {${parts.map(([key, value]) => `${key}: ${quoted(value)}`).join(", ")}}`;
  });
  return [`# ${say("decisions_how")}`, `run: ${quoted(app.plan.about.name)}`, "decisions:", ...lines, ""].join("\n");
}

function saveDecisions(app) {
  const link = element("a", { download: "decisions.yaml", href: URL.createObjectURL(new Blob([decisionsText(app)], { type: "text/yaml" })) });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** The part of the panel about decisions: on or off, who decides, what was decided, and the file. */
function editLines(app) {
  const { edits } = app;
  const turn = (on) => {
    edits.isOn = on;
    edits.moving = null;
    arrangeLayers(app);
    app.write();
  };
  const mode = tickLine({ on: edits.isOn, change: turn, text: say("edit_mode"), figure: amount(app.plan.candidates.id.length) });
  mode.querySelector("input").id = "edit-mode";
  if (!edits.isOn) return [mode];
  const who = element("input", { id: "who", type: "text", "aria-label": say("who"), placeholder: say("who") });
  who.value = edits.who;
  who.addEventListener("change", () => {
    edits.who = who.value.trim();
    keepName(edits.who);
  });
  const save = element("button", { type: "button", id: "save-decisions", class: "zoom", text: say("save_decisions") });
  save.disabled = !edits.decisions.size;
  save.addEventListener("click", () => saveDecisions(app));
  const lines = [...edits.decisions].map(([site, { decision, to, why }]) => {
    const back = element("button", { type: "button", class: "link", "aria-label": `${say("take_back")} ${site}`, text: "×" });
    back.addEventListener("click", () => {
      edits.decisions.delete(site);
      app.write();
      app.layers.decisions.redraw();
    });
    const text = [say(`decide_${decision}`), site, to && `→ ${to}`, why].filter(Boolean).join(" · ");
    return element("div", { class: "row" }, element("span", { text }), back);
  });
  return [mode, who, element("p", { text: say("edit_how") }), ...lines, save];
}
