import { describe, expect, test } from "vitest";
import type { MacroAction } from "@/api/macros";
import type { Letter } from "@/data/drafts";
import { joined, NO_LETTER, since } from "@/parts/drafts/letters";
import { isBusy } from "@/parts/writing/useUploads";

describe("a letter on its way", () => {
  const file = (id: string) => ({ id, name: id, content_type: "text/plain", size_bytes: 1, inline: false });
  const tag: MacroAction = { kind: "tag", value: "refund" } as unknown as MacroAction;
  const away: Letter = { ...NO_LETTER, html: "<p>A</p>", attachments: [file("a")], actions: [tag] };

  test("leaves what was added meanwhile, and comes back before it", () => {
    const now = { ...away, html: "<p>B</p>", attachments: [file("a"), file("b")] };
    const later = since(away, now);
    expect(later).toEqual({ ...NO_LETTER, html: "<p>B</p>", attachments: [file("b")] });
    expect(joined(away, later)).toEqual({ ...now, html: "<p>A</p><p>B</p>" });
  });

  test("of a form leaves the words behind what is sent, and fields that are others", () => {
    const sent: Letter = { ...NO_LETTER, text: "One", fields: { outcome: "busy", page: "a" } };
    expect(since(sent, { ...sent, text: "One\nTwo" })).toEqual({ ...NO_LETTER, text: "Two" });
    const later = since(sent, { ...sent, fields: { outcome: "reached", page: "a" } });
    expect(later).toEqual({ ...NO_LETTER, fields: { outcome: "reached", page: "a" } });
    expect(joined(sent, { ...later, text: "Two" })).toEqual({ ...later, text: "One\nTwo" });
  });

  test("an image for the text is a file on its way too", () => {
    expect([isBusy([], 0), isBusy([], 1)]).toEqual([false, true]);
  });
});
