/** Contacts in words: names, money, what happened, and the conditions of a segment. */
import { QueryClient } from "@tanstack/react-query";
import { describe, expect, test, vi } from "vitest";
import type { Attribute, Condition, ContactEntry, Segments } from "@/api/contacts";
import { talksChanged } from "@/data/contacts";
import { namesOf } from "@/data/directory";
import { keys } from "@/data/keys";
import { contactPhrase, contactWho } from "@/features/contacts/activity-words";
import { begin, isWhole, keyOf, OPERATORS, subjects } from "@/features/contacts/conditions";
import { readContactSearch } from "@/lib/contact-place";
import { attributesFor, contactName, localTime, moneyText, readMoney, valueWords } from "@/lib/contacts";

const LOYALTY: Attribute = {
  attribute_id: "loyalty",
  seq: 1,
  applies_to: "contact",
  label: "Loyalty",
  type: "choice",
  options: ["Gold"],
  help: "",
  required: false,
  brand_ids: ["a"],
  active: true,
};

const names = namesOf({
  agents: [],
  teams: [],
  roles: [],
  ticket_types: [],
  attributes: [LOYALTY],
  apps: [],
  brands: [],
  settings: { seq: 0, away_reasons: [] },
});

test("a person is called by name, else by how they are reached", () => {
  const nobody = { name: "", emails: [], phones: [], visitor_ids: [] };
  expect(contactName({ ...nobody, name: "Ada" })).toBe("Ada");
  expect(contactName({ ...nobody, emails: ["a@x.example"], phones: ["+1310"] })).toBe("a@x.example");
  expect(contactName({ ...nobody, phones: ["+13105550142"] })).toBe("+1 310 555 0142");
  expect(contactName({ ...nobody, visitor_ids: ["72f335db"] })).toBe("Visitor 72F3");
  expect(contactName(nobody)).toBe("No name");
});

describe("money is read as people write it", () => {
  test.each([
    ["125", 12500, "USD"],
    ["$1,250.50", 125050, "USD"],
    ["12,50 eur", 1250, "EUR"],
    ["EUR 1.250", 125000, "EUR"],
    ["1 000 JPY", 1000, "JPY"],
  ])("%s", (text, minor, currency) => {
    expect(readMoney(text)).toEqual({ minor, currency });
  });

  test.each(["", "lots", "12 dollars", "$", "1e5"])("%s is none", (text) => {
    expect(readMoney(text)).toBeNull();
  });

  test("and written so that it is read again", () => {
    for (const money of [
      { minor: 125050, currency: "USD" },
      { minor: 1000, currency: "JPY" },
    ]) {
      expect(readMoney(moneyText(money))).toEqual(money);
    }
    expect(moneyText(null)).toBe("");
  });
});

test("times and values", () => {
  expect(localTime("Europe/Warsaw", new Date("2026-05-04T10:00:00Z"))).toMatch(/in Warsaw$/);
  expect(localTime("Mars/Base", new Date())).toBe("");
  expect([valueWords(true), valueWords(false), valueWords("x")]).toEqual(["Yes", "No", "x"]);
});

test("attributes are shown to the brands that have them", () => {
  expect(attributesFor([LOYALTY], "contact", ["a", "b"])).toEqual([LOYALTY]);
  expect(attributesFor([LOYALTY], "contact", ["b"])).toEqual([]);
  expect(attributesFor([LOYALTY], "conversation", ["a"])).toEqual([]);
  expect(attributesFor([{ ...LOYALTY, active: false }], "contact", ["a"])).toEqual([]);
});

