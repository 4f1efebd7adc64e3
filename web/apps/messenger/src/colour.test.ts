import { expect, test } from "vitest";
import { luminance, parse, type Rgb, textOn } from "./colour";
import { legible } from "./panel/model/accent";

const BRANDS = [
  "#b91c1c",
  "#c2410c",
  "#ca8a04",
  "#15803d",
  "#475569",
  "#0f766e",
  "#1d4ed8",
  "#777777",
  "#ffffff",
  "#000000",
];

function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test.each(["red", "#12345", "#1234567", "#12345g", "rgb(1 2 3)", ""])("%s is no colour of ours", (text) => {
  expect(parse(text)).toBeNull();
});

test.each(BRANDS)("text on %s can be read", (brand) => {
  const words: Rgb = textOn(parse(brand) as Rgb) === "#fff" ? [255, 255, 255] : [0, 0, 0];
  expect(contrast(parse(brand) as Rgb, words)).toBeGreaterThanOrEqual(4.5);
});

test.each(BRANDS)("%s becomes readable on a light and on a dark panel", (brand) => {
  for (const surface of ["#ffffff", "#17181c"]) {
    const [r, g, b] = (legible(brand, surface).match(/\d+/g) ?? []).map(Number) as [number, number, number];
    expect(contrast([r, g, b], parse(surface) as Rgb)).toBeGreaterThanOrEqual(4.5);
  }
});
