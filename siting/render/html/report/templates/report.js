// The page reads without this: it remembers the language in the address and names the page in it.
const show = (language) => {
  document.getElementById(`show-${language}`).checked = true;
  document.documentElement.lang = language;
  document.title = document.getElementById(language).dataset.title;
};
const asked = () => /^#(en|zh)\b/.exec(location.hash)?.[1];
show(asked() || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"));
addEventListener("hashchange", () => asked() && show(asked()));
for (const language of ["en", "zh"]) {
  document.getElementById(`show-${language}`).addEventListener("change", () => {
    const section = location.hash.replace(/^#(en|zh)-?/, "");
    show(language);
    history.replaceState(null, "", `#${language}${section && `-${section}`}`);
  });
}
