// What everything is called: for answers, and for search. The list is read once, when it is first wanted.
const ADDRESS = new URL("../names.json", import.meta.url);
export const HOME = new URL("../", import.meta.url).href;

let reading = null;

export function names() {
  reading ??= fetch(ADDRESS).then(async (response) => {
    if (!response.ok) throw new Error(`The list of names cannot be read: ${response.status} ${response.statusText}`);
    const { root, kinds, nodes } = await response.json();
    const found = nodes.map(([path, kind, name, ...others]) => ({ iri: root + path, path, kind: kinds[kind], name, others }));
    return { root, nodes: found, known: new Map(found.map((node) => [node.iri, node])) };
  });
  return reading;
}

/** Return the address of the page of a node of ours. */
export function pageOf(path) {
  const [file, fragment] = path.split("#");
  return `${HOME}${file}.html${fragment ? `#${fragment}` : ""}`;
}

const PLACE = /^source\/[^/]+\/(?:text#char=(\d+),(\d+)|(passage|row)\/(.+))$/;

/** Return what people call an IRI, and where its page is, if it has one. */
export function called({ root, known }, iri) {
  const node = known.get(iri);
  if (node) return { name: node.name, address: pageOf(node.path) };
  if (iri.startsWith(root)) {
    const path = iri.slice(root.length);
    const found = PLACE.exec(path);
    return { name: found && found[1] ? `characters ${found[1]}–${found[2]}` : path, address: pageOf(path) };
  }
  const local = /[#/]([^#/]+)$/.exec(iri);
  return { name: local ? local[1] : iri, address: /^https?:/.test(iri) ? iri : null };
}
