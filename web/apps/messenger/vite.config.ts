/** Builds the panel (a page with hashed assets) and serves it beside the loader, the services behind one origin. */
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin, type ProxyOptions } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

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

/** Any site may embed the panel: it acts only for the visitor whose token it holds. Files may live elsewhere. */
function policy(): string {
  const files = process.env.SWITCHBOARD_INGEST_URL ?? SERVICES["/api/ingest"][1];
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob: https: ${new URL(files).origin}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors *",
  ].join("; ");
}

/** What a page of another origin may read: the loader and a brand's public look, nothing else. */
const OPEN = ["/messenger.js", "/api/ingest/messenger/config"];

function headers(): Plugin {
  return {
    name: "messenger-headers",
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "/").split("?")[0] ?? "/";
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        if (OPEN.includes(path)) {
          response.setHeader("Access-Control-Allow-Origin", "*");
          response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
        }
        if (!path.startsWith("/api/")) {
          response.setHeader("Content-Security-Policy", policy());
          response.setHeader("Cache-Control", lifetime(path));
        }
        next();
      });
    },
  };
}

function lifetime(path: string): string {
  if (path.startsWith("/assets/")) return "public, max-age=31536000, immutable";
  return path === "/messenger.js" ? "public, max-age=300" : "no-cache";
}

export default defineConfig({
  root: here("."),
  base: "./",
  publicDir: false,
  plugins: [headers()],
  build: { outDir: here("./dist"), emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
  server: { proxy: proxy() },
  preview: { proxy: proxy(), cors: false },
});
