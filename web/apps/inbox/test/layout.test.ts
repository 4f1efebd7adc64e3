import { describe, expect, test } from "vitest";
import { namesOf } from "@/data/directory";
import { lastOwnKey, layout } from "@/features/conversation/layout";
import { phraseOf } from "@/features/conversation/phrases";
import { conditionWords } from "@/lib/rules/trace-words";
import { outcomeWords, triggerWords } from "@/parts/trace/why-words";
import { customer, entry, maya, message, rule } from "./examples";

const call = (state: "ringing" | "ended") => ({
  call_id: "k1",
  direction: "inbound" as const,
  state,
  number: "+13105550177",
  line: "",
  line_name: "",
  agent_email: "",
  agent_name: "",
  missed_reason: "",
  recording_url: "",
  voicemail_url: "",
  comments: [],
  tags: [],
});
const kinds = (blocks: ReturnType<typeof layout>): string => blocks.map((block) => block.kind).join(" ");

describe("layout", () => {
  test("messages of one person soon after each other join", () => {
    const blocks = layout([
      entry(1, "ConversationStarted", { message: message() }),
      entry(2, "CustomerReplied", { message: message({ entry_id: "m2" }) }),
    ]);
    expect(blocks.map((block) => block.kind === "message" && block.joins)).toEqual([false, false, true]);
  });

  test("what a rule did in one decision is one line", () => {
    const by = { by: rule, decision_id: "d1" };
    const assigned = {
      team_id: "t",
      assignee_id: null,
      previous_team_id: null,
      previous_assignee_id: null,
      reason: "",
    };
    const blocks = layout([
      entry(1, "ConversationStarted", { message: message() }),
      entry(2, "Assigned", assigned, by),
      entry(3, "PriorityChanged", { priority: true }, by),
      entry(4, "Closed", {}, { by: maya }),
    ]);
    expect(kinds(blocks)).toBe("day message events events");
    expect(blocks.map((block) => (block.kind === "events" ? block.entries.length : 0))).toEqual([0, 0, 2, 1]);
  });

  test("a call is one card with all that is known at the end", () => {
    const blocks = layout([
      entry(1, "ConversationStarted", { call: call("ringing") }),
      entry(2, "CallUpdated", { step: "ended", call: call("ended") }),
    ]);
    expect(kinds(blocks)).toBe("day call");
    expect(blocks.map((block) => (block.kind === "call" ? block.call.state : ""))).toEqual(["", "ended"]);
  });

  test("a delivery shows under its message and not as a line", () => {
    const blocks = layout([
      entry(1, "ReplySent", { message: message({ direction: "out", author: maya }) }, { by: maya }),
      entry(2, "DeliveryUpdated", {
        entry_id: "m1",
        state: "bounced",
        recipient: "a@b.example",
        reason: "Full",
      }),
    ]);
    expect(kinds(blocks)).toBe("day message");
    expect(blocks.map((block) => (block.kind === "message" ? block.delivery?.state : ""))).toEqual([
      "",
      "bounced",
    ]);
    expect(lastOwnKey(blocks)).toBe("e1");
  });

  test("another day begins with its name and joins nothing", () => {
    const blocks = layout([
      entry(1, "ConversationStarted", { message: message() }, { at: "2026-03-01T12:00:00Z" }),
      entry(2, "CustomerReplied", { message: message() }, { at: "2026-03-03T12:00:00Z" }),
    ]);
    expect(kinds(blocks)).toBe("day message day message");
  });
});

describe("phraseOf", () => {
  const names = namesOf({
    agents: [],
    teams: [{ team_id: "t", seq: 1, name: "Email Support", channels: [], languages: [], skills: [] }],
    roles: [],
    brands: [],
    ticket_types: [],
    attributes: [],
    apps: [],
    settings: { seq: 0, away_reasons: [] },
  });
  const nobody = { previous_team_id: null, previous_assignee_id: null, reason: "" };
  const say = (each: ReturnType<typeof entry>): string => phraseOf(each, names, new Date());

  test("a team is called by its name", () => {
    expect(say(entry(1, "Assigned", { team_id: "t", assignee_id: null, ...nobody }, { by: rule }))).toBe(
      "assigned Email Support",
    );
  });

  test("taking a conversation is not assigning it", () => {
    expect(say(entry(1, "Assigned", { team_id: null, assignee_id: "maya", ...nobody }, { by: maya }))).toBe(
      "took it",
    );
  });

  test("a webhook that a rule called, or not, is told apart from an event for everybody", () => {
    const emitted = { custom_id: "x", name: "order.late", attributes: [] };
    expect(say(entry(1, "CustomEventEmitted", emitted, { by: rule }))).toBe("emitted order.late");
    expect(say(entry(1, "CustomEventEmitted", { ...emitted, endpoint_id: "w1" }, { by: rule }))).toBe(
      "asked for a call of a webhook: order.late",
    );
    const refused = { action: "call_webhook", code: "unknown_webhook", reason: "The webhook is gone." };
    expect(say(entry(1, "ActionRefused", refused, { by: rule }))).toBe(
      "called no webhook: The webhook is gone.",
    );
  });

  test("tags are named", () => {
    expect(say(entry(1, "Tagged", { added: ["refund", "vip"], removed: ["new"] }, { by: customer }))).toBe(
      "added tags “refund”, “vip” and removed tag “new”",
    );
  });
});

test("a condition reads as a sentence with the value seen", () => {
  const condition = {
    place: "",
    field: "message.subject",
    operator: "is_not",
    value: "x",
    seen: null,
    held: true,
  };
  expect(conditionWords(condition)).toEqual({ asked: "message subject is not “x”", seen: " It was empty." });
});

test("a rule that waited says what from and how long", () => {
  expect(triggerWords("ConversationStarted")).toBe("The conversation began.");
  expect(triggerWords("NotAnswered")).toBe("Its agent did not answer in time.");
  expect(triggerWords("ConversationStarted", "PT2H30M")).toBe(
    "The conversation began. The rule then waited 2 hours 30 minutes and was asked again.",
  );
});

describe("what came of a decision", () => {
  const rule = { rule_id: "r1", name: "A rule", version: 1, matched: true, stopped: false, conditions: null };
  const none = { id: "d1", at: "", trigger: { event: "", seq: 1, after: "" }, spam: null };
  const decision = { ...none, actions: [], waiting: null, waits: [], crowded: [], rules: [rule] };
  const waits = [{ rule: { id: "r1", name: "A rule", version: 1 }, due_at: "" }];
  const kinds = [
    { kind: "assign_team" },
    { kind: "add_tags" },
    { kind: "add_tags" },
    { kind: "of_tomorrow" },
  ];
  test.each([
    [
      { actions: kinds, waiting: "Nobody is online" },
      "Assigned a team, added tags, of tomorrow. Nobody is online.",
    ],
    [{ waits }, "A rule waits and will be asked again."],
    [{}, "All was as the rules want it."],
    [{ rules: [{ ...rule, matched: false }] }, "No rule matched."],
    [{ rules: [] }, "No rule matched."],
  ])("%j", (part, words) => {
    expect(outcomeWords({ ...decision, ...part })).toBe(words);
  });
});
