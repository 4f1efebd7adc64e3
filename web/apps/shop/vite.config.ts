/** Builds and serves the demo shop: a static page that any shop could be, with the messenger's one script tag. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { page } from "./src/page.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Fills the page when it is asked for: `?brand=` chooses the shop, the environment says where the messenger is. */
function fill(): Plugin {
  return {
    name: "shop-page",
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        const url = new URL(request.url ?? "/", "http://shop");
        if (url.pathname !== "/" && url.pathname !== "/index.html") return next();
        const messenger = process.env.SWITCHBOARD_MESSENGER_URL ?? "http://127.0.0.1:8081";
        response.setHeader("Content-Type", "text/html; charset=utf-8");
        response.setHeader("Cache-Control", "no-cache");
        response.end(
          page(readFileSync(here("./dist/index.html"), "utf8"), url.searchParams.get("brand"), messenger),
        );
      });
    },
  };
}

export default defineConfig({
  root: here("."),
  publicDir: false,
  plugins: [fill()],
  build: { outDir: here("./dist"), emptyOutDir: true },
});
