// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, test, vi } from "vitest";
import { Api } from "../api";
import { load } from "../i18n";
import { Messenger } from "../messenger";
import { Keeper, memoryStorage } from "../storage";
import { App } from "./App";

afterEach(() => vi.unstubAllGlobals());

test("the field has the focus though the panel was opened before there was a field", async () => {
  vi.stubGlobal("WebSocket", class {});
  const api = new Api();
  vi.spyOn(api, "session").mockReturnValue(new Promise(() => undefined));
  const made = new Messenger("shop", api, new Keeper(memoryStorage(), "shop"), vi.fn(), vi.fn());
  const root = document.body.appendChild(document.createElement("div"));
  const field = (): HTMLElement | null => root.querySelector("textarea");
  render(<App messenger={made} language={await load("en")} close={null} />, root);
  made.setOpen(true);
  expect(field()).toBe(null);
  made.boot(null);
  await vi.waitFor(() => expect(field()).not.toBe(null));
  expect(document.activeElement).toBe(field());
  made.stop();
});
