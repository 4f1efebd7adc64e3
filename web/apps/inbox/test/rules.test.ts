import { describe, expect, test } from "vitest";
import type { Asking, ConditionGroup, FieldInfo } from "@/api/conditions";
import type { Rule, RuleDraft, RuleSchema, RuleWebhook } from "@/api/rules";
import { lengthWords, readLength, writeLength } from "@/lib/durations";
import { actionWords, isKnown, offeredActions } from "@/lib/rules/actions";
import { draftOf, editOf, linesOfRule, sentenceOfRule, sentOf } from "@/lib/rules/draft";
import { eventChoices, eventClause, eventLabel } from "@/lib/rules/events";
import { localMoment, momentOf } from "@/lib/rules/moments";
import { placeOf } from "@/lib/rules/place";
import {
  askedBy,
  asking,
  beginBranch,
  beginLeaf,
  countLeaves,
  groupOf,
  grown,
  offered,
  treeOf,
  withTwig,
  wrapped,
} from "@/lib/rules/tree";
import { webhookChoices, webhookWords } from "@/lib/rules/webhooks";
import { leafWords, type Naming } from "@/lib/rules/words";
import { standing } from "./examples";

const field = (
  name: string,
  label: string,
  type: "text" | "texts" | "choice" | "number" | "flag" | "time",
) => ({
  name,
  label,
  type,
  choices: name === "conversation.channel" ? ["email", "messenger"] : [],
  changes: name === "conversation.priority",
  of_ticket: false,
  refers: name === "conversation.team" ? ("team" as const) : null,
});

const operator = (name: string, label: string, takes: "one" | "many" | "none" | "pattern" | "duration") => ({
  name,
  label,
  takes,
});

const ASKING: Asking = {
  fields: [
    field("conversation.channel", "Channel", "choice"),
    field("conversation.subject", "Subject", "text"),
    field("conversation.priority", "Priority", "flag"),
    field("conversation.team", "Team", "choice"),
    field("conversation.tags", "Tags", "texts"),
    field("conversation.started_at", "Started", "time"),
    field("conversation.messages", "Number of messages", "number"),
    field("attribute.plan", "Plan", "choice"),
  ],
  operators: {
    text: [
      operator("is", "is", "one"),
      operator("contains", "contains", "one"),
      operator("matches", "matches the pattern", "pattern"),
      operator("in", "is one of", "many"),
      operator("is_set", "is set", "none"),
      operator("changed", "has just changed", "none"),
    ],
    texts: [operator("contains_all", "contains all of", "many")],
    choice: [operator("is", "is", "one"), operator("in", "is one of", "many")],
    number: [operator("at_least", "is at least", "one")],
    flag: [operator("is", "is", "one"), operator("changed_to", "has just changed to", "one")],
    time: [operator("longer_ago", "is longer ago than", "duration"), operator("after", "is after", "one")],
  },
};

const WEBHOOKS: RuleWebhook[] = [
  { id: "w1", name: "Warehouse", brand_ids: [], state: "active" },
  { id: "w2", name: "Old warehouse", brand_ids: ["tea"], state: "disabled" },
];

const NAMING: Naming = {
  field: (name) => ASKING.fields.find((each) => each.name === name),
  operator: (of, name) => ASKING.operators[of.type]?.find((each) => each.name === name),
  ref: (_, id) => ({ care: "Customer care", tea: "Northwind Tea" })[id] ?? id,
  attribute: (id) => (id === "order" ? "Order number" : id),
  policy: (id) => id,
  macro: (id) => `macro ${id}`,
  ticketType: (id) => `type ${id}`,
  webhook: (id) => webhookWords(WEBHOOKS, id),
};

const GROUPS: ConditionGroup = {
  all: [
    { field: "conversation.channel", operator: "is", value: "email" },
    {
      any: [
        { field: "conversation.subject", operator: "contains", value: "refund" },
        { none: [{ field: "conversation.tags", operator: "contains_all", value: ["vip", "old"] }] },
      ],
    },
  ],
};

const DRAFT: RuleDraft = {
  name: "Refunds",
  enabled: true,
  brand_ids: ["tea"],
  when: ["ConversationStarted", "CustomerReplied"],
  if: GROUPS,
  then: [
    { kind: "assign", team_id: "care", strategy: "round_robin" },
    { kind: "add_tags", tags: ["refund"] },
  ],
  stop: true,
  after: null,
  clock: null,
  cancel_on: ["closed"],
};

const RULE: Rule = {
  ...DRAFT,
  id: "r1",
  version: 3,
  order: 0,
  saved_at: "2026-01-01T10:00:00Z",
  saved_by: "maya",
  fields: [],
  standing: standing({}),
};

