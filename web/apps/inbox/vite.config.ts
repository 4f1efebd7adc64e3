/** Builds and serves the agent inbox; the services appear under the same origin through the proxy. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Files come from an origin of their own, so that nothing in one could act as the inbox. */
const FILES_ORIGIN = new URL(
  process.env.SWITCHBOARD_FILES_URL ?? process.env.SWITCHBOARD_INGEST_URL ?? "http://127.0.0.1:8001",
).origin;

/** Email HTML lives in sandboxed frames with a stricter policy of their own; https images only on request there. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  `img-src 'self' data: blob: https: ${FILES_ORIGIN}`,
  "media-src 'self' https:",
  "connect-src 'self'",
  "frame-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const SERVICES = {
  "/api/ingest": ["SWITCHBOARD_INGEST_URL", "http://127.0.0.1:8001"],
  "/api/tickets": ["SWITCHBOARD_TICKETS_URL", "http://127.0.0.1:8002"],
  "/api/routing": ["SWITCHBOARD_ROUTING_URL", "http://127.0.0.1:8003"],
  "/api/notifications": ["SWITCHBOARD_NOTIFICATIONS_URL", "http://127.0.0.1:8004"],
  "/live": ["SWITCHBOARD_NOTIFICATIONS_URL", "http://127.0.0.1:8004"],
} as const;

/** No path is rewritten: every service answers under its own prefix. */
function proxy(): Record<string, ProxyOptions> {
  const routes = Object.entries(SERVICES).map(([path, [variable, otherwise]]) => {
    const target = process.env[variable] ?? otherwise;
    return [path, { target, ws: path === "/live", changeOrigin: false, xfwd: true }] as const;
  });
  return Object.fromEntries(routes);
}

export default defineConfig(async ({ command, mode }) => ({
  root: here("."),
  plugins: [
    react(),
    ...(command === "serve" && mode === "mock" ? [(await import("./dev/plugin.ts")).mock()] : []),
  ],
  resolve: { alias: { "@": here("./src") } },
  build: {
    outDir: here("./dist"),
    emptyOutDir: true,
    manifest: true,
    target: "es2023",
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: mode === "mock" ? {} : proxy() },
  preview: {
    proxy: proxy(),
    headers: {
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "same-origin",
      "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    },
  },
}));
