/** Fills the built page's placeholders. Only what stands in SHOPS reaches the page, never the request's own text. */

import { ART } from "./art.ts";
import { type Product, SHOPS } from "./brands.ts";

const DEFAULT = "paleo-hacks";

function card({ name, note, price, art, tag }: Product): string {
  return `<li class="product">
  <div class="picture">${tag ? `<span class="tag">${tag}</span>` : ""}<svg viewBox="0 0 200 200" aria-hidden="true">${ART[art]}</svg></div>
  <h3>${name}</h3>
  <p>${note}</p>
  <div class="buy"><b>${price}</b><button type="button" aria-label="Add ${name} to the basket">Add</button></div>
</li>`;
}

export function page(template: string, asked: string | null, messenger: string): string {
  const brand = asked !== null && Object.hasOwn(SHOPS, asked) ? asked : DEFAULT;
  const shop = SHOPS[brand];
  if (!shop) throw new Error(`the shop ${brand} is not there`);
  const values: Record<string, string> = {
    brand,
    messenger: new URL(messenger).origin,
    name: shop.name,
    color: shop.color,
    "color-style": `<style>:root{--c:${shop.color}}</style>`,
    headline: shop.headline,
    text: shop.text,
    products: shop.products.map(card).join("\n"),
    hero: ART[shop.products[0]?.art ?? "jar"],
  };
  return template.replace(/%([\w-]+)%/g, (whole, name: string) => values[name] ?? whole);
}
