// Types of the services' HTTP answers, from the OpenAPI documents they export (`make contracts` writes those anew).
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const cli = at("node_modules/openapi-typescript/bin/cli.js");
for (const service of ["tickets", "routing", "ingest"]) {
  const from = at(`../../../docs/openapi/${service}.json`);
  const to = at(`../../apps/inbox/src/api/generated/${service}.ts`);
  const { status } = spawnSync(process.execPath, [cli, from, "--output", to], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
