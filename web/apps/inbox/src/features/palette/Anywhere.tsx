import { type ReactNode, Suspense } from "react";
import type { Head } from "@/api/types";
import { lazy } from "@/lib/lazy";
import { Help } from "./Help";
import { usePalette } from "./usePalette";

const Palette = lazy(() => import("./Palette"));

/** What every page has over it: its shortcuts on "?", and the palette. `head`: of the conversation that is open. */
export function Anywhere({ head }: { head?: Head | undefined }): ReactNode {
  const wanted = usePalette();
  return (
    <>
      <Help />
      <Suspense>{wanted && <Palette head={head} />}</Suspense>
    </>
  );
}
