// Copies the editor of Yasgui into the package, with the licences of all that is bundled in it.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "src", "triplomacy", "static", "yasgui");
const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));

function licence(path) {
  const folder = join(here, path);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).sort().find((name) => /^(licen[cs]e|copying)(\.|-|$)/i.test(name));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "(its package has no file with the text)";
  return `${about.name} ${about.version}, ${about.license ?? "see below"}\n\n${text}\n`;
}

mkdirSync(target, { recursive: true });
for (const name of ["yasqe.min.js", "yasqe.min.css"]) {
  copyFileSync(join(here, "node_modules", "@zazuko", "yasqe", "build", name), join(target, name));
}
const bundled = Object.entries(lock.packages).filter(([path, entry]) => path && !entry.dev);
const texts = bundled.map(([path]) => licence(path));
writeFileSync(join(target, "licences.txt"), texts.join(`\n${"=".repeat(80)}\n\n`));
