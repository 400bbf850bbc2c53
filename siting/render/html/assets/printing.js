// The page on one sheet of A4, lying: the map, its legend and scale, what it shows and what it rests on.

/** Lay the page out for the printer, and back. */
function listenToPrint(app) {
  let seen = null;
  addEventListener("beforeprint", () => {
    seen = { centre: app.map.getCenter(), zoom: app.map.getZoom(), bounds: app.map.getBounds() };
    layOut(app, true);
    app.map.fitBounds(seen.bounds.pad(-0.02), { animate: false });
    drawNow(app);
  });
  addEventListener("afterprint", () => {
    layOut(app, false);
    app.map.setView(seen.centre, seen.zoom, { animate: false });
    drawNow(app);
  });
}

function layOut(app, isPrinted) {
  document.body.classList.toggle("printing", isPrinted);
  L.Browser.retina = isPrinted || window.devicePixelRatio > 1;
  app.map.options.zoomSnap = isPrinted ? 0 : 0.25;
  writeSheet(app);
  app.map.invalidateSize({ animate: false, pan: false });
}

/** Draw at once what is otherwise drawn with the next picture of the screen. */
function drawNow(app) {
  const renderer = app.map.getRenderer(app.layers.facilities);
  L.Util.cancelAnimFrame(renderer._redrawRequest);
  renderer._redrawBounds = null;
  renderer._redraw();
}

/** The lines of the sheet that the screen does not have. */
function writeSheet({ plan, question, stage }) {
  const { about } = plan;
  put("sheet-question", [stage, say(`question_${question}`)].filter(Boolean).join(" · "));
  put("sheet-origin", ...[
    about.approval && labelOf(about.approval), say("sheet_config", { name: about.name, day: new Date().toISOString().slice(0, 10) }), say(about.is_made_up ? "made_up" : "nature"), ...about.attributions,
  ].filter(Boolean).map((text) => element("span", { text })));
}
