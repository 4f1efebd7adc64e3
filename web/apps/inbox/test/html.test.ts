// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { outgoingHtml } from "@/features/composer/outgoing";
import { cleanHtml, type ImageLinks } from "@/features/conversation/html";

const clean = (html: string, links: ImageLinks = null) => cleanHtml(html, [], links);

describe("cleanHtml", () => {
  test.each([
    ["<script>alert(1)</script>ok", "script"],
    ['<img src="x" onerror="alert(1)">', "onerror"],
    ['<a href="javascript:alert(1)">x</a>', "javascript"],
    ['<iframe src="https://x.example"></iframe>', "iframe"],
    ["<style>body{background:url(https://x.example)}</style>", "url("],
    ['<form action="https://x.example"><input></form>', "form"],
    ['<div style="background:url(https://x.example/a.png)">x</div>', "url("],
  ])("%s loses what could harm", (html, harm) => expect(clean(html).html).not.toContain(harm));

  test.each(["src", "data-remote-src"])("remote images in %s are held back until asked for", (name) => {
    const html = `<p>Hi</p><img ${name}="https://x.example/a.png">`;
    expect(clean(html)).toMatchObject({ heldImages: 1 });
    expect(clean(html).html).not.toContain("x.example");
  });

  test.each(["src", "data-remote-src"])(
    "asked for, an image in %s comes by its link, never from where it is",
    (name) => {
      const html = `<img ${name}="https://x.example/a.png?a=1&amp;b=2"><img ${name}="https://x.example/unlinked.png">`;
      const links = new Map([["https://x.example/a.png?a=1&b=2", "https://files.example/images?sig=1"]]);
      const shown = clean(html, links);
      expect(shown).toMatchObject({ heldImages: 0, simple: false });
      expect(shown.html).toContain('src="https://files.example/images?sig=1"');
      expect(shown.html).not.toContain("x.example");
      expect(shown.html.match(/<img/g)).toHaveLength(2);
    },
  );

  test("an image of the message itself comes from its attachment", () => {
    const file = {
      id: "f1",
      name: "a",
      content_type: "image/png",
      size_bytes: 1,
      inline: true,
      content_id: "<pic@x>",
    };
    const url = "/api/ingest/attachments/f1?exp=1&sig=x";
    const { html, heldImages } = cleanHtml('<img src="cid:pic@x">', [{ ...file, url }], null);
    expect(html).toContain("/api/ingest/attachments/f1");
    expect(heldImages).toBe(0);
  });

  test("plain words are shown in our type, designed mail in a frame", () => {
    expect(clean("<p>Hello <b>you</b></p>").simple).toBe(true);
    expect(clean("<table><tr><td>Sale</td></tr></table>").simple).toBe(false);
  });

  test("links open elsewhere and tell nothing", () => {
    expect(clean('<a href="https://x.example">x</a>').html).toContain('rel="noopener noreferrer nofollow"');
  });
});

test("images in the text are sent by the id the mail carries them under", () => {
  const { html, cids } = outgoingHtml('<p>See <img src="blob:1" data-cid="f1" alt="a"></p>');
  expect([...cids]).toEqual(["f1"]);
  expect(html).toContain('src="cid:f1"');
  expect(html).not.toContain("blob:");
});

test("what is no address keeps its place, what would lead into the inbox goes", () => {
  expect(clean('<table width="100%" align="center"><tr><td>x</td></tr></table>').html).toContain(
    'width="100%"',
  );
  expect(clean('<a href="/api/tickets/session">x</a>').html).not.toContain("href");
  expect(clean('<img src="/api/tickets/me">').html).not.toContain("img");
  expect(clean('<span data-type="mention">@Maya</span>').html).toContain('data-type="mention"');
});
