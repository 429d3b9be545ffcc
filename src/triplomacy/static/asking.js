// Questions asked in the page: the engine is fetched when somebody asks, works in a worker, and is ended when time is over.
import { ask, moment, Refused } from "./binding.js";
import { cut, element } from "./drawing.js";
import { called, names } from "./names.js";
import { network } from "./network.js";
import { timeline } from "./timeline.js";

const MOST = 1000; // rows that a table shows
const EDGES = 300; // lines of a network
const LONGEST = 8000; // characters of an address that hosts take
const BOUNDS = ["earliestStart", "latestStart", "earliestEnd", "latestEnd"];
const OWN = ["query", "as-of", "certainly", "according-to", "view", "limit", "as"]; // fields that are not parameters
const TRI = "https://w3id.org/triplomacy/ontology#";

let worker = null;
let number = 0;
let reading = null;

function rules() {
  reading ??= fetch(new URL("../asking.json", import.meta.url)).then((response) => {
    if (!response.ok) throw new Error(`The stored queries cannot be read: ${response.status} ${response.statusText}`);
    return response.json();
  });
  return reading;
}

/** End the engine, if it runs; the next question starts another. */
export function stop() {
  if (worker) worker.terminate();
  worker = null;
}

/** Return the answer of the engine to a question { text, views, asOf, certainly }, in SPARQL's JSON; in time or not at all. */
export async function answer(question, seconds) {
  return (await replied(question, seconds)).found;
}

function replied(question, seconds, progress = () => {}) {
  worker ??= new Worker(new URL("./engine.js", import.meta.url), { type: "module" });
  const own = worker;
  const id = (number += 1);
  return new Promise((resolve, reject) => {
    let timer = 0;
    const end = (error) => { if (worker === own) stop(); reject(error); };
    own.addEventListener("message", ({ data }) => {
      if (data.id !== id) return;
      if (data.state === "asking") {
        progress("Asks …");
        timer = setTimeout(() => end(new Refused(`No answer within ${seconds} ${seconds === 1 ? "second" : "seconds"}; ask for less, or allow more time`)), seconds * 1000);
        return;
      }
      clearTimeout(timer);
      if (data.fatal) end(new Refused(data.error));
      else if (data.error) reject(new Refused(data.error));
      else resolve(data);
    });
    own.addEventListener("error", (event) => { clearTimeout(timer); end(new Error(event.message || "the query engine cannot be loaded")); });
    own.postMessage({ ...question, id });
  });
}

/** Return the question that a stored query is with these values, which are lists of texts by parameter. */
export async function stored(name, values = {}, scope = {}) {
  const [data, { root }] = await Promise.all([rules(), names()]);
  if (!Object.hasOwn(data.queries, name)) throw new Refused(`There is no question ${name} that can be asked here`);
  return scoped({ text: ask(data.queries[name], values, data, root) }, scope, data);
}

/** Return a question with the data that it is asked of: a view, an actor whose word is taken, a date. */
export async function scoped(question, scope, given = null) {
  const data = given || await rules();
  const { root } = await names();
  const views = [...(scope.view ? [scope.view] : [])];
  if (scope.actor) {
    const { meant } = await import("./binding.js");
    const iri = meant(scope.actor, "tri:Actor", data, root);
    const view = `according-to/${iri.slice(`${root}id/`.length)}`;
    if (!Object.hasOwn(data.views, view)) throw new Refused(`${scope.actor} makes no claim here`);
    views.push(view);
  }
  if (scope.certainly && !scope.asOf) throw new Refused("“Certainly” goes with a date; give the date");
  return { ...question, views, asOf: scope.asOf || null, certainly: Boolean(scope.certainly), rules: { prefixes: data.prefixes, rules: data.rules, views: data.views } };
}

// What came of asking

function cell(term, known) {
  if (!term) return element("span", { class: "quiet" }, "–");
  if (term.type === "bnode") return element("code", {}, `_:${term.value}`);
  if (term.type === "uri") {
    const { name, address } = called(known, term.value);
    return address ? element("a", { href: address }, name) : document.createTextNode(name);
  }
  const language = term["xml:lang"];
  return language && language !== "en" ? element("span", { lang: language }, term.value) : document.createTextNode(term.value);
}

