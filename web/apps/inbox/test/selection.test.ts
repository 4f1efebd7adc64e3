import { describe, expect, test } from "vitest";
import { chosenOf, doneWords } from "@/data/bulk";
import { chosenWords } from "@/features/list/BulkBar";
import { afterKey } from "@/features/list/useSelection";
import {
  everything,
  grown,
  howMany,
  isChosen,
  NOTHING,
  ofList,
  type Selection,
  stretched,
  toggled,
} from "@/lib/selection";

const ORDER = ["a", "b", "c", "d", "e", "f"];
const chosen = (now: Selection): string => ORDER.filter((id) => isChosen(now, id)).join("");

describe("choosing", () => {
  test("a click chooses, another lets go", () => {
    const once = toggled(NOTHING, "b");
    expect(chosen(once)).toBe("b");
    expect(chosen(toggled(once, "b"))).toBe("");
  });

  test("shift chooses the stretch from the last one, in both directions", () => {
    const from = toggled(NOTHING, "c");
    expect(chosen(stretched(from, "e", ORDER))).toBe("cde");
    expect(chosen(stretched(from, "a", ORDER))).toBe("abc");
  });

  test("a stretch that moves lets go of what it holds no more, and of nothing else", () => {
    const apart = toggled(toggled(NOTHING, "f"), "c");
    expect(chosen(stretched(stretched(apart, "e", ORDER), "a", ORDER))).toBe("abcf");
  });

  test("shift and arrows grow the stretch and shrink it again", () => {
    const steps: (1 | -1)[] = [1, 1, 1, -1, -1, -1];
    let now = NOTHING;
    const seen = steps.map((step) => {
      now = grown(now, step, "b", ORDER);
      return now;
    });
    expect(seen.map(chosen)).toEqual(["b", "bc", "bcd", "bc", "b", "ab"]);
  });

  test("all of the list is chosen beyond what is loaded, but for those let go", () => {
    const all = everything(toggled(NOTHING, "b"));
    expect(chosen(all)).toBe("abcdef");
    expect(isChosen(all, "not loaded")).toBe(true);
    const but = toggled(all, "c");
    expect(chosen(but)).toBe("abdef");
    expect(howMany(but, 500)).toBe(499);
    expect(howMany(but, null)).toBe(null);
  });

  test("any sequence of clicks chooses exactly what was clicked an odd number of times", () => {
    for (let seed = 1; seed < 200; seed += 1) {
      const clicks = ORDER.flatMap((id, index) => Array.from({ length: (seed >> index) & 3 }, () => id));
      const odd = ORDER.filter((id) => clicks.filter((each) => each === id).length % 2 === 1).join("");
      expect(chosen(clicks.reduce(toggled, NOTHING))).toBe(odd);
    }
  });

  test("another list has nothing chosen", () => {
    const here = { ...toggled(NOTHING, "a"), list: "here" };
    expect(ofList(here, "here", NOTHING)).toBe(here);
    expect(ofList(here, "there", NOTHING)).toBe(NOTHING);
  });
});

describe("keys", () => {
  const key = (name: string, part: object = {}) => ({
    key: name,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    repeat: false,
    ...part,
  });
  test.each([
    ["x", {}, "c"],
    ["A", { ctrlKey: true }, "abcdef"],
    ["a", { metaKey: true }, "abcdef"],
    ["ArrowDown", { shiftKey: true }, "c"],
  ])("%s %j", (name, part, wanted) => {
    const after = afterKey(key(name, part), NOTHING, "c", ORDER);
    expect(after && chosen(after)).toBe(wanted);
  });

  test("Esc lets go of everything, and is left to others when nothing is chosen", () => {
    expect(afterKey(key("Escape"), NOTHING, "c", ORDER)).toBe(null);
    expect(afterKey(key("Escape"), toggled(NOTHING, "a"), "c", ORDER)).toBe(NOTHING);
  });

  test.each([
    ["a", {}],
    ["ArrowDown", {}],
    ["x", { ctrlKey: true }],
    ["x", { repeat: true }],
    ["a", { ctrlKey: true, altKey: true }],
  ])("%s %j is not ours", (name, part) => {
    expect(afterKey(key(name, part), NOTHING, "c", ORDER)).toBe(null);
  });

  test("an empty list has nothing to choose", () => {
    expect(afterKey(key("a", { ctrlKey: true }), NOTHING, undefined, [])).toBe(null);
  });
});

describe("words", () => {
  test.each([
    [false, 12, 12, "12 chosen"],
    [true, 0, 340, "All 340 chosen"],
    [true, 2, 338, "338 chosen"],
    [true, 0, 1000, "All chosen"],
    [true, 3, 997, "All but 3 chosen"],
    [true, 0, null, "All chosen"],
  ])("all %s, %i let go or chosen, %s of them: %s", (all, ids, count, words) => {
    expect(chosenWords(all, ids, count)).toBe(words);
  });

  const job = {
    id: "1",
    action: { kind: "close" },
    state: "finished" as const,
    total: 500,
    done: 500,
    changed: 490,
    unchanged: 7,
    failed: 3,
    failures: [],
    can_undo: true,
    undo_of: null,
    created_at: "",
    finished_at: "",
  };
  test("what was done, and how many could not be", () => {
    expect(doneWords(job)).toBe("Closed 497 conversations. 3 could not be.");
    expect(doneWords({ ...job, changed: 1, unchanged: 0, failed: 0 })).toBe("Closed 1 conversation.");
  });
});

test("a request names ids, or the list but for some", () => {
  const filter = { inbox: "all", status: "open", sort: "oldest", brand: "paleo-hacks" } as const;
  expect(chosenOf(toggled(NOTHING, "a"), filter)).toEqual({ ids: ["a"] });
  expect(chosenOf(toggled(everything(NOTHING), "a"), filter)).toEqual({
    filter: { inbox: "all", status: "open", brand: "paleo-hacks" },
    without_ids: ["a"],
  });
});
