// @vitest-environment happy-dom
import { render } from "preact";
import { expect, test } from "vitest";
import { rich } from "./rich";

function drawn(html: string): string {
  const root = document.createElement("div");
  render(<section>{rich(html)}</section>, root);
  return (root.firstElementChild?.innerHTML ?? "").replaceAll(' dir="auto"', "");
}

test.each([
  ["<p>a <b>b</b><br>c</p>", "<p>a <b>b</b><br>c</p>"],
  ["<script>alert(1)</script>x", "x"],
  ["<img src=x onerror=alert(1)>x", "x"],
  ["<p onclick='x()' style='position:fixed' class='a'>x</p>", "<p>x</p>"],
  ["<a href='javascript:alert(1)'>x</a>", "x"],
  ["<a href=' JaVaScRiPt:alert(1)'>x</a>", "x"],
  ["<object>x</object>y", "y"],
  ["<form action='https://a.example'>x<input></form>", "x"],
  ["<h1>x</h1>", "<h3>x</h3>"],
])("%s is drawn as %s", (html, expected) => {
  expect(drawn(html)).toBe(expected);
});

test("links open elsewhere and tell nothing", () => {
  const html = drawn("<a href='https://a.example'>x</a>");
  expect(html).toBe('<a href="https://a.example" target="_blank" rel="noopener noreferrer nofollow">x</a>');
});

test("depth without end is flattened, not followed", () => {
  expect(drawn(`${"<div>".repeat(500)}deep`)).toContain("deep");
});
