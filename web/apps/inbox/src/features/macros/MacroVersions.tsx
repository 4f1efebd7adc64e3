import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { SharedMacro } from "@/api/macros";
import { useNames } from "@/data/directory";
import { MACROS } from "@/data/governed";
import { saveShared } from "@/data/macros";
import type { SectionProps } from "@/lib/settings";
import { Review } from "@/parts/governed/Review";
import { toast } from "@/ui/toast";
import { draftOf, toAll } from "./draft";
import { linesOfMacro } from "./macro-lines";

interface MacroVersionsProps {
  id: string;
  view: string | null;
  mayWrite: boolean;
  open: SectionProps["open"];
}

/** One of everybody's with all its versions, also one that is retired. */
export function MacroVersions({ id, view, mayWrite, open }: MacroVersionsProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  return (
    <Review<SharedMacro>
      kind={MACROS}
      id={id}
      view={view}
      linesOf={(version) => linesOfMacro(version, names)}
      restore={async (version, latest) => {
        await saveShared(client, id, draftOf(version), latest.version, false);
        toast(`Version ${version.version} is the newest draft`);
        open(id, "versions");
      }}
      back={toAll(open)}
      edit={mayWrite ? () => open(id) : null}
      open={open}
    />
  );
}
