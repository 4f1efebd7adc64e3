// @vitest-environment jsdom
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { useSteps } from "@/lib/useSteps";
import { eachOnAScreen } from "./screen";

const screen = eachOnAScreen();

test("j and k go on from where the open one was when it left the list; another list begins at its top", async () => {
  let to: (by: 1 | -1) => number = () => Number.NaN;
  function Probe(props: { of: string; at: number }): ReactNode {
    to = useSteps(props.of, props.at, 5);
    return null;
  }
  const show = (of: string, at: number): Promise<void> => screen.show(<Probe of={of} at={at} />);
  await show("open", -1);
  expect([to(1), to(-1)]).toEqual([0, 0]);
  await show("open", 3);
  expect([to(1), to(-1)]).toEqual([4, 2]);
  await show("open", -1);
  expect([to(1), to(-1)]).toEqual([3, 2]);
  await show("mine", -1);
  expect([to(1), to(-1)]).toEqual([0, 0]);
});
