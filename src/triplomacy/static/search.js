// Search over the names of everything, in the page; the list of names is fetched when somebody searches.
import { element } from "./drawing.js";
import { names, pageOf } from "./names.js";

const MOST = 50;

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Return how well a name answers to words: lower is better; null where a word is not in it. */
function rank(name, words) {
  let sum = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    if (at < 0) return null;
    sum += at === 0 ? 0 : /[^\p{L}\p{N}]/u.test(name[at - 1]) ? 1 : 3;
  }
  return sum + (name === words.join(" ") ? -2 : 0) + name.length / 1000;
}

const ORDER = { claim: 2, passage: 2, time: 1, row: 2, value: 1, property: 0.5, class: 0.4 };

/** Return what the words are found in, best first: { node, name }. */
export async function search(text) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const { nodes } = await names();
  const found = [];
  for (const node of nodes) {
    let best = null;
    for (const name of [node.name, ...node.others]) {
      const own = rank(folded(name), words);
      if (own !== null && (best === null || own < best.own)) best = { own, name };
    }
    if (best) found.push({ node, name: best.name, own: best.own + (ORDER[node.kind] || 0) });
  }
  return found.sort((one, other) => one.own - other.own || (one.node.name < other.node.name ? -1 : 1));
}

function start(form) {
  const input = form.querySelector("input[type=search]");
  const list = document.getElementById("found");
  const told = document.getElementById("told");
  let last = 0;

  async function show() {
    const own = (last += 1);
    const text = input.value.trim();
    try {
      const found = await search(text);
      if (own !== last) return;
      list.replaceChildren(...found.slice(0, MOST).map(({ node, name }) => element("li", {},
        element("a", { href: pageOf(node.path) }, node.name), " ",
        element("span", { class: "quiet" }, name === node.name ? node.kind : `${node.kind}, also called ${name}`))));
      told.textContent = !text ? "" : found.length ? `${found.length} found${found.length > MOST ? `, of which the first ${MOST} are shown` : ""}` : "Nothing here is called so.";
    } catch (error) {
      told.textContent = String(error.message || error);
    }
  }

  // Arrow keys go from the field through what was found, and back.
  form.parentElement.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !links.length || (at < 0 && document.activeElement !== input)) return;
    event.preventDefault();
    (at + step < 0 ? input : links[Math.min(at + step, links.length - 1)]).focus();
  });

  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const fields = new URLSearchParams(input.value.trim() ? { q: input.value.trim() } : {});
      history.replaceState(null, "", `${location.pathname}${fields.size ? `?${fields}` : ""}`);
      show();
    }, 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = list.querySelector("a");
    if (first) first.focus();
  });
  input.value = new URLSearchParams(location.search).get("q") || "";
  show();
}

const form = document.querySelector("form[data-search]");
if (form) start(form);
