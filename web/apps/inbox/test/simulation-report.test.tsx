// @vitest-environment jsdom
/** What came of a simulation: what its figures do not show is said beside them. */
import { expect, test } from "vitest";
import type { Simulation } from "@/api/tries";
import { SimulationReport } from "@/features/rules/SimulationReport";
import type { Naming } from "@/lib/rules/words";
import { eachOnAScreen } from "./screen";

const screen = eachOnAScreen();
const report: Simulation = {
  id: "s",
  state: "done",
  read: 1000,
  total: 1000,
  differ: 0,
  by_rule: [],
  examples: [],
  not_simulated: [],
  error: null,
};
const notes = (): (string | null)[] =>
  [...document.querySelectorAll('[role="note"]')].map((each) => each.textContent);

test("a rule that waits, or that not everybody has, is not told as one that changes nothing", async () => {
  await screen.show(<SimulationReport report={report} naming={{} as Naming} />);
  expect(notes()).toEqual([]);
  const named = [
    { id: "a", name: "Nobody answered", why: ["waits" as const] },
    { id: "c", name: "Nobody there", why: ["availability" as const] },
    { id: "b", name: "Old ones", why: ["time" as const, "rollout" as const] },
  ];
  await screen.show(<SimulationReport report={{ ...report, not_simulated: named }} naming={{} as Naming} />);
  expect(notes()).toEqual([
    "“Nobody answered” waits before it acts, and what it does then is not simulated.",
    "“Nobody there” asks who is there, which is not known of then: that condition held nothing.",
    "“Old ones” acts when time has passed, which is not simulated; it is rolled out to some conversations only, and was simulated on all.",
  ]);
});