const leafOf = (group: ConditionGroup) => {
  const [leaf] = treeOf(group)?.nodes ?? [];
  if (!leaf || !("field" in leaf)) throw new Error("no condition");
  return leaf;
};

describe("the tree of conditions", () => {
  test("is sent as it came", () => {
    expect(groupOf(treeOf(GROUPS))).toEqual(GROUPS);
    expect(groupOf(treeOf(null))).toBeNull();
    expect(countLeaves(treeOf(GROUPS))).toBe(3);
  });

  test("a group that nothing is left of is gone", () => {
    const tree = grown(null, beginBranch(ASKING));
    const [inner] = tree.nodes;
    if (!inner || !("nodes" in inner)) throw new Error("no group");
    expect(withTwig(inner, 0, null)).toBeNull();
    expect(withTwig(tree, 0, withTwig(inner, 0, null))).toBeNull();
  });

  test("begins with what can be asked", () => {
    const about = ({ field, operator, value }: ReturnType<typeof beginLeaf>) => [field, operator, value];
    expect(about(beginLeaf(ASKING))).toEqual(["conversation.subject", "contains", ""]);
    const ofTickets = [field("ticket.kind", "Kind", "choice"), field("ticket.title", "Title", "text")];
    expect(about(beginLeaf({ ...ASKING, fields: ofTickets }))).toEqual(["ticket.title", "contains", ""]);
    const [kind] = ofTickets;
    expect(about(beginLeaf({ ...ASKING, fields: kind ? [kind] : [] }))).toEqual(["ticket.kind", "is", ""]);
  });

  test("a condition becomes the first of a group", () => {
    const tree = treeOf({ all: [{ field: "conversation.priority", operator: "is", value: true }] });
    if (!tree) throw new Error("no tree");
    const next = withTwig(
      tree,
      0,
      wrapped(leafOf({ all: [{ field: "conversation.priority", operator: "is" }] })),
    );
    expect(groupOf(next)).toEqual({ all: [{ any: [{ field: "conversation.priority", operator: "is" }] }] });
  });

  test.each([
    ["is", "contains", "tea", "tea"],
    ["is", "in", "tea", ["tea"]],
    ["is", "in", "", []],
    ["in", "is", ["tea", "pot"], "tea"],
    ["contains", "matches", "tea", "tea"],
    ["is", "is_set", "tea", null],
    ["is_set", "is", null, ""],
  ])("asked by another operator (%s → %s), what was written stays where it fits", (from, to, value, kept) => {
    const subject = NAMING.field("conversation.subject");
    if (!subject) throw new Error("no field");
    const leaf = leafOf({ all: [{ field: subject.name, operator: from, value }] });
    const next = NAMING.operator(subject, to);
    if (!next) throw new Error("no operator");
    expect(askedBy(leaf, subject, NAMING.operator(subject, from), next)).toMatchObject({
      operator: to,
      value: kept,
    });
  });

  test.each([
    ["conversation.priority", "is", true],
    ["conversation.messages", "at_least", null],
    ["conversation.started_at", "longer_ago", "P1D"],
    ["conversation.tags", "contains_all", []],
  ])(
    "another field (%s) begins with its first operator where it can not be asked as before",
    (name, first, value) => {
      const next = ASKING.fields.find((each) => each.name === name);
      if (!next) throw new Error("no field");
      const leaf = leafOf({ all: [{ field: "conversation.subject", operator: "is", value: "x" }] });
      expect(asking(leaf, next, offered(next, ASKING.operators))).toMatchObject({
        field: name,
        operator: first,
        value,
      });
    },
  );

  test("a field that can be asked as the one before is asked so", () => {
    const leaf = leafOf({ all: [{ field: "conversation.subject", operator: "contains", value: "x" }] });
    const next = { ...(ASKING.fields[0] as FieldInfo), name: "message.text", type: "text" as const };
    expect(asking(leaf, next, offered(next, ASKING.operators))).toMatchObject({
      operator: "contains",
      value: "",
    });
  });

  test("only a field that events say changed is asked whether it changed", () => {
    const names = (name: string) => {
      const found = NAMING.field(name);
      return found ? offered(found, ASKING.operators).map((each) => each.name) : [];
    };
    expect(names("conversation.priority")).toContain("changed_to");
    expect(names("conversation.subject")).not.toContain("changed");
  });
});

