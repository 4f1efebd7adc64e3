/** Builds messenger.js: one classic script without a hash, because its address stands in other people's pages. */
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The style sheet is text in a template, which the minifier leaves alone: its blanks are a tenth of the budget. */
function compactStyle(): Plugin {
  return {
    name: "compact-style",
    transform(code, id) {
      if (!id.endsWith("/loader/style.ts")) return;
      return code.replace(/`\n[^`]*`/, (sheet) => sheet.replace(/\s+/g, " ").replace(/ ?([{};:,]) ?/g, "$1"));
    },
  };
}

export default defineConfig({
  root: here("."),
  publicDir: false,
  plugins: [compactStyle()],
  build: {
    outDir: here("./dist"),
    emptyOutDir: false,
    target: "es2022",
    lib: {
      entry: here("./src/loader/main.ts"),
      formats: ["iife"],
      name: "s",
      fileName: () => "messenger.js",
    },
  },
});
