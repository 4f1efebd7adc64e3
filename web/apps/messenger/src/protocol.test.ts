import { expect, test } from "vitest";
import { accept, marked } from "./protocol";

const panel = {};
const from = { origin: "https://chat.example", source: panel };
const said = marked({ type: "close" });

test.each([
  ["another origin", { data: said, origin: "https://evil.example", source: panel }],
  [
    "an origin that only begins alike",
    { data: said, origin: "https://chat.example.evil.example", source: panel },
  ],
  ["another window", { data: said, origin: "https://chat.example", source: {} }],
  ["no window", { data: said, origin: "https://chat.example", source: null }],
  ["no mark of ours", { data: { type: "close" }, origin: "https://chat.example", source: panel }],
  ["no object", { data: "close", origin: "https://chat.example", source: panel }],
  ["nothing", { data: null, origin: "https://chat.example", source: panel }],
])("a message with %s is not heard", (_, event) => {
  expect(accept(event, from)).toBeNull();
});

test("the expected window at the expected origin is heard", () => {
  expect(accept({ data: said, origin: "https://chat.example", source: panel }, from)).toMatchObject({
    type: "close",
  });
});

test("a window that is gone and an opaque origin are never trusted", () => {
  expect(
    accept({ data: said, origin: "https://chat.example", source: null }, { ...from, source: null }),
  ).toBeNull();
  expect(accept({ data: said, origin: "null", source: panel }, { origin: "null", source: panel })).toBeNull();
});