describe("where an error belongs", () => {
  test.each([
    ["if.all[0].any[1].value", "body.if.all.0.any.1.value"],
    ["if.all[1].value[2]", "body.if.all.1.value.2"],
    ["then[0].team_id", "body.then.0.team_id"],
    ["brand_ids[3]", "body.brand_ids.3"],
    ["then", "body.then"],
    ["body.name", "body.name"],
    ["body.if.all.0.condition.value.bool", "body.if.all.0.value"],
    ["body.if.all.0.condition.value.tuple[union[bool,constrained-int], ...]", "body.if.all.0.value"],
    ["body.if.all.1.group.any.0.condition.field", "body.if.all.1.any.0.field"],
    ["body.then.0.assign.team_id", "body.then.0.team_id"],
    ["body.then.3.add_tags.tags.0", "body.then.3.tags.0"],
    ["body.then.2", "body.then.2"],
    ["hours[0].closes", "body.hours.0.closes"],
  ])("%s → %s", (path, place) => {
    expect(placeOf(path)).toBe(place);
  });
});

describe("in words", () => {
  test("a rule is a sentence", () => {
    expect(sentenceOfRule(editOf(RULE), NAMING)).toBe(
      "When a conversation starts or the customer replies at Northwind Tea, if Channel is Email and (Subject contains “refund” or not (Tags contains all of “vip” and “old”)), then assign it to Customer care, in turns; add the tag “refund”; don’t look at the rules after this one.",
    );
  });

  test("one that waits says how long, and what ends it", () => {
    const waits = { ...editOf(RULE), if: null, stop: false, after: "PT2H" };
    expect(sentenceOfRule(waits, NAMING)).toBe(
      "When a conversation starts or the customer replies at Northwind Tea, wait 2 hours unless it is closed and if it is still so, then assign it to Customer care, in turns; add the tag “refund”.",
    );
  });

  test("one that is being written has gaps", () => {
    expect(sentenceOfRule(editOf(), NAMING)).toBe("When …, then ….");
  });

  test.each([
    ["conversation.subject", "contains", "", "Subject contains …"],
    ["conversation.subject", "is_set", null, "Subject is set"],
    ["conversation.priority", "is", true, "Priority is yes"],
    ["conversation.team", "is", "care", "Team is Customer care"],
    ["conversation.channel", "in", ["email", "messenger"], "Channel is one of Email or Messenger"],
    ["conversation.started_at", "longer_ago", "PT120M", "Started is longer ago than 120 minutes"],
    ["conversation.messages", "at_least", 3, "Number of messages is at least 3"],
    ["attribute.plan", "is", "gold", "Plan is “gold”"],
    ["attribute.gone", "is", "gold", 'attribute.gone is "gold"'],
  ])("%s %s %o", (name, by, value, words) => {
    expect(leafWords({ field: name, operator: by, value }, NAMING)).toBe(words);
  });

  test.each([
    [{ kind: "snooze", for: "P1D" }, "snooze it for 1 day"],
    [{ kind: "set_priority", priority: false }, "take the priority off"],
    [{ kind: "set_attribute", attribute_id: "order", value: null }, "empty Order number"],
    [{ kind: "remove_tags", tags: ["a", "b"] }, "remove the tags “a”, “b”"],
    [{ kind: "send_macro", macro_id: "m" }, "reply with the macro macro m"],
    [{ kind: "link_tracker", tracker_id: "" }, "link it to the tracker …"],
    [
      { kind: "notify", text: "Look", to: ["leads"], agent_ids: [], team_ids: ["care"] },
      "tell its team’s leads, Customer care: “Look”",
    ],
    [
      {
        kind: "create_ticket",
        type_id: "t",
        title: "",
        fields: [
          { id: "reason", value: "late" },
          { id: "order", field: "conversation.subject" },
        ],
      },
      "create a ticket: type t (reason: “late”, order: Subject)",
    ],
    [{ kind: "emit_event", name: "order.late", attributes: [] }, "emit the event order.late"],
    [
      { kind: "call_webhook", endpoint_id: "w1", name: "order.late", attributes: [{ id: "n", value: 3 }] },
      "call the webhook Warehouse with order.late (n: “3”)",
    ],
    [
      { kind: "call_webhook", endpoint_id: "w2", name: "order.late", attributes: [] },
      "call the webhook Old warehouse (switched off) with order.late",
    ],
    [
      { kind: "call_webhook", endpoint_id: "gone", name: "order.late", attributes: [] },
      "call a webhook that was deleted or is for other brands with order.late",
    ],
    [{ kind: "unassign", what: "both" }, "take it from its agent and its team"],
    [{ kind: "block", reason: "Threats" }, "block the customer (Threats)"],
    [{ kind: "follow", agent_ids: [] }, "add … as a follower"],
    [{ kind: "follow", agent_ids: ["maya", "leo"] }, "add maya, leo as followers"],
    [{ kind: "brew_tea", cups: 2 }, 'brew tea {"cups":2}'],
  ])("%o", (action, words) => {
    expect(actionWords(action, NAMING)).toBe(words);
  });

  test("events have human names, an unknown one its own words", () => {
    expect(eventLabel("CustomerReplied")).toBe("Customer replied");
    expect(eventLabel("TicketStateChanged")).toBe("Ticket’s state changed");
    expect(eventClause("CustomerActed")).toBe("the customer does something in the product");
    expect(eventClause("TicketResolved")).toBe("its ticket is resolved");
    expect(eventClause("Mentioned")).toBe("a note mentions somebody");
    expect(eventLabel("ParcelLost")).toBe("Parcel lost");
    expect(eventClause("ParcelLost")).toBe("“Parcel lost” happens");
    const groups = eventChoices(["Closed", "ParcelLost", "ConversationStarted"]);
    expect(groups.map(({ group }) => group)).toEqual(["Messages", "The conversation", "Others"]);
  });

  test("two versions are compared line by line", () => {
    const lines = linesOfRule(DRAFT, NAMING);
    expect(lines.filter(({ part }) => part === "If")).toEqual([
      { part: "If", depth: 0, text: "All of" },
      { part: "If", depth: 1, text: "Channel is Email" },
      { part: "If", depth: 1, text: "Any of" },
      { part: "If", depth: 2, text: "Subject contains “refund”" },
      { part: "If", depth: 2, text: "None of" },
      { part: "If", depth: 3, text: "Tags contains all of “vip” and “old”" },
    ]);
  });
});

