/** The page that embeds us, as far as it is told anything: opened, closed, how many are unread. */

import { accept, marked, type ToHost, type ToPanel, type User } from "../protocol";

/** What the loader wrote behind the `#` of our address. */
export interface About {
  brand: string;
  host: string;
  language: string;
  theme: "light" | "dark";
  /** The brand's, so that the panel has it from its first frame on; `#rrggbb`. */
  color: string;
}

export function about(hash: string): About {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const dark = given.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  return {
    brand: given.get("brand") ?? "",
    host: given.get("host") ?? "",
    language: given.get("language") ?? navigator.language,
    color: given.get("color") ?? "",
    theme: dark === "dark" ? "dark" : "light",
  };
}

export interface HostHandlers {
  boot(user: User | null): void;
  opened(): void;
  closed(): void;
  forget(): void;
}

export interface Host {
  embedded: boolean;
  say(message: ToHost): void;
}

/** Speaks with the parent at the origin it named, and only when the browser agrees that it is the parent's. */
export function listen(origin: string, on: HostHandlers): Host {
  const embedded = window.parent !== window;
  const real = location.ancestorOrigins?.[0];
  const trusted = embedded && origin !== "" && (real === undefined || real === origin);
  const say = (message: ToHost): void => {
    if (trusted) window.parent.postMessage(marked(message), origin);
  };
  if (trusted) {
    addEventListener("message", (event) => {
      const message = accept<ToPanel>(event, { origin, source: window.parent });
      if (message?.type === "boot") on.boot(message.user);
      else if (message?.type === "opened") on.opened();
      else if (message?.type === "closed") on.closed();
      else if (message?.type === "forget") {
        on.forget();
        say({ type: "forgotten" });
      }
    });
    say({ type: "ready" });
  } else {
    on.boot(null);
    on.opened();
  }
  return { embedded: trusted, say };
}
