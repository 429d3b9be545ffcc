// Bars on a scale of time with what is sure of them and what is not: a bound that nobody states is an arrow.
import { element, shape } from "./drawing.js";

const LEFT = 20;
const RIGHT = 980;
const STEPS = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000];

function months(instant) {
  const date = new Date(instant);
  return date.getUTCFullYear() * 12 + date.getUTCMonth() + (date.getUTCDate() - 1 + date.getUTCHours() / 24) / 31;
}

function day(instant) {
  return new Date(instant).toISOString().slice(0, 10);
}

/**
 * Draw a table with a bar a row into a place.
 *
 * rows: [{ name, address, bounds: [earliest start, latest start, earliest end, latest end] }] in milliseconds or null.
 */
export function timeline(place, rows, caption) {
  const known = rows.flatMap((row) => row.bounds.filter((bound) => bound !== null));
  const [first, last] = [Math.min(...known.map(months)), Math.max(...known.map(months))];
  const margin = Math.max((last - first) * 0.06, 1);
  const step = STEPS.find((each) => (last - first + 2 * margin) / each <= 8) || STEPS.at(-1);
  const x = (instant) => LEFT + ((months(instant) - first + margin) / (last - first + 2 * margin)) * (RIGHT - LEFT);
  const ticks = [];
  for (let month = Math.ceil((first - margin) / step) * step; month <= last + margin; month += step) ticks.push(month);
  const at = (month) => LEFT + ((month - first + margin) / (last - first + 2 * margin)) * (RIGHT - LEFT);
  const scale = shape("svg", { class: "scale", viewBox: "0 0 1000 24", "aria-hidden": "true" }, ...ticks.map((month) =>
    shape("text", { x: at(month), y: 17, "text-anchor": "middle" }, step % 12 ? `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}` : String(month / 12))));
  const sorted = [...rows].sort((one, other) => Math.min(...one.bounds.filter(Number.isFinite)) - Math.min(...other.bounds.filter(Number.isFinite)));
  place.replaceChildren(element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption },
    element("table", { class: "timeline" },
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "What"), element("th", { scope: "col" }, element("span", { class: "unseen" }, "When"), scale))),
      element("tbody", {}, ...sorted.map((row) => element("tr", {},
        element("th", { scope: "row" }, row.address ? element("a", { href: row.address }, row.name) : row.name),
        element("td", {}, bar(row, x, ticks.map(at)), element("span", { class: "quiet" }, words(row.bounds)))))))));
}

function words([early, begun, ended, late]) {
  const between = (verb, one, other) => {
    if (one === null && other === null) return `${verb} at a time not stated`;
    if (one !== null && other !== null) return day(one) === day(other) ? `${verb} on ${day(one)}` : `${verb} from ${day(one)} to ${day(other)}`;
    return one === null ? `${verb} by ${day(other)}` : `${verb} on or after ${day(one)}`;
  };
  const days = [early, begun, ended, late].map((bound) => (bound === null ? "" : day(bound)));
  if (days[0] && days.every((each) => each === days[0])) return `on ${days[0]}`;
  return `${between("begins", early, begun)}, ${between("ends", ended, late)}`;
}

function bar(row, x, ticks) {
  const [early, begun, ended, late] = row.bounds;
  const known = row.bounds.filter((bound) => bound !== null);
  const left = early === null ? 4 : x(early);
  const right = late === null ? 996 : x(late);
  const picture = shape("svg", { class: "bar", viewBox: "0 0 1000 20", preserveAspectRatio: "none", role: "img", "aria-label": words(row.bounds) });
  picture.append(...ticks.map((tick) => shape("line", { class: "tick", x1: tick, x2: tick, y1: 0, y2: 20 })));
  if (right - left < 6) {
    picture.append(shape("rect", { class: "sure", x: (x(known[0]) + x(known.at(-1))) / 2 - 4, y: 3, width: 8, height: 14, rx: 2 }));
    return picture;
  }
  picture.append(shape("rect", { class: "may", x: left, y: 7, width: right - left, height: 6 }));
  if (begun !== null && ended !== null && begun < ended) {
    picture.append(shape("rect", { class: "sure", x: x(begun), y: 3, width: Math.max(x(ended) - x(begun), 2), height: 14 }));
  } else {
    for (const bound of [begun, ended]) if (bound !== null) picture.append(shape("line", { class: "bound", x1: x(bound), x2: x(bound), y1: 3, y2: 17 }));
  }
  if (early === null) picture.append(shape("path", { class: "open", d: "M12,3 L2,10 L12,17" }));
  if (late === null) picture.append(shape("path", { class: "open", d: "M988,3 L998,10 L988,17" }));
  return picture;
}
