import { describe, expect, test } from "vitest";
import { eventName } from "@/features/settings/WebhookForm";
import { freeId, idOf } from "@/parts/settings/useEdit";

describe("ids of what is made", () => {
  test("are readable and what the services take", () => {
    expect(idOf("Crème & Thé, Ltd.", "brand")).toBe("creme-the-ltd");
    expect(idOf("茶", "brand")).toBe("brand");
  });
  test("are never somebody else's", () => {
    expect(freeId("Tea", "brand", ["tea", "tea-2"])).toBe("tea-3");
  });
});

test("events are named for people", () => {
  expect(eventName("switchboard.tickets.CustomerReplied.v1")).toBe("Customer replied");
});
