import { type ReactNode, useCallback, useState } from "react";
import { keep, recall } from "@/lib/keep";
import classes from "./Frame.module.css";

export interface Width {
  px: number;
  least: number;
  most: number;
  set: (px: number) => void;
}

/** A pane's width, kept between visits and within its limits. */
export function useWidth(name: string, usual: number, least: number, most: number): Width {
  const [px, setPx] = useState(() => recall<number>(`width.${name}`) ?? usual);
  const set = useCallback(
    (wanted: number): void => {
      const within = Math.round(Math.min(most, Math.max(least, wanted)));
      setPx(within);
      keep(`width.${name}`, within);
    },
    [name, least, most],
  );
  return { px, least, most, set };
}

const STEP_PX = 16;

/** The draggable edge of a pane; arrow keys move it too. */
export function Edge({
  width,
  label,
  fromRight,
}: {
  width: Width;
  label: string;
  fromRight?: boolean;
}): ReactNode {
  const sign = fromRight ? -1 : 1;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is the ARIA pattern of a splitter; <hr> can't be dragged
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width.px}
      aria-valuemin={width.least}
      aria-valuemax={width.most}
      tabIndex={0}
      className={fromRight ? classes.edgeLeft : classes.edgeRight}
      onPointerDown={(down) => {
        const start = width.px;
        const handle = down.currentTarget;
        handle.setPointerCapture(down.pointerId);
        handle.onpointermove = (move) => width.set(start + sign * (move.clientX - down.clientX));
        handle.onpointerup = () => {
          handle.onpointermove = null;
        };
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") width.set(width.px - sign * STEP_PX);
        if (event.key === "ArrowRight") width.set(width.px + sign * STEP_PX);
      }}
    />
  );
}