function named(term, known) {
  return term === undefined ? "–" : term.type === "uri" ? called(known, term.value).name : term.value;
}

function table(result, known) {
  const columns = result.head.vars;
  const rows = result.results.bindings;
  const shown = rows.slice(0, MOST);
  const caption = `${rows.length.toLocaleString("en-GB")} ${rows.length === 1 ? "row" : "rows"}${rows.length > MOST ? `, of which the first ${MOST.toLocaleString("en-GB")} are shown` : ""}`;
  const found = element("table", { class: "answer" },
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)))),
    element("tbody", {}, ...shown.map((row) => element("tr", {}, ...columns.map((column) => element("td", {}, cell(row[column], known)))))));
  return element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Answer" }, found);
}

function columnsOf(result, test) {
  return result.head.vars.filter((column) => result.results.bindings.some((row) => row[column] && test(row[column])));
}

const isNode = (term) => term.type === "uri";
const isTime = (term) => term.type === "literal" && /#(date|dateTime|gYear|gYearMonth)$/.test(term.datatype || "");

function drawNetwork(place, result, known) {
  const candidates = columnsOf(result, isNode);
  const chosen = { from: candidates[0], to: candidates[1] };
  const canvas = element("div");
  const choice = (label, which) => element("label", {}, label, " ", element("select", { change: (event) => { chosen[which] = event.target.value; draw(); } },
    ...candidates.map((column) => element("option", { selected: column === chosen[which] }, column))));
  function draw() {
    const nodes = new Map();
    const edges = [];
    for (const row of result.results.bindings.slice(0, EDGES)) {
      const ends = [row[chosen.from], row[chosen.to]];
      if (ends.some((end) => !end)) continue;
      for (const end of ends) nodes.set(end.value, { id: end.value, ...(isNode(end) ? called(known, end.value) : { name: end.value, address: null }) });
      const others = result.head.vars.filter((column) => ![chosen.from, chosen.to].includes(column) && row[column]);
      const link = others.map((column) => row[column]).find((term) => isNode(term)) || ends[0];
      const words = `${named(ends[0], known)} → ${named(ends[1], known)}${others.length ? ` (${others.map((column) => `${column}: ${named(row[column], known)}`).join("; ")})` : ""}.`;
      edges.push({ from: ends[0].value, to: ends[1].value, kind: "other", level: "certain", address: isNode(link) ? called(known, link.value).address : null, words });
    }
    network(canvas, { nodes: [...nodes.values()], edges, label: `Network of ${nodes.size} nodes and ${edges.length} lines; the table has the same in words` });
  }
  place.replaceChildren(element("p", { class: "choices" }, choice("From", "from"), choice("to", "to")), canvas);
  draw();
}

