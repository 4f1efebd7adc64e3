/** What the host page asked for: the script tag's data attributes, else `window.SwitchboardSettings`. */

import type { Theme, User } from "../protocol";

export interface Settings {
  /** Where the panel and its API live: the origin that served this script. */
  origin: string;
  brand: string;
  user: User;
  language: string;
  theme: Theme;
}

export interface Given {
  brand?: string;
  user?: User;
  language?: string;
  theme?: string;
}

/** The page's own background decides: a dark panel on a light shop looks like an accident. */
function pageTheme(): Theme {
  const parts = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? [];
  const [r, g, b, alpha] = parts.map(Number) as [number, number, number, number?];
  return alpha !== 0 && r + g + b < 300 ? "dark" : "light";
}

export function read(script: HTMLScriptElement, given?: Given): Settings {
  const data: Given & DOMStringMap = { ...given, ...script.dataset } as Given & DOMStringMap;
  const { brand = "", language = navigator.language, theme = pageTheme() } = data;
  const { userId: id, userToken: token, userName: name, userEmail: email } = data;
  const user = { id, token, name, email, ...given?.user };
  return { origin: new URL(script.src).origin, brand, language, theme: theme as Theme, user };
}
