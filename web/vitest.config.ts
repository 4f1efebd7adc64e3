import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Unit tests of every app; pure code, so one process is quicker than many. */
export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("./apps/inbox/src", import.meta.url)) } },
  test: {
    include: ["apps/*/{src,test,tests}/**/*.test.{ts,tsx}"],
    environment: "node",
    pool: "threads",
    maxWorkers: 1,
  },
});