function extent(term) {
  const found = term && (/#gYear$|#gYearMonth$|#date$/.test(term.datatype) ? moment(term.value) : (() => { const at = Date.parse(term.value); return Number.isNaN(at) ? null : { first: at, last: at }; })());
  return found || { first: null, last: null };
}

async function spansOf(result, known) {
  const columns = columnsOf(result, (term) => isNode(term) && (known.known.get(term.value) || {}).kind === "time");
  if (!columns.length) return null;
  const iris = [...new Set(result.results.bindings.map((row) => row[columns[0]]).filter(Boolean).map((term) => term.value))].filter((iri) => known.known.has(iri));
  const data = await rules();
  const question = await scoped({ text: `SELECT ?span ?bound ?at { VALUES ?span { ${iris.map((iri) => `<${iri}>`).join(" ")} } ?span ?bound ?at }` }, {}, data);
  const bounds = new Map(iris.map((iri) => [iri, [null, null, null, null]]));
  for (const row of (await answer(question, 10)).results.bindings) {
    const which = BOUNDS.indexOf(row.bound.value.slice(TRI.length));
    if (which >= 0) bounds.get(row.span.value)[which] = extent(row.at).first;
  }
  return { column: columns[0], bounds };
}

async function drawTimeline(place, result, known) {
  const spans = await spansOf(result, known);
  const times = columnsOf(result, isTime);
  const four = BOUNDS.map((bound) => times.find((column) => column.toLowerCase() === bound.toLowerCase()));
  const titles = result.head.vars.filter((column) => !times.includes(column) && (!spans || column !== spans.column));
  const rows = result.results.bindings.map((row) => {
    const title = titles.map((column) => row[column]).find((term) => term && isNode(term)) || row[titles[0]] || row[result.head.vars[0]];
    const name = titles.length ? named(title, known) : "";
    const found = spans && row[spans.column] ? spans.bounds.get(row[spans.column].value) : null;
    const first = extent(row[times[0]]);
    const last = extent(row[times.at(-1)]);
    const bounds = found || (four.some(Boolean) ? four.map((column) => (column ? extent(row[column]).first : null)) : [first.first, first.first, last.last, last.last]);
    return { name: cut(name, 140), address: title && isNode(title) ? called(known, title.value).address : null, bounds: bounds || [null, null, null, null] };
  }).filter((row) => row.bounds.some((bound) => bound !== null));
  timeline(place, rows.slice(0, EDGES), `${rows.length} ${rows.length === 1 ? "row" : "rows"} with a known bound`);
}

function csv(result) {
  const quote = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const value = (term) => (term ? quote(term.type === "bnode" ? `_:${term.value}` : term.value) : "");
  const lines = [result.head.vars.map(quote), ...result.results.bindings.map((row) => result.head.vars.map((column) => value(row[column])))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function triples(result) {
  const escaped = (text) => text.replace(/[\\"\n\r]/g, (char) => ({ "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r" })[char]);
  const written = (term) => (term.type === "uri" ? `<${term.value}>` : term.type === "bnode" ? `_:${term.value}`
    : `"${escaped(term.value)}"${term["xml:lang"] ? `@${term["xml:lang"]}` : term.datatype && !term.datatype.endsWith("#string") ? `^^<${term.datatype}>` : ""}`);
  return result.results.bindings.map((row) => `${["subject", "predicate", "object"].map((part) => written(row[part])).join(" ")} .\n`).sort().join("");
}

function download(label, name, type, text) {
  return element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name }, label);
}

function offers(result, name) {
  const file = (name || "answer").split("/").at(-1);
  const own = result.graph ? [download("N-Triples", `${file}.nt`, "application/n-triples", triples(result))]
    : [...(result.results ? [download("CSV", `${file}.csv`, "text/csv", csv(result)), ", "] : []), download("JSON", `${file}.json`, "application/sparql-results+json", JSON.stringify(result, null, 1))];
  return element("p", { class: "offers" }, "This answer as ", ...own, ". ", element("a", { href: location.href, rel: "bookmark", class: "permalink" }, "Permalink"));
}

async function shown(result, form, as) {
  const section = element("section", { class: "outcome", "aria-labelledby": "answer" }, element("h2", { id: "answer" }, "Answer"));
  if (!result.results) {
    section.append(element("p", { class: "truth" }, result.boolean ? "Yes" : "No"), offers(result, form.dataset.asking), cited(form));
    return section;
  }
  const known = await names();
  const hasTimes = columnsOf(result, (term) => isTime(term) || (isNode(term) && (known.known.get(term.value) || {}).kind === "time")).length > 0;
  const ways = { table: true, network: columnsOf(result, isNode).length > 1, timeline: hasTimes };
  const place = element("div", { class: "picture" });
  const buttons = Object.keys(ways).filter((way) => ways[way]).map((way) => element("button", { type: "button", value: way, click: () => show(way, true) }, way[0].toUpperCase() + way.slice(1)));
  async function show(way, kept) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === way));
    if (way === "network") drawNetwork(place, result, known);
    else if (way === "timeline") await drawTimeline(place, result, known);
    else {
      place.replaceChildren(table(result, known));
      place.querySelector("table").dispatchEvent(new CustomEvent("table", { bubbles: true }));
    }
    if (!kept) return;
    const fields = new URLSearchParams(location.search);
    if (way === "table") fields.delete("as");
    else fields.set("as", way);
    history.replaceState(null, "", addressOf(fields));
    const link = section.querySelector(".permalink");
    if (link) link.href = location.href;
  }
  if (buttons.length > 1) section.append(element("div", { class: "ways-of-showing", role: "group", "aria-label": "Show as" }, ...buttons));
  section.append(place, offers(result, form.dataset.asking), cited(form));
  await show(ways[as] ? as : "table", false);
  return section;
}

