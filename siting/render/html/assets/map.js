// Puts the plan on the map and joins the parts of the page.

/** The state of the page: the plan of the year that is shown, what is asked, what is chosen. */
function makeApp(map, whole) {
  const stage = stageNames(whole).at(-1) || "";
  const app = {
    map, whole, stage,
    plan: planOf(whole, stage),
    at: makePlaces(whole),
    symbols: symbolsOf(whole.types),
    years: [...new Set(whole.facilities.opened.filter(Boolean))].sort((a, b) => a - b),
    question: "where",
    colourBy: "type",
    measure: measuresOf(whole)[0],
    hidden: new Set(),
    on: new Set(),
    edits: newEdits(),
    off: new Set(whole.basemap ? SHOWN_BY_TILES : []),
    selected: nothingChosen(),
    card: null,
    cameFrom: null,
  };
  app.redraw = () => app.layers.facilities.redraw();
  return app;
}

/** Draw the year or case that is chosen. */
function drawStage(app) {
  for (const layer of Object.values(app.layers || {})) layer.remove();
  app.at.radii = facilityRadii(app.plan);
  if (!measuresOf(app.plan).includes(app.measure)) [app.measure] = measuresOf(app.plan);
  app.layers = makeLayers(app);
  arrangeLayers(app);
}

/** What the parts of the page can ask for. */
function addDeeds(app) {
  app.write = () => {
    writePanel(app);
    writeFurniture(app);
    if (app.card) showCard(app, app.card, { pinned: true });
    else hideCard(app);
    app.redraw();
  };
  app.ask = (question) => {
    app.question = question;
    arrangeLayers(app);
    app.write();
    document.getElementById(`question-${question}`).focus();
  };
  app.turnTo = (stage) => {
    app.stage = stage;
    app.plan = planOf(app.whole, stage);
    if (app.selected.facility >= 0) app.selected = chosenFacility(app, app.selected.facility);
    else if (app.selected.cell >= 0) app.selected = chosenCell(app, app.selected.cell);
    drawStage(app);
    app.write();
  };
  addChoices(app);
}

/** What can be chosen, shown in the card, and left again. */
function addChoices(app) {
  const zoomButton = () => {
    const zoom = element("button", { type: "button", class: "zoom", text: say("zoom_to") });
    zoom.addEventListener("click", () => app.map.fitBounds(selectionBounds(app.at, app.selected), fitOptions()));
    return app.selected.lines.length ? [zoom] : [];
  };
  const show = (content, focus) => {
    if (focus) app.cameFrom = document.activeElement;
    if (isNarrow()) closePanel();
    showCard(app, content, { pinned: true, focus });
    app.redraw();
  };
  app.select = (i, { focus = false } = {}) => {
    app.selected = chosenFacility(app, i);
    show(() => [...facilityCard(app, i), ...zoomButton()], focus);
  };
  app.selectCell = (i) => {
    app.selected = chosenCell(app, i);
    show(() => [...cellCard(app, i), ...zoomButton()], false);
  };
  app.selectCandidate = (i) => {
    if (endMove(app, i)) return;
    app.clear();
    show(() => candidateCard(app, i), false);
  };
  app.goTo = (i, { focus = true } = {}) => {
    app.select(i, { focus });
    const place = latLngOf(...placeAt(app.at.facilities, i));
    app.map.fitBounds(L.latLngBounds(place, place), { ...fitOptions(), maxZoom: Math.max(13.5, app.map.getZoom()) });
  };
  app.goToDistrict = (i, { focus = false } = {}) => {
    app.clear();
    show(() => districtCard(app, i), focus);
    const [u0, v0, u1, v1] = boxOf(app.at.districtRings[i]);
    app.map.fitBounds([latLngOf(u0, v0), latLngOf(u1, v1)], fitOptions());
  };
  app.clear = () => {
    app.selected = nothingChosen();
    hideCard(app);
    app.redraw();
  };
  app.close = () => {
    app.clear();
    const back = app.cameFrom?.isConnected && app.cameFrom !== document.body ? app.cameFrom : app.map.getContainer();
    back.focus({ preventScroll: true });
  };
}

/** Margins that keep what is fitted clear of what lies over the map of a phone. */
function fitOptions() {
  const sheet = document.getElementById("card").hidden ? document.getElementById("panel") : document.getElementById("card");
  const below = isNarrow() ? sheet.offsetHeight : 0;
  return { paddingTopLeft: [12, 12], paddingBottomRight: [12, below + 24], maxZoom: 16, animate: false };
}

function showPlan(map) {
  const main = document.getElementById("stage-of-map");
  main.prepend(map.getContainer());
  map.getContainer().setAttribute("role", "application");
  const app = makeApp(map, JSON.parse(document.getElementById("plan").textContent));
  window.siting = app;
  addDeeds(app);
  furnish(app);
  drawStage(app);
  app.write();
  map.invalidateSize();
  map.fitBounds(app.whole.bounds, fitOptions());
  document.querySelectorAll("[data-language]").forEach((node) => node.addEventListener("click", () => {
    language = node.dataset.language;
    app.write();
  }));
  document.getElementById("close").addEventListener("click", app.close);
  document.getElementById("more").addEventListener("click", togglePanel);
  listenToPointer(app);
  listenToKeys(app);
  listenToSearch(app);
  listenToPrint(app);
  window.addEventListener("resize", () => map.invalidateSize());
  document.body.dataset.ready = `${app.plan.facilities.x.length} facilities, ${app.plan.cells.x.length} cells`;
}
