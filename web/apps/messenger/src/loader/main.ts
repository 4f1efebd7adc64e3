/**
 * messenger.js: the one script tag. Draws the launcher, opens the panel. Nothing here may throw into the
 * page that hosts it, slow its load, or leave a global but `window.Switchboard`.
 */

import { parse, textOn } from "../colour";
import type { ToHost } from "../protocol";
import { type Frame, makeFrame } from "./frame";
import { type Given, read, type Settings } from "./settings";
import { ICON, STYLE } from "./style";

type Call = "open" | "close" | "shutdown";

declare global {
  interface Window {
    Switchboard?: Record<Call, () => void>;
    SwitchboardSettings?: Given;
  }
}

/** The word is the same in most languages; whether it is open, `aria-expanded` says. */
const CHAT: Record<string, string> = { pl: "Czat", ja: "チャット", ar: "محادثة", he: "צ'אט" };
const FALLBACK_COLOUR = "#4f46e5";

const warn = (what: unknown): void => console.warn("Switchboard:", what);

/** A function that the page may call, whatever goes wrong inside. */
function quiet<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      work(...args);
    } catch (error) {
      warn(error);
    }
  };
}

/** The brand's colour; "" when our server knows no such brand. A server that is away costs only the colour. */
async function colourOf({ origin, brand }: Settings): Promise<string> {
  try {
    const answer = await fetch(`${origin}/api/ingest/messenger/config?brand=${encodeURIComponent(brand)}`);
    const body = await answer.json();
    if (answer.status === 404) return "";
    const { color } = body.brand ?? body;
    return parse(color) ? color : FALLBACK_COLOUR;
  } catch {
    return FALLBACK_COLOUR;
  }
}

function mount(settings: Settings, colour: string): Record<Call, () => void> {
  const mark = `switchboard:${settings.brand}`;
  const name = CHAT[settings.language.slice(0, 2)] ?? "Chat";
  const host = document.createElement("switchboard-messenger");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  host.style.cssText = `--b:${colour};--t:${textOn(parse(colour) as never)};--s:${settings.theme === "dark" ? "#17181c" : "#fff"}`;

  const button = root.appendChild(document.createElement("button"));
  button.innerHTML = ICON;
  const badge = button.appendChild(document.createElement("b"));
  document.body.append(host);

  const phone = matchMedia("(max-width:480px)");
  const page = document.documentElement.style;
  let overflow = "";
  let filled = false;
  let frame: Frame | undefined;
  let isOpen = false;

  const need = (): Frame => {
    if (!frame) {
      frame = makeFrame(settings, colour, quiet(hear));
      frame.element.title = name;
      root.append(frame.element);
    }
    return frame;
  };
  const draw = (count: number): void => {
    badge.textContent = `${count > 9 ? "9+" : count || ""}`;
    button.ariaLabel = count ? `${name} (${count})` : name;
    button.ariaExpanded = String(isOpen);
    button.className = isOpen ? "o" : "";
    if (!frame) return;
    const { element } = frame;
    element.offsetWidth; // a frame just added must have a state to move from
    element.className = button.className;
    fit(element, isOpen && phone.matches);
  };
  /** On a phone the panel is the page: that must not scroll, and the keyboard takes its part of the height. */
  const fit = (element: HTMLElement, fill: boolean): void => {
    const seen = visualViewport;
    element.style.cssText = fill && seen ? `height:${seen.height}px;top:${seen.offsetTop}px` : "";
    if (fill === filled) return;
    filled = fill;
    if (fill) overflow = page.overflow;
    page.overflow = fill ? "hidden" : overflow;
  };
  const show = (open: boolean): void => {
    if (open === isOpen) return;
    isOpen = open;
    const { element, say } = need();
    draw(0);
    say({ type: open ? "opened" : "closed" });
    (open ? element : button).focus();
  };
  const hear = (said: ToHost): void => {
    if (said.type === "close") show(false);
    if (said.type === "used") localStorage.setItem(mark, "1");
    if (said.type === "forgotten") host.remove();
    if (said.type === "unread" && !isOpen) draw(said.count);
  };

  button.onclick = quiet(() => show(!isOpen));
  button.onpointerenter = button.onfocus = quiet(need);
  button.onkeydown = quiet((event) => event.key === "Escape" && show(false));
  visualViewport?.addEventListener(
    "resize",
    quiet(() => isOpen && draw(0)),
  );
  draw(0);

  // Someone who wrote before may have an answer waiting: look, once the page has nothing better to do.
  quiet(() => localStorage.getItem(mark) && (window.requestIdleCallback ?? setTimeout)(quiet(need)))();
  return {
    open: () => show(true),
    close: () => show(false),
    shutdown: () => {
      // Whoever uses this browser next must not read on: the panel forgets, then goes.
      show(false);
      button.remove();
      need().say({ type: "forget" });
      delete window.Switchboard;
      localStorage.removeItem(mark);
    },
  };
}

async function start(script: HTMLScriptElement): Promise<Record<Call, () => void>> {
  if (!document.body) await new Promise((done) => addEventListener("DOMContentLoaded", done));
  const settings = read(script, window.SwitchboardSettings);
  const colour = await colourOf(settings);
  if (!colour) throw `no brand "${settings.brand}"; check data-brand`;
  return mount(settings, colour);
}

if (!window.Switchboard) {
  const started = start(document.currentScript as HTMLScriptElement);
  // Calls made before the launcher is there wait for it.
  const call = (what: Call) => () => void started.then((made) => made[what]()).catch(warn);
  window.Switchboard = { open: call("open"), close: call("close"), shutdown: call("shutdown") };
  started.catch(warn);
}
