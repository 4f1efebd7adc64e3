/** Colours out of a brand's one colour, so that text on it and in it can be read (WCAG 2.2 §1.4.3, 4.5:1). */

export type Rgb = readonly [number, number, number];

/** `#rrggbb` → channels 0–255; null for anything else. */
export function parse(colour: string): Rgb | null {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (!hex) return null;
  const value = Number.parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Relative luminance, 0 (black) to 1 (white); sRGB's curve as a plain power, which is right to a hundredth. */
export function luminance(colour: Rgb): number {
  const weights = [0.2126, 0.7152, 0.0722];
  return colour.reduce((sum, channel, index) => sum + (channel / 255) ** 2.2 * (weights[index] as number), 0);
}

/** Black or white, whichever is easier to read on this colour: 4.5:1 at least, whatever the colour. */
export function textOn(colour: Rgb): "#fff" | "#000" {
  return luminance(colour) > 0.179 ? "#000" : "#fff";
}
