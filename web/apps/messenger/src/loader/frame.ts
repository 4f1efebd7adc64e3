/** The panel's iframe: made when first wanted, spoken to only at our own origin. */

import { accept, marked, type ToHost, type ToPanel } from "../protocol";
import type { Settings } from "./settings";

export interface Frame {
  element: HTMLIFrameElement;
  /** Held back until the panel listens. */
  say(message: ToPanel): void;
}

export function makeFrame(
  { origin, brand, user, language, theme }: Settings,
  color: string,
  hear: (said: ToHost) => void,
): Frame {
  const element = document.createElement("iframe");
  const waiting: ToPanel[] = [{ type: "boot", user }];
  let ready = false;
  const say = (message: ToPanel): void => {
    if (ready) element.contentWindow?.postMessage(marked(message), origin);
    else waiting.push(message);
  };
  element.src = `${origin}/index.html#${new URLSearchParams({ brand, host: location.origin, language, theme, color })}`;
  addEventListener("message", (event) => {
    const said = accept<ToHost>(event, { origin, source: element.contentWindow });
    if (!said) return;
    if (said.type === "ready") {
      ready = true;
      waiting.forEach(say);
    }
    hear(said);
  });
  return { element, say };
}
