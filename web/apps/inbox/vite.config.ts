/** Builds and serves the agent inbox; the services appear under the same origin through the proxy. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { proxy, serviceUrl } from "../../vite.services.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Files come from an origin of their own, so that nothing in one could act as the inbox. */
const FILES_ORIGIN = new URL(process.env.SWITCHBOARD_FILES_URL ?? serviceUrl("/api/ingest")).origin;

/** Where pages of integrators may come from besides https: their stand-ins on one machine. */
const FRAMES = process.env.SWITCHBOARD_FRAMES ? ` ${process.env.SWITCHBOARD_FRAMES}` : "";

/** Email HTML lives in sandboxed frames with a stricter policy of their own; images of the web come by our own proxy. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  `img-src 'self' data: blob: ${FILES_ORIGIN}`,
  "media-src 'self' https:",
  "connect-src 'self'",
  `frame-src 'self' https:${FRAMES}`,
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

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
