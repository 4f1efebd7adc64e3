/** The panel's page: reads what the loader wrote into the address, puts the parts together, draws. */

import { render } from "preact";
import { parse, textOn } from "../colour";
import { Api } from "./api";
import { about, type Host, listen } from "./host";
import { load } from "./i18n";
import { Messenger } from "./messenger";
import { legible } from "./model/accent";
import { browserStorage, Keeper } from "./storage";
import "./styles/base.css";
import "./styles/thread.css";
import "./styles/composer.css";
import { App } from "./view/App";

const SURFACE = { light: "#ffffff", dark: "#17181c" };

function paint(theme: "light" | "dark", colour: string): void {
  const style = document.documentElement.style;
  const known = parse(colour) ? colour : "#4f46e5";
  style.setProperty("--brand", known);
  style.setProperty("--on-brand", textOn(parse(known) ?? [0, 0, 0]));
  style.setProperty("--accent", legible(known, SURFACE[theme]));
}

async function start(): Promise<void> {
  const { brand, host: origin, language: tag, theme, color } = about(location.hash);
  const root = document.documentElement;
  root.dataset.theme = theme;
  paint(theme, color);
  const language = await load(tag);
  root.lang = language.code;
  root.dir = language.direction;

  let host: Host | null = null;
  const messenger = new Messenger(
    brand,
    new Api(),
    new Keeper(browserStorage(), brand),
    (count) => host?.say({ type: "unread", count }),
    () => host?.say({ type: "used" }),
  );
  messenger.subscribe(() => {
    const known = messenger.state.brand;
    if (!known) return;
    paint(theme, known.color);
    document.title = language.t("title", { brand: known.name });
  });
  document.addEventListener("visibilitychange", () => {
    if (messenger.state.open && document.visibilityState === "visible") messenger.seen();
  });
  const close = (): void => host?.say({ type: "close" });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) close();
  });
  host = listen(origin, {
    boot: (user) => messenger.boot(user),
    opened: () => messenger.setOpen(true),
    closed: () => messenger.setOpen(false),
    forget: () => messenger.forget(),
  });
  const mount = document.getElementById("panel");
  if (mount)
    render(<App messenger={messenger} language={language} close={host.embedded ? close : null} />, mount);
}

void start();