function cited(form) {
  const asked = [...new URLSearchParams(location.search)].filter(([name]) => !["query", "limit", "as"].includes(name)).map(([name, value]) => `${name}=${value}`);
  const what = [form.dataset.asking || "a query", ...asked].join(" ");
  return element("p", { class: "quiet cited" }, `To cite: ${what}; ${form.dataset.cited}`);
}

// The form

function addressOf(fields) {
  const text = fields.toString();
  const path = location.pathname;
  if (!text) return path;
  return path.length + text.length > LONGEST ? `${path}#${text}` : `${path}?${text}`;
}

function asked() {
  const long = location.hash.includes("=") ? location.hash.slice(1) : "";
  return new URLSearchParams(location.search || long);
}

function filledIn(form) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "" && !(name === "limit" && value === form.elements.limit.defaultValue)) fields.append(name, value);
  return fields;
}

function fill(form, fields) {
  for (const name of new Set(fields.keys())) {
    const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    fields.getAll(name).forEach((value, place) => {
      const input = inputs[place];
      if (!input) return;
      if (input.type === "checkbox") input.checked = value === "true";
      else if (input.tagName === "SELECT" && ![...input.options].some((option) => option.value === value)) input.append(element("option", { selected: true }, value));
      else input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      const details = input.closest("details");
      if (details) details.open = true;
    });
  }
}

async function questionOf(form, fields) {
  const values = {};
  for (const name of new Set(fields.keys())) if (!OWN.includes(name)) values[name] = fields.getAll(name);
  const scope = { view: fields.get("view"), actor: fields.get("according-to"), asOf: fields.get("as-of"), certainly: fields.get("certainly") === "true" };
  if (form.dataset.asking) return stored(form.dataset.asking, values, scope);
  return scoped({ text: fields.get("query") || "" }, scope, await rules());
}

let running = 0;

async function run(form, fields) {
  const place = document.getElementById("outcome");
  const own = (running += 1);
  const told = element("p", { class: "note" }, "Loads the query engine …");
  const halt = element("button", { type: "button", class: "plain", click: () => { stop(); running += 1; place.replaceChildren(element("p", { class: "note" }, "Stopped.")); place.removeAttribute("aria-busy"); } }, "Stop");
  place.setAttribute("aria-busy", "true");
  place.replaceChildren(element("div", { class: "working" }, told, halt));
  try {
    const question = await questionOf(form, fields);
    const seconds = Math.min(Math.max(Number(fields.get("limit") || form.elements.limit.defaultValue) || 10, 1), 600);
    const reply = await replied(question, seconds, (text) => { told.textContent = text; });
    if (own !== running) return;
    const section = await shown(reply.found, form, fields.get("as"));
    section.querySelector("h2").after(...reply.remarks.map((remark) => element("p", { class: "note" }, remark)));
    place.replaceChildren(section);
  } catch (error) {
    if (own === running) {
      place.replaceChildren(element("div", { class: "alert", role: "alert" }, element("p", {}, element("strong", {}, error instanceof Refused ? "Not asked so" : "No answer came")), element("p", {}, String(error.message || error))));
    }
  } finally {
    if (own === running) place.removeAttribute("aria-busy");
  }
}

for (const form of document.querySelectorAll("form[data-asking]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = filledIn(form);
    const way = asked().get("as"); // the next answer is shown as the last one was
    if (way) fields.set("as", way);
    history.pushState(null, "", addressOf(fields));
    run(form, fields);
  });
  const again = () => {
    const fields = asked();
    if (!fields.size || (!form.dataset.asking && !fields.has("query"))) return;
    fill(form, fields);
    run(form, fields);
  };
  let last = location.href.replace(/#(?!.*=).*/, "");
  window.addEventListener("popstate", () => {
    const now = location.href.replace(/#(?!.*=).*/, "");
    if (now === last) return;
    last = now;
    if (location.search || location.hash.includes("=")) again();
    else location.reload();
  });
  again();
}
