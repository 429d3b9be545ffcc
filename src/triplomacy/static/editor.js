// The editor of SPARQL over the plain text field: colours, errors as one types, names of our terms and entities.
// It keeps nothing, asks nobody else, and lets Tab move on; the form is the one that works without it.
"use strict";

(() => {
  const area = document.getElementById("query");
  const form = area && area.form;
  if (!form || typeof Yasqe === "undefined") return;

  const names = `SELECT DISTINCT ?node WHERE {
    { ?node <http://www.w3.org/2000/01/rdf-schema#isDefinedBy> ?ontology }
    UNION { ?node a ?class FILTER STRSTARTS(STR(?node), STR(id:)) }
  } ORDER BY ?node`;

  const pairs = [...document.querySelectorAll(".prefixes > div")];
  const known = new Map(pairs.map((pair) => ["dt", "dd"].map((part) => pair.querySelector(part).textContent)));

  function compress(iri) {
    const found = [...known].find(([, namespace]) => iri.startsWith(namespace));
    return found ? found[0] + iri.slice(found[1].length) : "";
  }

  async function listed() {
    const response = await fetch(form.dataset.names);
    if (!response.ok) return [];
    const { root, nodes } = await response.json();
    return nodes.map(([path]) => compress(root + path));
  }

  async function complete() {
    if (form.dataset.names) return (await listed()).filter((name) => name.startsWith("tri:") || name.startsWith("id:"));
    const address = `${form.dataset.endpoint}?${new URLSearchParams({ query: names })}`;
    const response = await fetch(address, { headers: { Accept: "application/sparql-results+json" } });
    if (!response.ok) return [];
    const found = (await response.json()).results.bindings.map((row) => compress(row.node.value));
    return found.filter((name) => name.startsWith("tri:") || name.startsWith("id:"));
  }

  Yasqe.registerAutocompleter({
    name: "terms",
    bulk: true,
    autoShow: true,
    persistenceId: null,
    isValidCompletionPosition: (yasqe) => /^(tri|id):/.test(yasqe.getCompleteToken().string),
    get: complete,
  }, false);

  Yasqe.defaults.autocompleters = ["variables", "terms"]; // not in the options, where it would be mixed with others that ask elsewhere

  const place = document.createElement("div");
  area.after(place);
  const editor = new Yasqe(place, {
    value: area.value,
    collapsePrefixesOnLoad: false,
    consumeShareLink: null,
    createShareableLink: null,
    editorHeight: "auto",
    extraKeys: {
      "Ctrl-Enter": () => form.requestSubmit(),
      "Cmd-Enter": () => form.requestSubmit(),
      "Ctrl-S": false,
      Tab: false,
      "Shift-Tab": false,
    },
    persistenceId: null,
    resizeable: false,
    showQueryButton: false,
    syntaxErrorCheck: false, // the status below the field says it, to everybody
    viewportMargin: Infinity,
  });
  const input = editor.getInputField();
  input.setAttribute("aria-label", "Query");
  input.setAttribute("aria-describedby", "keys");
  const keys = document.createElement("p");
  keys.id = "keys";
  keys.className = "hint";
  keys.textContent = "Ctrl+Enter runs it, Ctrl+Space suggests what may follow, Tab moves on.";
  place.after(keys);
  area.hidden = true;
  const label = form.querySelector(`label[for="${area.id}"]`);
  label.addEventListener("click", () => editor.focus());

  const status = document.createElement("p");
  status.className = "hint";
  status.setAttribute("role", "status");
  keys.after(status);

  // The first line that the grammar does not follow, with the parser's reason.
  function complaint() {
    for (let line = 0; line < editor.getDoc().lineCount(); line += 1) {
      const { state } = editor.getTokenAt({ line, ch: editor.getDoc().getLine(line).length }, true);
      if (state.OK === false) return { line, reason: state.errorMsg, expected: state.possibleCurrent || [] };
    }
    return null;
  }

  function check() {
    const found = complaint();
    const undeclared = found && /^Prefix '(.*)' is not defined$/.exec(found.reason || "");
    if (undeclared && known.has(`${undeclared[1]}:`)) {
      editor.addPrefixes({ [undeclared[1]]: known.get(`${undeclared[1]}:`) });
      return;
    }
    const reason = undeclared ? `the prefix ${undeclared[1]} is not declared` : "this is not expected here";
    const hints = found && !undeclared ? found.expected.filter((word) => /^[A-Z?<{(]/.test(word)).slice(0, 5) : [];
    const told = hints.length ? `${reason}; what may stand here: ${hints.join(", ")}` : reason;
    status.textContent = found ? `Line ${found.line + 1}: ${told}.` : "";
  }

  // A permalink fills the field after the editor has begun.
  area.addEventListener("input", () => {
    if (area.value !== editor.getValue()) editor.setValue(area.value);
  });

  let waiting = 0;
  editor.on("change", () => {
    area.value = editor.getValue();
    clearTimeout(waiting);
    waiting = setTimeout(check, 300);
  });
  check();
})();
