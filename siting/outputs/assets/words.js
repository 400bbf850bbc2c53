// Words and numbers in the reader's language.

const WORDS = JSON.parse(document.getElementById("words").textContent);
let language = (location.hash.slice(1) || navigator.language).startsWith("zh") ? "zh" : "en";

/** The word for a key; {x} in it is replaced by values.x. */
function say(key, values = {}) {
  let text = WORDS[key][language];
  for (const [name, value] of Object.entries(values)) text = text.replace(`{${name}}`, value);
  return text;
}

/** The label of a thing that has one in both languages. */
const labelOf = (thing) => thing[language] || thing.en || thing.zh || "";

const kindLabel = (kind) => WORDS.kinds[language][kind] || kind.replaceAll("_", " ");

function amount(value, decimals = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

const percent = (share, decimals = 1) => (share === null ? "–" : `${amount(100 * share, decimals)} %`);
const tonnes = (value) => `${amount(value, value < 100 ? 1 : 0)} ${say("t_per_year")}`;
const metres = (value) => (value === null ? "–" : `${amount(value)} m`);

/** Money as planners write it: million CNY in English, 万元 and 亿元 in Chinese. */
function money(cny) {
  if (cny === null) return "–";
  const size = Math.abs(cny);
  if (language === "zh") {
    if (size >= 1e8) return `${amount(cny / 1e8, 2)} 亿元`;
    return size >= 1e4 ? `${amount(cny / 1e4, size >= 1e6 ? 0 : 1)} 万元` : `${amount(cny)} 元`;
  }
  return size >= 1e6 ? `${amount(cny / 1e6, size >= 1e8 ? 1 : 2)} M CNY` : `${amount(cny)} CNY`;
}

/** What a target asks or reaches, in the unit it is measured in. */
function targetValue(target, value) {
  const unit = target.measured_in;
  if (unit.startsWith("share")) return percent(value);
  if (unit === "t/yr") return tonnes(value);
  if (unit === "t CO2e/yr") return `${amount(value)} ${say("t_co2e_per_year")}`;
  if (unit === "Gini coefficient") return amount(value, 3);
  if (unit.startsWith("CNY")) return money(value);
  return unit === "m" || unit.startsWith("m ") ? metres(value) : amount(value);
}

/** An element with text and children; whatever is given as text stays text. */
function element(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
