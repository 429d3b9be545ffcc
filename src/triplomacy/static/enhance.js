// What is better with a script: tables that sort, lists that can be filtered, and addresses without empty fields.
"use strict";

(() => {
  const collator = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });

  function sort(table, column, header) {
    const ascending = header.getAttribute("aria-sort") !== "ascending";
    for (const other of header.parentElement.children) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [row.cells[column].textContent.trim().replace(/^–$/, ""), row]);
    rows.sort((one, other) => collator.compare(one[0], other[0]) * (ascending ? 1 : -1));
    body.append(...rows.map(([, row]) => row));
  }

  function makeSortable(table) {
    if (!table.tBodies[0] || table.tBodies[0].rows.length < 3) return;
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(table, column, header));
      header.append(button);
    });
  }

  function makeFilter(main) {
    const tables = [...main.querySelectorAll("table.lines")];
    const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
    const heading = main.querySelector(".title");
    if (rows.length < 30 || !heading || tables.length < 2) return;
    const field = document.createElement("div");
    field.className = "field filter";
    const label = document.createElement("label");
    label.htmlFor = "filter";
    label.textContent = "Filter by name";
    const input = document.createElement("input");
    input.id = "filter";
    input.type = "search";
    const told = document.createElement("p");
    told.className = "hint";
    told.setAttribute("role", "status");
    field.append(label, input, told);
    heading.after(field);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase("en-GB");
      let shown = 0;
      for (const row of rows) {
        row.hidden = !row.textContent.toLocaleLowerCase("en-GB").includes(wanted);
        shown += row.hidden ? 0 : 1;
      }
      for (const table of tables) {
        const section = table.closest("section");
        if (section) section.hidden = [...table.tBodies[0].rows].every((row) => row.hidden);
      }
      told.textContent = wanted ? `${shown} of ${rows.length}` : "";
    });
  }

  // A permalink names what was asked and nothing else.
  function tidy(form) {
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData.entries()]) {
        if (value === "") {
          const kept = event.formData.getAll(name).filter((other) => other !== "");
          event.formData.delete(name);
          for (const other of kept) event.formData.append(name, other);
        }
      }
    });
  }

  // The answer comes into the page; the address is the same as without a script, and so is what the server renders.
  const LONGEST = 8000;

  async function answer(address, request) {
    const place = document.getElementById("outcome");
    place.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(address, { ...request, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.getElementById("outcome") || page.getElementById("main");
      place.replaceChildren(...document.adoptNode(found).childNodes);
      place.querySelectorAll("table[data-sortable]").forEach(makeSortable);
    } catch {
      const told = document.createElement("p");
      told.className = "alert";
      told.textContent = "No answer came: the server cannot be reached. Try again.";
      place.replaceChildren(told);
    } finally {
      place.removeAttribute("aria-busy");
    }
  }

  function makeAnswering(form) {
    let shown = location.search;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fields = new URLSearchParams(new FormData(form));
      const address = `${form.action}?${fields}`;
      if (address.length > LONGEST) {
        answer(form.action, { method: "POST", body: fields });
      } else {
        history.pushState(null, "", address);
        shown = location.search;
        answer(address, {});
      }
    });
    window.addEventListener("popstate", () => {
      if (location.search !== shown) location.reload(); // and not for a fragment
    });
  }

  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  document.addEventListener("table", (event) => makeSortable(event.target)); // one that another script has made
  document.querySelectorAll("form[data-answer]").forEach(makeAnswering);
  document.querySelectorAll("form[data-tidy]").forEach(tidy);
  makeFilter(document.getElementById("main"));
})();
