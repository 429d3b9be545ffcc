// Oxigraph over the dump, in a worker, which whoever asks may end at any moment.
import init, { Store, defaultGraph, namedNode, quad } from "./oxigraph/web.js";
import { bound, formOf, inOrder, moment, namesGraphs, Refused } from "./binding.js";

const DUMP = new URL("../dumps/triplomacy.nq.gz", import.meta.url);
const TRI = "https://w3id.org/triplomacy/ontology#";
const VIEW = "https://w3id.org/triplomacy/view/";
const BOUNDS = ["earliestStart", "latestStart", "earliestEnd", "latestEnd"];

let lines = null; // of the dump: curated graphs, and views
let kept = null; // the store of those who ask of no date and no view

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Refused(`The dump cannot be read: ${response.status} ${response.statusText}`);
  const body = await response.arrayBuffer();
  const [first, second] = new Uint8Array(body, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return new TextDecoder().decode(body); // the host has unpacked it
  return new Response(new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function ready() {
  if (lines) return;
  const [text] = await Promise.all([fetched(DUMP), init()]);
  const all = text.split("\n").filter(Boolean).map((line) => [line.slice(0, line.lastIndexOf(" <")), line]);
  const ofView = ([start, line]) => line.startsWith(` <${VIEW}`, start.length);
  lines = { curated: all.filter((each) => !ofView(each)), views: all.filter(ofView) };
}

// The curated graphs as the default graph, which is a copy of them: a union of graphs would have a triple twice.
function loaded(withViews) {
  const store = new Store();
  const named = withViews ? [...lines.curated, ...lines.views] : lines.curated;
  store.load(lines.curated.map(([start]) => `${start} .\n`).join(""), { format: "application/n-triples" });
  store.load(named.map(([, line]) => `${line}\n`).join(""), { format: "application/n-quads" });
  return store;
}

function instant(bound) {
  return bound && /(?:Z|[+-][0-9]{2}:?[0-9]{2})$/.test(bound.value) ? Date.parse(bound.value) : undefined;
}

function possibly(period, when, over) {
  if (!period) return true;
  const started = period.earliestStart === undefined || period.earliestStart <= when.last;
  return started && (over || period.latestEnd === undefined || when.first <= endOf(period.latestEnd));
}

function endOf(bound) {
  return bound % 1000 ? bound : bound + 999;
}

function certainly(period, when, over) {
  if (!period || !possibly(period, when, over)) return false;
  if (over) return period.latestEnd !== undefined && period.latestEnd <= when.last;
  if (period.latestStart === undefined || period.earliestEnd === undefined) return false;
  return period.latestStart <= when.first && when.last <= endOf(period.earliestEnd);
}

function select(store, text) {
  return store.query(`PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX tri: <${TRI}> ${text}`);
}

// Take out what does not hold at a date, with the claims that are about nothing else: periods.py.
function restrict(store, when, certain) {
  const periods = new Map();
  for (const row of select(store, `SELECT * { ?span ?bound ?at . VALUES ?bound { ${BOUNDS.map((name) => `tri:${name}`).join(" ")} } }`)) {
    const at = instant(row.get("at"));
    if (at === undefined || Number.isNaN(at)) continue;
    const span = row.get("span").value;
    if (!periods.has(span)) periods.set(span, {});
    periods.get(span)[row.get("bound").value.slice(TRI.length)] = at;
  }
  const over = new Set(select(store, "SELECT ?each { ?class rdfs:subClassOf* tri:Occurrence . ?each a ?class }").map((row) => row.get("each").value));
  const spans = new Map();
  for (const row of select(store, "SELECT DISTINCT ?proposition ?span { ?class rdfs:subClassOf* tri:Proposition . ?proposition a ?class OPTIONAL { ?proposition tri:during ?span } }")) {
    const iri = row.get("proposition").value;
    spans.set(iri, [...(spans.get(iri) || []), ...(row.get("span") ? [row.get("span").value] : [])]);
  }
  const holds = certain ? certainly : possibly;
  const gone = new Set([...spans].filter(([iri, own]) => {
    const found = own.length ? own.map((span) => periods.get(span) || {}) : [null];
    return !found.some((period) => holds(period, when, over.has(iri)));
  }).map(([iri]) => iri));
  const about = namedNode(`${TRI}proposition`);
  const left = new Map();
  for (const each of store.match(null, about, null, defaultGraph())) {
    left.set(each.subject.value, (left.get(each.subject.value) ?? true) && gone.has(each.object.value));
  }
  const without = [...gone, ...[...left].filter(([, alone]) => alone).map(([iri]) => iri)];
  for (const iri of without) for (const each of store.match(namedNode(iri), null, null, null)) store.delete(each);
}

function derive(store, rules, view) {
  return rules.views[view].flatMap(([rule, value]) => {
    const pieces = rules.rules[rule];
    return store.query(bound(pieces, Object.fromEntries(pieces.filter((_, place) => place % 2).map((name) => [name, [`<${value}>`]]))));
  });
}

function storeFor(question) {
  if (!question.views.length && !question.asOf) return (kept ??= loaded(true));
  const store = loaded(!question.asOf);
  if (question.asOf) {
    const when = moment(question.asOf);
    if (!when) throw new Refused(`“${question.asOf}” is not a date; write a year, a month or a day that exists: 2022, 2022-09, 2022-09-21`);
    restrict(store, when, question.certainly);
    if (namesGraphs(question.text)) {
      for (const view of Object.keys(question.rules.views)) {
        for (const each of derive(store, question.rules, view)) store.add(quad(each.subject, each.predicate, each.object, namedNode(VIEW + view)));
      }
    }
  }
  for (const view of question.views) {
    if (!Object.hasOwn(question.rules.views, view)) throw new Refused(`There is no view ${view}; choose one of the list`);
    for (const each of derive(store, question.rules, view)) store.add(quad(each.subject, each.predicate, each.object, defaultGraph()));
  }
  return store;
}

function json(term) {
  if (term.termType === "NamedNode") return { type: "uri", value: term.value };
  if (term.termType === "BlankNode") return { type: "bnode", value: term.value };
  const more = term.language ? { "xml:lang": term.language } : { datatype: term.datatype.value };
  return { type: "literal", value: term.value, ...more };
}

// An empty answer about plain facts: the views that they hold in are named graphs of their own.
function remarks(store, question, found) {
  const empty = found.results ? !found.results.bindings.length : !found.boolean;
  if (!empty || question.views.length) return [];
  const used = select(store, "SELECT DISTINCT ?property { ?class tri:shortcut ?property } ORDER BY ?property")
    .map((row) => row.get("property").value)
    .filter((iri) => question.text.includes(`<${iri}>`) || new RegExp(`tri:${iri.slice(TRI.length)}(?![\\w.-]*\\w)`).test(question.text));
  return used.filter((iri) => !store.match(null, namedNode(iri), null, defaultGraph()).length)
    .map((iri) => `tri:${iri.slice(TRI.length)} holds only in views: choose a view, or name one by GRAPH`);
}

function answer(question) {
  const form = formOf(question.text);
  const prefixes = Object.entries(question.rules.prefixes).map(([name, iri]) => `PREFIX ${name}: <${iri}> `).join("");
  const store = storeFor(question);
  postMessage({ id: question.id, state: "asking" });
  try {
    if (form === "SELECT" || form === "ASK") {
      const found = JSON.parse(store.query(prefixes + question.text, { results_format: "json" }));
      if (found.results) found.head.vars = inOrder(question.text, found.head.vars);
      return { found, remarks: remarks(store, question, found) };
    }
    const triples = store.query(prefixes + question.text);
    const names = ["subject", "predicate", "object"];
    const bindings = triples.map((each) => Object.fromEntries(names.map((name) => [name, json(each[name])])));
    const found = { graph: true, head: { vars: names }, results: { bindings } };
    return { found, remarks: remarks(store, question, found) };
  } catch (error) {
    throw told(error, prefixes.length);
  } finally {
    if (store !== kept) store.free();
  }
}

// The parser counts the prefixes that were put before the first line.
function told(error, before) {
  const found = /error at (\d+):(\d+): (.*)/s.exec(String(error.message || error));
  if (!found) return error;
  const line = Number(found[1]);
  const column = Number(found[2]) - (line === 1 ? before : 0);
  return new Refused(`Not SPARQL, line ${line}, column ${column}: ${found[3].slice(0, 300)}`);
}

onmessage = async ({ data: question }) => {
  try {
    await ready();
    postMessage({ id: question.id, ...answer(question) });
  } catch (error) {
    const fatal = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    const detail = fatal ? "The query took more memory than the browser gives; ask for less" : String(error.message || error);
    postMessage({ id: question.id, error: detail, fatal });
  }
};
