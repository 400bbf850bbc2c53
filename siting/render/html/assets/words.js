// Words and numbers in the reader's language. Numbers are written as siting/language/quantities.py writes them.

const WORDS = JSON.parse(document.getElementById("words").textContent);
const UNITS = JSON.parse(document.getElementById("units").textContent);
const DIGITS = 4;
let language = (location.hash.slice(1) || navigator.language).startsWith("zh") ? "zh" : "en";

/** The word for a key; {x} in it is replaced by values.x. */
function say(key, values = {}) {
  let text = WORDS[key][language];
  for (const [name, value] of Object.entries(values)) text = text.replace(`{${name}}`, () => value);
  return text;
}

/** The label of a thing that has one in both languages. */
const labelOf = (thing) => thing[language] || thing.en || thing.zh || "";

/** A kind of place; its own name where there is no word for it. */
const kindLabel = (kind) => WORDS[`kind.${kind}`]?.[language] || kind.replaceAll("_", " ");

const isNumber = (value) => value !== null && value !== undefined && Number.isFinite(value);

const thousands = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** A whole number, counted to the last. */
const amount = (value) => (isNumber(value) ? thousands(String(Math.round(value))) : "–");

/** The power of ten that a value is rounded to: so many digits, and no place beyond the last that is told. */
function exponentOf(size, unit, digits) {
  if (unit.is_fixed) {
    const off = Math.abs(size - Math.round(size));
    const hides = unit.places > 0 && Math.round(size) <= 1 && off > 1e-6 && off < 0.5 * 10 ** -unit.places;
    return -unit.places - (hides ? 1 : 0);
  }
  return Math.max((size ? Math.floor(Math.log10(size)) : 0) - digits + 1, -unit.places);
}

/** A value with its unit, rounded once in the unit that it is kept in, so that both languages tell one number. */
function quantity(value, unitName, { digits = DIGITS, signed = false } = {}) {
  if (!isNumber(value)) return "–";
  const unit = UNITS[unitName];
  const size = Math.abs(value);
  const exponent = exponentOf(size, unit, digits);
  const count = Math.round(size / 10 ** exponent + 1e-9);
  const rounded = count * 10 ** exponent;
  const steps = unit[language];
  const step = [...steps].reverse().find(({ start }) => rounded >= 10 ** start * (1 - 1e-12)) || steps[0];
  const text = (count * 10 ** (exponent - step.power)).toFixed(Math.max(0, step.power - exponent));
  const [whole, places = ""] = text.split(".");
  const told = places.replace(/0+$/, "");
  const sign = count && value < 0 ? "−" : count && signed ? "+" : "";
  return sign + thousands(whole) + (told && `.${told}`) + step.name;
}

const percent = (share) => quantity(share, "share");
const tonnes = (value) => quantity(value, "t/yr");
const metres = (value) => quantity(value, "m");
const people = (value) => quantity(value, "residents");
const money = (cny) => quantity(cny, "CNY");
const yearly = (cny) => quantity(cny, "CNY/yr");
const perTonne = (cny) => quantity(cny, "CNY/t", { digits: 3 });

/** What a target asks or reaches, in the unit it is measured in. */
const targetValue = (target, value) => quantity(value, target.measured_in);

/** An element with text and children; whatever is given as text stays text. */
function element(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Put children in the place of what an element of the page holds. */
const put = (id, ...children) => document.getElementById(id).replaceChildren(...children);
