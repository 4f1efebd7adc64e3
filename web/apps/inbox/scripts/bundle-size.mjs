// What a browser loads before the inbox shows, gzipped; the build fails above the limit in the promises.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 350;
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, "utf8"));

function filesOf(name, seen = new Set()) {
  const chunk = manifest[name];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const other of chunk.imports ?? []) filesOf(other, seen);
  return seen;
}

const kilobytes = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length / 1024;
const first = [...filesOf("index.html")];
const total = first.reduce((sum, file) => sum + kilobytes(file), 0);
for (const file of first) console.log(`  ${kilobytes(file).toFixed(1).padStart(7)} KB  ${file}`);
console.log(`First load: ${total.toFixed(1)} KB gzip of ${LIMIT_KB} KB`);
const later = Object.values(manifest).filter((chunk) => chunk.isDynamicEntry);
for (const chunk of later)
  console.log(`  later ${kilobytes(chunk.file).toFixed(1).padStart(7)} KB  ${chunk.file}`);
if (total > LIMIT_KB) {
  console.error(`The first load is above ${LIMIT_KB} KB: split what the first screen does not need.`);
  process.exit(1);
}
