/** Contacts in words. Pure. */
import type { Attribute, AttributeValue, Contact, Money } from "@/api/contacts";
import type { FieldValue } from "@/api/tickets";
import { showHandle } from "./person";
import { dateWords } from "./time";

/** Who it is: the name, else the first address or number. */
export function contactName(contact: Pick<Contact, "name" | "emails" | "phones" | "visitor_ids">): string {
  const handle = contact.emails[0] ?? contact.phones[0];
  if (contact.name) return contact.name;
  if (handle) return showHandle(handle);
  const visitor = contact.visitor_ids[0];
  return visitor ? `Visitor ${visitor.slice(0, 4).toUpperCase()}` : "No name";
}

export function moneyWords(money: Money): string {
  const digits = fractionDigits(money.currency);
  const amount = money.minor / 10 ** digits;
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency: money.currency }).format(amount);
  } catch {
    return `${amount.toFixed(2)} ${money.currency}`;
  }
}

function fractionDigits(currency: string): number {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** "12.50 USD" or "12,50": an amount and its currency, USD when none is named. Null when it is no amount. */
export function readMoney(text: string): Money | null {
  const found = /^\s*([A-Za-z]{3})?\s*\$?\s*(-?\d[\d\s,.]*?)\s*([A-Za-z]{3})?\s*$/.exec(text);
  if (!found?.[2]) return null;
  const currency = (found[1] ?? found[3] ?? "USD").toUpperCase();
  const plain = found[2].replace(/\s/g, "").replace(/[.,](?=\d{3}(\D|$))/g, "");
  const amount = Number(plain.replace(",", "."));
  if (!Number.isFinite(amount)) return null;
  return { currency, minor: Math.round(amount * 10 ** fractionDigits(currency)) };
}

export function moneyText(money: Money | null | undefined): string {
  if (!money) return "";
  const digits = fractionDigits(money.currency);
  return `${(money.minor / 10 ** digits).toFixed(digits)} ${money.currency}`;
}

/** An attribute's value as people read it; `type` where the attribute is known. */
export function valueWords(value: FieldValue, type?: Attribute["type"]): string {
  if (type === "date") return dateWords(String(value));
  if (value === true) return "Yes";
  if (value === false) return "No";
  return typeof value === "number" ? value.toLocaleString() : value;
}

/** "Polish (Poland)" for pl-PL; what is no language as it is. */
export function languageWords(tag: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** What time it is there now: "14:05 in Warsaw"; empty when the zone is not known. */
export function localTime(zone: string, now: Date): string {
  try {
    const clock = new Intl.DateTimeFormat(undefined, { timeZone: zone, hour: "2-digit", minute: "2-digit" });
    return `${clock.format(now)} in ${(zone.split("/").at(-1) ?? zone).replaceAll("_", " ")}`;
  } catch {
    return "";
  }
}

export const ownValue = (values: readonly AttributeValue[], id: string): FieldValue | null =>
  values.find((each) => each.id === id)?.value ?? null;

/** The attributes that somebody or something of these brands has, by label. */
export function attributesFor(
  defined: readonly Attribute[],
  appliesTo: Attribute["applies_to"],
  brands: readonly string[],
): Attribute[] {
  return defined
    .filter((each) => each.active && each.applies_to === appliesTo)
    .filter((each) => each.brand_ids.length === 0 || each.brand_ids.some((id) => brands.includes(id)))
    .sort((a, b) => a.label.localeCompare(b.label));
}
