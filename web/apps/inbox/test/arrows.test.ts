/** House lint: features know nothing of each other; only pages put them side by side. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const SRC = new URL("../src", import.meta.url).pathname;
const MAY_IMPORT: Record<string, string[]> = {
  api: ["api"],
  lib: ["lib", "api"],
  ui: ["ui", "lib", "api"],
  data: ["data", "api", "lib", "ui"],
  live: ["live", "data", "api", "lib"],
  parts: ["parts", "data", "ui", "lib", "api"],
  features: ["parts", "data", "ui", "lib", "api"],
};

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === "generated") return [];
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : [];
  });
}

const importsOf = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?\s*"@\/([^"]+)"/g)].map(
    (found) => found[1] ?? "",
  );

test("arrows between folders go one way", () => {
  const wrong = files(SRC).flatMap((path) => {
    const [folder = ""] = relative(SRC, path).split("/");
    const allowed = MAY_IMPORT[folder];
    return allowed
      ? importsOf(path)
          .filter((name) => !allowed.includes(name.split("/")[0] ?? ""))
          .map((name) => `${relative(SRC, path)} → ${name}`)
      : [];
  });
  expect(wrong).toEqual([]);
});

test("no file grows past what a reader holds", () => {
  const long = files(SRC).filter((path) => readFileSync(path, "utf8").split("\n").length > 300);
  expect(long.map((path) => relative(SRC, path))).toEqual([]);
});
