import type { Plugin } from "vite";

/** Answers the services' routes from memory, for looking at the screen without servers. */
export function mock(): Plugin {
  return { name: "switchboard-mock" };
}
