/** Where browsers' requests go behind the one origin. No path is rewritten: services answer under their own prefix. */
import type { ProxyOptions } from "vite";

const SERVICES = {
  "/api/ingest": ["SWITCHBOARD_INGEST_URL", "http://127.0.0.1:8001"],
  "/api/tickets": ["SWITCHBOARD_TICKETS_URL", "http://127.0.0.1:8002"],
  "/api/routing": ["SWITCHBOARD_ROUTING_URL", "http://127.0.0.1:8003"],
  "/api/notifications": ["SWITCHBOARD_NOTIFICATIONS_URL", "http://127.0.0.1:8004"],
  "/live": ["SWITCHBOARD_NOTIFICATIONS_URL", "http://127.0.0.1:8004"],
} as const;

const ADDRESS = process.env.SWITCHBOARD_WEB_ADDRESS;

/** Where this server calls the services from: so they know it from anybody else on this machine, and believe it. */
const PROXY = ADDRESS ? { localAddress: ADDRESS } : {};

/** A service's own address, from the environment or the usual port. */
export function serviceUrl(path: keyof typeof SERVICES): string {
  const [variable, otherwise] = SERVICES[path];
  return process.env[variable] ?? otherwise;
}

export function proxy(): Record<string, ProxyOptions> {
  const paths = Object.keys(SERVICES) as (keyof typeof SERVICES)[];
  const routes = paths.map(
    (path) =>
      [
        path,
        { target: serviceUrl(path), ws: path === "/live", changeOrigin: false, xfwd: true, ...PROXY },
      ] as const,
  );
  return Object.fromEntries(routes);
}
