/** The brand's colour made legible as text and icons on the panel's own surface. Pure. */

import { luminance, parse, type Rgb } from "../../colour";

const ENOUGH = 4.5;

function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function mixed(colour: Rgb, towards: Rgb, share: number): Rgb {
  return colour.map((c, i) => Math.round(c + ((towards[i] as number) - c) * share)) as unknown as Rgb;
}

/** As near to the brand as 4.5:1 on `surface` allows: mixed towards black or white in twentieths. */
export function legible(brand: string, surface: string): string {
  const colour = parse(brand) ?? [79, 70, 229];
  const ground = parse(surface) ?? [255, 255, 255];
  const towards: Rgb = luminance(ground) > 0.4 ? [0, 0, 0] : [255, 255, 255];
  for (let step = 0; step < 20; step += 1) {
    const tried = mixed(colour, towards, step / 20);
    if (contrast(tried, ground) >= ENOUGH) return `rgb(${tried.join(" ")})`;
  }
  return `rgb(${towards.join(" ")})`;
}
