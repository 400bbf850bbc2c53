// Find a facility or a district by its name or number, in either language, with keys alone if need be.

const MOST_FOUND = 40;

/** All that can be found, with the text that is searched; districts first, then the larger facilities. */
function findable({ whole }) {
  const { districts, facilities: f, types } = whole;
  const places = districts.code.map((code, i) => ({ kind: "district", i, rank: -1, text: [code, districts.en[i], districts.zh[i]].join(" ") }));
  const sites = f.id.map((id, i) => ({
    kind: "facility", i, rank: 3 - f.echelon[i],
    text: [id, f.name[i], types[f.type[i]].en, types[f.type[i]].zh, districts.en[f.district[i]], districts.zh[f.district[i]]].join(" "),
  }));
  const all = [...places, ...sites].map((one) => ({ ...one, text: one.text.toLowerCase() }));
  return all.sort((a, b) => a.rank - b.rank);
}

/** What holds every word that is asked for; names that begin with it come first. */
function matching(items, asked) {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  const found = items.filter(({ text }) => words.every((word) => text.includes(word)));
  if (!words.length) return found;
  const isFirst = (one) => one.text.split(" ").some((word) => word.startsWith(words[0]));
  return [...found.filter(isFirst), ...found.filter((one) => !isFirst(one))];
}

function foundLine({ plan }, item, n) {
  const { districts, facilities: f, types } = plan;
  const name = item.kind === "district" ? districts[language][item.i] : nameOf(plan, item.i);
  const below = item.kind === "district" ? say("district_word") : [labelOf(types[f.type[item.i]]), districts[language][f.district[item.i]], f.id[item.i]].join(" · ");
  return element("li", { id: `found-${n}`, role: "option", "aria-selected": "false" }, element("b", { text: name }), element("span", { text: below }));
}

/** The field and its list: arrows move in it, Enter goes there, Escape closes it. */
function listenToSearch(app) {
  const [find, list] = [document.getElementById("find"), document.getElementById("found")];
  const items = findable(app);
  let [found, active] = [[], -1];
  const mark = (n) => {
    active = n;
    [...list.children].forEach((line, i) => line.setAttribute("aria-selected", i === n));
    if (n >= 0) list.children[n].scrollIntoView({ block: "nearest" });
    if (n >= 0) find.setAttribute("aria-activedescendant", `found-${n}`);
    else find.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    list.hidden = true;
    find.setAttribute("aria-expanded", "false");
    mark(-1);
  };
  const open = () => {
    const all = matching(items, find.value);
    found = all.slice(0, MOST_FOUND);
    list.replaceChildren(...found.map((item, n) => foundLine(app, item, n)));
    list.hidden = !found.length;
    find.setAttribute("aria-expanded", String(found.length > 0));
    put("told", find.value || found.length ? say("n_found", { n: amount(all.length) }) : "");
    mark(-1);
  };
  const go = (item) => {
    close();
    find.value = item.kind === "district" ? app.plan.districts[language][item.i] : nameOf(app.plan, item.i);
    if (item.kind === "district") app.goToDistrict(item.i, { focus: true });
    else app.goTo(item.i, { focus: true });
  };
  const keys = {
    ArrowDown: () => { if (list.hidden) open(); mark(Math.min(active + 1, found.length - 1)); },
    ArrowUp: () => mark(Math.max(active - 1, 0)),
    Enter: () => { if (!list.hidden && found.length) go(found[Math.max(active, 0)]); },
    Escape: () => { if (list.hidden) find.value = ""; close(); },
  };
  find.addEventListener("input", open);
  find.addEventListener("keydown", (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    if (event.key !== "Escape" || find.value || !list.hidden) event.stopPropagation();
    keys[event.key]();
  });
  find.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const line = event.target.closest("li");
    if (line) go(found[[...list.children].indexOf(line)]);
  });
}
