// A network that is laid out, filtered and moved in the page. Each node and each line is a link with its words.
import { element, shape } from "./drawing.js";

const WIDE = 1000;
const HEADS = { recognition: "M0,0 L9,4.5 L0,9 z", sanction: "M0,0 L9,4.5 L0,9 L3,4.5 z", other: "M0,0 L9,4.5 L0,9" };

/**
 * Draw a network into a place.
 *
 * nodes: [{ id, name, address, quiet }]; edges: [{ from, to, name, address, kind, level, mark, words }].
 * Returns what shows only some of the edges.
 */
export function network(place, { nodes, edges, label }) {
  const tall = Math.max(420, Math.min(900, 90 * Math.sqrt(nodes.length) + 200));
  const at = layout(nodes, edges, tall);
  const told = element("p", { class: "told", role: "status" });
  const picture = shape("svg", { class: "network", viewBox: `0 0 ${WIDE} ${tall}`, role: "group", "aria-label": label });
  picture.append(shape("defs", {}, ...Object.entries(HEADS).map(([kind, d]) =>
    shape("marker", { id: `head-${kind}`, class: `head ${kind}`, viewBox: "0 0 9 9", refX: 8, refY: 4.5, markerWidth: 9, markerHeight: 9, orient: "auto-start-reverse", markerUnits: "userSpaceOnUse" }, shape("path", { d })))));
  const lines = drawEdges(edges, told);
  const dots = drawNodes(nodes, edges, lines, told, picture);
  picture.append(...lines.map((line) => line.group), ...dots.map((dot) => dot.group));

  function place_() {
    for (const dot of dots) dot.group.setAttribute("transform", `translate(${at.get(dot.node.id).x.toFixed(1)} ${at.get(dot.node.id).y.toFixed(1)})`);
    for (const line of lines) bend(line, at);
  }
  place_();
  movable(picture, dots, at, tall, place_);
  place.replaceChildren(element("div", { class: "canvas" }, picture), told);
  return (shown) => {
    for (const line of lines) line.group.toggleAttribute("hidden", !shown(line.edge));
    for (const dot of dots) {
      dot.group.toggleAttribute("hidden", !lines.some((line) => !line.group.hasAttribute("hidden") && [line.edge.from, line.edge.to].includes(dot.node.id)));
    }
    told.textContent = "";
  };
}

// Many lines between two nodes stand side by side.
function drawEdges(edges, told) {
  const together = new Map();
  return edges.map((edge) => {
    const pair = [edge.from, edge.to].sort().join(" ");
    const number = together.get(pair) || 0;
    together.set(pair, number + 1);
    const kind = HEADS[edge.kind] ? edge.kind : "other";
    const classes = `edge ${kind === "other" ? edge.kind || "other" : kind} ${edge.level || "certain"} ${edge.mark || ""}`;
    const path = shape("path", { class: "line", "marker-end": edge.directed === false ? null : `url(#head-${kind})` });
    const reach = shape("path", { class: "reach" });
    const group = shape("a", { class: classes, href: edge.address, "aria-label": edge.words });
    group.append(shape("title", {}, edge.words), reach, path);
    const tell = () => { told.textContent = edge.words; };
    group.addEventListener("focus", tell);
    group.addEventListener("pointerenter", tell);
    return { edge, group, path, reach, number, pair };
  });
}

// The lines of a name that is too long for one, the last of them cut where there are more than three.
function wrapped(name) {
  const lines = [""];
  for (const word of name.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length > 24) lines.push("");
    lines[lines.length - 1] += `${lines.at(-1) ? " " : ""}${word}`;
  }
  const shown = lines.slice(0, 3).map((line) => (line.length > 30 ? `${line.slice(0, 29)}…` : line));
  if (lines.length > 3) shown[2] += " …";
  return shown;
}

function sizeOf(name) {
  const lines = wrapped(name);
  return { half: Math.max(...lines.map((line) => line.length)) * 3.8 + 12, up: 5.5 + 7.5 * lines.length };
}

function drawNodes(nodes, edges, lines, told, picture) {
  return nodes.map((node) => {
    const own = edges.filter((edge) => edge.from === node.id || edge.to === node.id);
    const written = wrapped(node.name);
    const { half, up } = sizeOf(node.name);
    const group = shape(node.address ? "a" : "g", { class: `node${node.quiet ? " thing" : ""}`, href: node.address });
    const words = written.map((line, place) => shape("tspan", { x: 0, y: 4.5 + 15 * (place - (written.length - 1) / 2) }, `${line}${place < written.length - 1 ? " " : ""}`));
    group.append(shape("title", {}, node.name), shape("rect", { x: -half, y: -up, width: 2 * half, height: 2 * up, rx: node.quiet ? 2 : 13 }), shape("text", { "text-anchor": "middle" }, ...words));
    const light = (on) => {
      picture.classList.toggle("lit", on);
      for (const line of lines) line.group.classList.toggle("near", on && own.includes(line.edge));
      group.classList.toggle("near", on);
      if (on) told.textContent = own.map((edge) => edge.words).filter((each, place, all) => all.indexOf(each) === place).slice(0, 6).join(" ");
    };
    group.addEventListener("pointerenter", () => light(true));
    group.addEventListener("pointerleave", () => light(false));
    group.addEventListener("focus", () => light(true));
    group.addEventListener("blur", () => light(false));
    return { node, group, half };
  });
}

