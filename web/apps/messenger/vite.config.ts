/** Builds the panel (a page with hashed assets) and serves it beside the loader, the services behind one origin. */
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { proxy, serviceUrl } from "../../vite.services.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Any site may embed the panel: it acts only for the visitor whose token it holds. Files may live elsewhere. */
function policy(): string {
  const files = serviceUrl("/api/ingest");
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