describe("what happened to a contact", () => {
  const entry = (type: string, values: Record<string, unknown>, data = {}): ContactEntry => ({
    id: "e",
    seq: 2,
    contact_id: "c",
    type,
    at: "2026-05-04T10:00:00Z",
    by: null,
    values,
    data,
  });

  test.each([
    [{ location: "London" }, "set the location to London"],
    [{ location: "" }, "cleared the location"],
    [
      { "attributes.loyalty": "Gold", phones: ["+13105550142"] },
      "set Loyalty to Gold and set the phone to +1 310 555 0142",
    ],
    [{ name: "A", language: "", kind: "user" }, "set the name to A, cleared the language and 1 more"],
  ])("%j", (values, words) => {
    expect(contactPhrase(entry("ContactUpdated", values), names)).toBe(words);
  });

  test("blocks say why, and nobody is the desk itself", () => {
    expect(contactPhrase(entry("ContactBlocked", {}, { reason: "Threats" }), names)).toBe(
      "blocked this person: Threats",
    );
    expect(contactWho(null, "maya")).toBe("Switchboard");
    expect(contactWho({ kind: "agent", id: "maya", name: "Maya" }, "maya")).toBe("You");
  });
});

describe("conditions", () => {
  const all = subjects([LOYALTY]);

  test("begin with a comparison that fits, and are whole once they say enough", () => {
    for (const subject of all) {
      const condition = begin(subject);
      expect(OPERATORS[subject.kind]).toContain(condition.operator);
      expect(keyOf(condition)).toBe(subject.key);
      expect(isWhole(condition)).toBe(subject.kind === "flag");
      const named = subject.kind === "did" ? { ...condition, activity: "Paid" } : condition;
      expect(isWhole({ ...named, operator: "is_set" })).toBe(true);
    }
  });

  test("attributes stand beside the fields", () => {
    expect(all.at(-1)).toMatchObject({ key: "attribute:loyalty", options: ["Gold"], kind: "choice" });
  });
});

test("an address that was written by hand means what fits, and nothing else", () => {
  expect(readContactSearch({ q: "ada", sort: "newest" })).toEqual({ q: "ada", sort: "newest" });
  expect(readContactSearch({ q: 3105550142, sort: "worst" })).toEqual({ q: "3105550142" });
  expect(readContactSearch({ q: ["x"], extra: 1 })).toEqual({});
});

describe("who is in a segment is counted anew after what happens in conversations", () => {
  const segments = (field: Condition["field"]): Segments => ({
    all: { count: 3, more: false },
    items: [
      {
        count: 1,
        more: false,
        segment: {
          segment_id: "some",
          seq: 1,
          name: "Some",
          match: "all",
          conditions: [{ field, attribute_id: "", activity: "", operator: "is", value: "x" }],
          created_by: "maya",
          active: true,
        },
      },
    ],
  });
  const list = (segment: string) => keys.contactList({ text: "", segment, sort: "name" });
  const isAskedAnew = (client: QueryClient, key: readonly unknown[]): boolean =>
    client.getQueryState(key)?.isInvalidated ?? false;

  test.each([
    ["talked_with_tag", true],
    ["language", false],
  ] as const)("of one by %s: %s, and no more than every half minute", (field, anew) => {
    vi.useFakeTimers();
    const client = new QueryClient();
    client.setQueryData(keys.segments, segments(field));
    for (const each of ["some", "all"]) client.setQueryData(list(each), { pages: [], pageParams: [] });
    const asked = vi.spyOn(client, "invalidateQueries");
    for (let event = 0; event < 600; event++) {
      talksChanged(client);
      vi.advanceTimersByTime(100);
    }
    expect(asked.mock.calls.filter(([of]) => of?.queryKey === keys.segments).length).toBe(anew ? 2 : 0);
    expect([keys.segments, list("some"), list("all")].map((key) => isAskedAnew(client, key))).toEqual([
      anew,
      anew,
      false,
    ]);
    vi.useRealTimers();
  });

  test("and of none that was not loaded", () => {
    vi.useFakeTimers();
    const client = new QueryClient();
    const asked = vi.spyOn(client, "invalidateQueries");
    talksChanged(client);
    vi.advanceTimersByTime(60_000);
    expect(asked).not.toHaveBeenCalled();
    vi.useRealTimers();
  });
});
