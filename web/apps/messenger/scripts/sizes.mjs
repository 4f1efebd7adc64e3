/** Prints what a visitor downloads and fails the build above the budget: loader 5 KB, panel 90 KB gzip. */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const gzip = (name) => gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length;
const assets = readdirSync(new URL("assets/", dist)).map((name) => `assets/${name}`);
// Every visitor loads the page, its script and style, and at most one language.
const languages = assets.filter((name) => /assets\/[a-z]{2}-[\w-]+\.js$/.test(name));
const always = ["index.html", ...assets.filter((name) => !languages.includes(name))];
const largest = Math.max(0, ...languages.map(gzip));

const found = [
  ["messenger.js", readFileSync(new URL("messenger.js", dist)).length, 5 * 1024, "before gzip"],
  ["panel", always.reduce((sum, name) => sum + gzip(name), 0) + largest, 90 * 1024, "gzip, one language"],
];
let over = false;
for (const [name, size, budget, how] of found) {
  console.log(`${name.padEnd(13)} ${(size / 1024).toFixed(1)} KB ${how} (budget ${budget / 1024} KB)`);
  over ||= size > budget;
}
if (over) {
  console.error("The messenger is over its budget: see what grew in dist/.");
  process.exit(1);
}
