// Copies into the package what its pages take from others, each with the licences of all that is bundled in it: the
// editor of Yasgui, and Oxigraph for browsers.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
const ENGINE = "node_modules/oxigraph";

// Some packages name a licence and do not carry its text; Apache's is our own.
function ours(licence) {
  const isOurs = /\bApache-2\.0\b/.test(licence ?? "");
  return isOurs ? readFileSync(join(here, "..", "LICENSE"), "utf8").trim() : "(its package has no file with the text)";
}

function licence(path) {
  const folder = join(here, path);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).sort().find((name) => /^(licen[cs]e|copying)(\.|-|$)/i.test(name));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : ours(about.license);
  return `${about.name} ${about.version}, ${about.license ?? "see below"}\n\n${text}\n`;
}

function take(name, from, files, bundled) {
  const target = join(here, "..", "src", "triplomacy", "static", name);
  mkdirSync(target, { recursive: true });
  for (const file of files) copyFileSync(join(here, from, file), join(target, file));
  writeFileSync(join(target, "licences.txt"), bundled.map(licence).join(`\n${"=".repeat(80)}\n\n`));
}

const bundled = Object.entries(lock.packages).filter(([path, entry]) => path && !entry.dev).map(([path]) => path);
take("oxigraph", ENGINE, ["web.js", "web_bg.wasm"], [ENGINE]);
take("yasgui", "node_modules/@zazuko/yasqe/build", ["yasqe.min.js", "yasqe.min.css"], bundled.filter((path) => path !== ENGINE));
