// Stored queries bound to values as people write them: the rule of binding.py. A text comes cut at the places where the
// terms of its parameters go, so that nothing but serialised terms is put between the pieces.

export class Refused extends Error {}

const XSD = "http://www.w3.org/2001/XMLSchema#";
const SOURCE = "source/";

// The tokens of a query, as sparql.py has them.
const TOKEN = /(?<comment>#[^\r\n]*)|(?<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)|(?<string>"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\[^]|[^"\\\n\r])*"|'(?:\\[^]|[^'\\\n\r])*')|(?<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)|(?<variable>[?$][\p{L}\p{N}_\u00b7\u0300-\u036f\u203f\u2040]+)|(?<name>[\p{L}\p{N}_.-]*:(?:[\p{L}\p{N}_.:%-]|\\[^])*)|(?<word>[A-Za-z][\p{L}\p{N}_]*)|(?<other>[^])/gu;

const UPDATES = new Set(["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"]);
const FORMS = new Set(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]);

function* tokens(text) {
  for (const match of text.matchAll(TOKEN)) {
    const [kind, token] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    if (kind !== "comment" && token.trim()) yield { kind, token };
  }
}

function unescaped(text) {
  return text.replace(/\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})/g, (all, short, long) => {
    const code = parseInt(short || long, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

/** Return whether a query is SELECT, ASK, CONSTRUCT or DESCRIBE; refuse what is none, changes data, or asks a server. */
export function formOf(text) {
  for (const reading of [text, unescaped(text)]) {
    const found = [...tokens(reading)];
    const asks = found.some(({ kind, token }, place) =>
      (kind === "word" && /service/i.test(token))
      || (kind === "name" && /service/i.test(token.split(":")[0]) && (found[place + 1] || {}).token === "{"));
    if (asks) throw new Refused("SERVICE would ask another server, which is not done here; remove it");
  }
  const words = [...tokens(text)].filter(({ kind }) => kind === "word").map(({ token }) => token.toUpperCase());
  const form = words.find((word) => FORMS.has(word) || UPDATES.has(word));
  if (!form) throw new Refused("There is no query; write SELECT, ASK, CONSTRUCT or DESCRIBE");
  if (UPDATES.has(form)) throw new Refused(`${form} would change data, which is not done here; ask`);
  return form;
}

/** Return whether a query names graphs. */
export function namesGraphs(text) {
  return [...tokens(text)].some(({ kind, token }) => kind === "word" && /^(graph|from)$/i.test(token));
}

/** Return the columns of SELECT * as the query names them; of other queries, as they are: each engine has its own order. */
export function inOrder(text, columns) {
  const found = [...tokens(text)].filter(({ kind, token }) => kind === "word" || kind === "variable" || token === "*" || token === "{").map(({ token }) => token);
  const start = found.findIndex((token) => token.toUpperCase() === "SELECT");
  if (!found.slice(start + 1, start + 3).includes("*") || found.slice(0, start).includes("{")) return columns;
  const named = [...new Set(found.filter((token) => /^[?$]/.test(token)).map((token) => token.slice(1)))];
  const place = (column) => (named.includes(column) ? named.indexOf(column) : named.length);
  return [...columns].sort((one, other) => place(one) - place(other));
}

/** Return the IRI of a CURIE, of an IRI in angle brackets, or of a bare absolute IRI, or null where it is none. */
export function expand(written, data, root) {
  if (/^<.*>$/.test(written)) return written.slice(1, -1);
  const [, prefix, local] = /^([^:]*):(.*)$/s.exec(written) || [];
  if (prefix === undefined) return null;
  if (local.startsWith("//") || prefix === "urn") return written;
  if (Object.hasOwn(data.prefixes, prefix)) return data.prefixes[prefix] + local;
  return local.includes("/") || local.split("#")[0] === "text" ? `${root}${SOURCE}${prefix}/${local}` : null;
}

/** Return a string as it is written in a query: no escape in it can be taken for another. */
function quoted(value) {
  const escapes = { '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const safe = value
    .replace(/\\([uU])|\\/g, (all, letter) => (letter ? `\\\\\\U${letter.codePointAt(0).toString(16).toUpperCase().padStart(8, "0")}` : "\\\\"))
    .replace(/["\n\r\t]/g, (char) => escapes[char])
    .replace(/[\x00-\x1f\x7f]/g, (char) => `\\U${char.codePointAt(0).toString(16).toUpperCase().padStart(8, "0")}`);
  return `"${safe}"`;
}

function exists(year, month, day) {
  const found = new Date(Date.UTC(2000, month - 1, day));
  found.setUTCFullYear(year, month - 1, day);
  return year > 0 && found.getUTCMonth() === month - 1 && found.getUTCDate() === day;
}

function isDate(value) {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(value);
  return found !== null && exists(...found.slice(1).map(Number));
}

function isEdtfPart(part) {
  const bare = part.replace(/[?~%]$/, "");
  if (part === "" || part === ".." || /^[0-9]{4}-(?:2[1-9]|3[0-9]|4[01])$/.test(bare)) return true;
  const date = /^[0-9]{2,3}X{1,2}$/.test(bare) ? bare.replace(/X+$/, (found) => "0".repeat(found.length)) : bare;
  return moment(date) !== null;
}

function isEdtf(value) {
  const parts = value.split("/");
  return parts.length <= 2 && parts.some((part) => part !== "" && part !== "..") && parts.every(isEdtfPart);
}

const FORMS_OF = {
  string: [(value) => value.isWellFormed === undefined || value.isWellFormed(), "text without halves of surrogate pairs", null],
  integer: [(value) => /^[+-]?[0-9]+$/.test(value), "digits", "integer"],
  number: [(value) => /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(value), "a number, such as 12 or 0.5", "decimal"],
  boolean: [(value) => value === "true" || value === "false", "true or false", "boolean"],
  date: [isDate, "a day that exists, as YYYY-MM-DD", "date"],
  edtf: [isEdtf, "a date or an interval of EDTF, such as 2022-09, 2020-21 or 2020/..", null],
};

function short(value) {
  return value.length <= 100 ? value : `${value.slice(0, 99)}…`;
}

function literal(parameter, value) {
  const [isOne, form, datatype] = FORMS_OF[parameter.type];
  if (!isOne(value)) throw new Refused(`${parameter.name} takes ${form}, not “${short(value)}”`);
  if (datatype) return `${quoted(value)}^^<${XSD}${datatype}>`;
  return quoted(value) + (parameter.language ? `@${parameter.language}` : "");
}

function folded(text) {
  return text.trim().toLowerCase().normalize("NFC");
}

/** Return the IRI that a person means: an IRI, a CURIE, or a name of something of the class. */
export function meant(value, of, data, root) {
  if (!value.trim()) throw new Refused("An empty value is not an IRI, CURIE or name; write for instance id:north-korea");
  const members = data.classes[of || ""] || [];
  const iri = value.includes(":") ? expand(value, data, root) : null;
  if (iri !== null && members.includes(iri)) return iri;
  const found = iri === null ? members.filter((member) => (data.called[member] || []).some((name) => folded(name) === folded(value))) : [];
  if (found.length === 1) return found[0];
  if (found.length) throw new Refused(`“${short(value)}” names several things: say ${found.join(" or ")}`);
  const wanted = folded(value);
  const near = members.flatMap((member) => data.called[member] || []).filter((name) => folded(name).includes(wanted) || wanted.includes(folded(name)));
  const hint = near.length ? `; did you mean ${near.slice(0, 3).join(" or ")}?` : "; choose one that the field suggests";
  throw new Refused(`There is no ${(of || "node").replace(/^tri:/, "")} “${short(value)}”${hint}`);
}

function term(parameter, value, data, root) {
  if (parameter.options && !parameter.options.includes(value)) {
    throw new Refused(`${parameter.name} is none of its options: “${short(value)}”; they are ${parameter.options.join(", ")}`);
  }
  const found = parameter.type === "iri" ? `<${meant(value, parameter.class, data, root)}>` : literal(parameter, value);
  if (parameter.terms && !parameter.terms.includes(found)) {
    throw new Refused(`${parameter.name} is none of its options: “${short(value)}”`);
  }
  return found;
}

/** Return the terms of a parameter, of its default where nothing is given, each once. */
export function terms(parameter, given, data, root) {
  const values = given.length ? given : parameter.default === undefined ? [] : [parameter.default];
  if (!values.length) throw new Refused(`${parameter.name} has no default; fill it in`);
  if (values.length > 1 && !parameter.many) throw new Refused(`${parameter.name} is given twice; say it once`);
  return [...new Set(values.map((value) => term(parameter, value, data, root)))];
}

/** Return a text from its pieces, with a block of terms in each slot. */
export function bound(pieces, found) {
  return pieces.map((piece, place) => (place % 2 ? ` VALUES ?${piece} { ${found[piece].join(" ")} } ` : piece)).join("");
}

/** Return the text of a stored query with its parameters bound to values, which are lists of texts by parameter. */
export function ask(stored, values, data, root) {
  const known = stored.parameters || [];
  const stranger = Object.keys(values).find((name) => !known.some((parameter) => parameter.name === name));
  if (stranger) throw new Refused(`There is no parameter ${stranger}`);
  const found = Object.fromEntries(known.map((parameter) => [parameter.name, terms(parameter, values[parameter.name] || [], data, root)]));
  return bound(stored.text, found);
}

/** Return the first and the last instant of a date, in milliseconds, or null where it is none: periods.py. */
export function moment(written) {
  const found = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?$/.exec(written);
  if (!found) {
    const instant = /T.*(?:Z|[+-][0-9]{2}:?[0-9]{2})$/.test(written) ? Date.parse(written) : NaN;
    return Number.isNaN(instant) ? null : { first: instant, last: instant };
  }
  const [year, month, day] = [Number(found[1]), Number(found[2] || 1), Number(found[3] || 1)];
  if (!exists(year, month, day)) return null;
  const zone = found[4] || "Z";
  const midnight = (y, m, d) => Date.parse(`${String(y).padStart(4, "0")}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}T00:00:00${zone}`);
  const first = midnight(year, month, day);
  const lastMonth = found[2] ? month : 12;
  const lastDay = found[3] ? day : new Date(Date.UTC(2000 + (year % 400), lastMonth, 0)).getUTCDate();
  return { first, last: midnight(year, lastMonth, lastDay) + 86400000 - 1 };
}