function bend(line, at) {
  const one = at.get(line.edge.from);
  const other = at.get(line.edge.to);
  if (one === other) {
    const d = `M${one.x - 12},${one.y - 12} c-20,-40 44,-40 24,0`;
    line.path.setAttribute("d", d);
    line.reach.setAttribute("d", d);
    return;
  }
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const length = Math.hypot(dx, dy) || 1;
  const side = (line.number % 2 ? 1 : -1) * Math.ceil(line.number / 2) * 16 * (line.edge.from < line.edge.to ? 1 : -1);
  const [mx, my] = [(one.x + other.x) / 2 - (dy / length) * side, (one.y + other.y) / 2 + (dx / length) * side];
  const start = edgeOf(one, mx, my);
  const end = edgeOf(other, mx, my);
  const d = `M${start.x.toFixed(1)},${start.y.toFixed(1)} Q${mx.toFixed(1)},${my.toFixed(1)} ${end.x.toFixed(1)},${end.y.toFixed(1)}`;
  line.path.setAttribute("d", d);
  line.reach.setAttribute("d", d);
}

// Where a line to a point leaves the box of a node.
function edgeOf(node, x, y) {
  const [dx, dy] = [x - node.x, y - node.y];
  const scale = Math.min(Math.abs((node.half + 2) / (dx || 1e-6)), Math.abs((node.up + 2) / (dy || 1e-6)), 1);
  return { x: node.x + dx * scale, y: node.y + dy * scale };
}

// Springs and repulsion from a fixed start: the same picture each time.
function layout(nodes, edges, tall) {
  const at = new Map(nodes.map((node, place) => {
    const angle = place * 2.399963;
    const far = 0.42 * Math.sqrt((place + 0.5) / nodes.length);
    return [node.id, { x: WIDE * (0.5 + far * Math.cos(angle)), y: tall * (0.5 + far * Math.sin(angle)), ...sizeOf(node.name) }];
  }));
  const all = [...at.values()];
  const pairs = [...new Map(edges.filter((edge) => edge.from !== edge.to).map((edge) => [[edge.from, edge.to].sort().join(" "), [at.get(edge.from), at.get(edge.to)]])).values()];
  const rest = Math.sqrt((WIDE * tall) / Math.max(nodes.length, 1)) * 0.75;
  for (let step = 0, heat = WIDE / 10; step < 300; step += 1, heat *= 0.984) {
    for (const node of all) { node.fx = (WIDE / 2 - node.x) * 0.12; node.fy = (tall / 2 - node.y) * 0.3; }
    all.forEach((one, place) => {
      for (const other of all.slice(place + 1)) {
        const [dx, dy] = [one.x - other.x || 0.1, (one.y - other.y) * 1.8 || 0.1];
        const push = (rest * rest) / (dx * dx + dy * dy);
        one.fx += dx * push; one.fy += dy * push * 0.6;
        other.fx -= dx * push; other.fy -= dy * push * 0.6;
      }
    });
    for (const [one, other] of pairs) {
      const [dx, dy] = [other.x - one.x, other.y - one.y];
      const pull = (Math.hypot(dx, dy) / rest) * 0.2;
      one.fx += dx * pull; one.fy += dy * pull;
      other.fx -= dx * pull; other.fy -= dy * pull;
    }
    for (const node of all) {
      const force = Math.hypot(node.fx, node.fy) || 1;
      node.x = within(node.x + (node.fx / force) * Math.min(force, heat), node.half + 4, WIDE - node.half - 4);
      node.y = within(node.y + (node.fy / force) * Math.min(force, heat), node.up + 4, tall - node.up - 4);
    }
  }
  apart(all, tall);
  return at;
}

function within(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

// Boxes that overlap are moved up and down until they do not.
function apart(all, tall) {
  for (let step = 0; step < 60; step += 1) {
    all.forEach((one, place) => {
      for (const other of all.slice(place + 1)) {
        const across = one.half + other.half + 8 - Math.abs(one.x - other.x);
        const down = one.up + other.up + 8 - Math.abs(one.y - other.y);
        if (across > 0 && down > 0) {
          const way = one.y < other.y ? -1 : 1;
          one.y = within(one.y + (way * down) / 2, one.up + 4, tall - one.up - 4);
          other.y = within(other.y - (way * down) / 2, other.up + 4, tall - other.up - 4);
        }
      }
    });
  }
}

function movable(picture, dots, at, tall, redraw) {
  for (const { node, group, half } of dots) {
    let moved = false;
    group.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch") return; // a finger scrolls
      event.preventDefault();
      group.setPointerCapture(event.pointerId);
      moved = false;
    });
    group.addEventListener("pointermove", (event) => {
      if (!group.hasPointerCapture(event.pointerId)) return;
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
      const own = at.get(node.id);
      moved ||= Math.hypot(point.x - own.x, point.y - own.y) > 4;
      if (!moved) return;
      own.x = within(point.x, half + 4, WIDE - half - 4);
      own.y = within(point.y, own.up + 4, tall - own.up - 4);
      redraw();
    });
    group.addEventListener("click", (event) => { if (moved) event.preventDefault(); });
    group.addEventListener("dragstart", (event) => event.preventDefault());
  }
}
