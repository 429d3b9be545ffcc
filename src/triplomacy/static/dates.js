// The timeline as of a date: which rows possibly and which certainly hold then.
"use strict";

(() => {
  const form = document.querySelector("form[data-dates]");
  if (!form) return;
  const rows = [...document.querySelectorAll("tr[data-bounds]")];
  const told = form.querySelector("[role=status]");

  function holds(row, from, to) {
    const [early, begun, ended, late] = row.dataset.bounds.split(" ").map((bound) => (bound === "-" ? null : Date.parse(bound)));
    const over = row.dataset.over === "true";
    if ((early !== null && early > to) || (!over && late !== null && late < from)) return "no";
    if (over) return late !== null && late <= to ? "certainly" : "possibly";
    return begun !== null && ended !== null && begun <= from && to <= ended + 999 ? "certainly" : "possibly";
  }

  function show() {
    const day = form.elements.day.value;
    const from = day ? Date.parse(`${day}T00:00:00Z`) : null;
    const count = { certainly: 0, possibly: 0, no: 0 };
    for (const row of rows) {
      row.classList.remove("certainly", "possibly", "no");
      if (from === null) continue;
      const found = holds(row, from, from + 86400000 - 1);
      row.classList.add(found);
      count[found] += 1;
    }
    told.textContent = from === null ? "" : `On ${day}: ${count.certainly} certainly hold, if the claim is right; ${count.possibly} may; ${count.no} do not.`;
  }

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
})();
