import { expect, test } from "vitest";
import { parts } from "./links";

test.each([
  ["see https://a.example/x?y=1.", "https://a.example/x?y=1", "https://a.example/x?y=1"],
  ["(https://a.example/x)", "https://a.example/x", "https://a.example/x"],
  ["https://a.example/x_(y)", "https://a.example/x_(y)", "https://a.example/x_(y)"],
  ["www.shop.example/a, ok", "www.shop.example/a", "https://www.shop.example/a"],
  ["write to me@shop.example!", "me@shop.example", "mailto:me@shop.example"],
])("%s has one link", (text, shown, href) => {
  expect(parts(text).filter((part) => part.href)).toEqual([{ text: shown, href }]);
  expect(
    parts(text)
      .map((part) => part.text)
      .join(""),
  ).toBe(text);
});

test.each(["javascript:alert(1)", "data:text/html,x", "no links here", "1.5.2", "<a href='x'>", ""])(
  "%s has none",
  (text) => {
    expect(parts(text).every((part) => !part.href)).toBe(true);
  },
);
