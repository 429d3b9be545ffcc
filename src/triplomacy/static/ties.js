// The network of who recognises, sanctions and sides with whom, as claimed: over its static picture, which stays for paper.
import { network } from "./network.js";

const figure = document.querySelector("[data-ties]");

async function start() {
  const response = await fetch(figure.dataset.ties);
  if (!response.ok) return;
  const { nodes, edges } = await response.json();
  const place = figure.querySelector(".live");
  const show = network(place, { nodes, edges, label: figure.dataset.label });
  const form = figure.querySelector("form");
  const claimants = [...new Set(edges.flatMap((edge) => edge.claimants))].sort();
  for (const claimant of claimants) form.elements.claimant.append(new Option(claimant));
  const choose = () => {
    const kinds = new Set(new FormData(form).getAll("kind"));
    const levels = new Set(new FormData(form).getAll("level"));
    const claimant = form.elements.claimant.value;
    let count = 0;
    const chosen = (edge) => kinds.has(edge.kind) && levels.has(edge.surely) && (!claimant || edge.claimants.includes(claimant));
    show(chosen);
    for (const edge of edges) count += chosen(edge) ? 1 : 0;
    form.querySelector("[role=status]").textContent = `${count} of ${edges.length} lines`;
  };
  form.addEventListener("change", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  place.hidden = false;
  figure.classList.add("drawn");
  choose();
}

if (figure) start();