describe("the draft", () => {
  test("is sent without what the service keeps beside it", () => {
    expect(draftOf(RULE)).toEqual(DRAFT);
    expect(sentOf(editOf(RULE))).toEqual(DRAFT);
  });

  test("what a newer service knows goes back as it came", () => {
    const newer = { ...RULE, milk: "PT1H", then: [...RULE.then, { kind: "brew_tea", cups: 2 }] };
    expect(sentOf(editOf(newer))).toEqual({ ...DRAFT, milk: "PT1H", then: newer.then });
  });
});

test("only actions that the service takes are offered", () => {
  const mapping = { close: "Close", brew_tea: "BrewTea", snooze: "Snooze" };
  const schema = { ...ASKING, events: [], actions: { discriminator: { mapping } } } satisfies RuleSchema;
  expect(offeredActions(schema).map(({ kind }) => kind)).toEqual(["snooze", "close"]);
  expect(isKnown({ kind: "brew_tea" })).toBe(false);
});

test("a rule is offered the webhooks of its brands, and shows the one that it has whatever became of it", () => {
  const offered = (brands: string[], chosen: string) =>
    webhookChoices(WEBHOOKS, brands, chosen).map(({ label }) => label);
  expect(offered([], "")).toEqual(["Warehouse", "Old warehouse (switched off)"]);
  expect(offered(["coffee"], "")).toEqual(["Warehouse"]);
  expect(offered(["coffee"], "w2")).toEqual(["Warehouse", "Old warehouse (switched off)"]);
  expect(offered(["tea"], "gone")).toEqual([
    "Warehouse",
    "Old warehouse (switched off)",
    "An unknown webhook",
  ]);
  expect(webhookChoices(undefined, [], "w1")).toEqual([{ value: "w1", label: "The chosen webhook …" }]);
  expect(webhookChoices(undefined, [], "")).toEqual([]);
  expect(webhookWords(undefined, "w1")).toBe("the webhook …");
});

test.each([
  ["PT30M", { count: 30, unit: "minutes" }, "30 minutes"],
  ["PT60M", { count: 1, unit: "hours" }, "60 minutes"],
  ["P1DT12H", { count: 36, unit: "hours" }, "1 day 12 hours"],
  ["P7D", { count: 7, unit: "days" }, "7 days"],
  ["P2W", { count: 2, unit: "weeks" }, "2 weeks"],
  ["P", null, "P"],
  ["a day", null, "a day"],
])("the length %s", (iso, length, words) => {
  expect(readLength(iso)).toEqual(length);
  expect(lengthWords(iso)).toBe(words);
});

test.each(["PT45M", "PT5H", "P3D", "P1W"])("%s is written as it was read", (iso) => {
  const length = readLength(iso);
  expect(length && writeLength(length)).toBe(iso);
});

test("a moment goes to the field and back", () => {
  expect(momentOf(localMoment("2026-01-31T09:00:00Z"))).toBe("2026-01-31T09:00:00.000Z");
  expect(localMoment("soon")).toBe("");
  expect(momentOf("")).toBe("");
});
