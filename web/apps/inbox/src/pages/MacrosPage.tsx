import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useGoKeys } from "@/app/go-keys";
import { OfflineBanner } from "@/app/OfflineBanner";
import { Rail } from "@/app/Rail";
import { useSignedOut } from "@/app/signed-out";
import { useMe } from "@/data/directory";
import { MacroList } from "@/features/macros/MacroList";
import { MacroPane } from "@/features/macros/MacroPane";
import classes from "@/features/macros/macros.module.css";
import { Anywhere } from "@/features/palette/Anywhere";
import { Presence } from "@/features/presence/Presence";
import { useLive } from "@/live/useLive";

/** The texts that agents write with: a list, and one of them to read, to change or to review. */
export default function MacrosPage(): ReactNode {
  const navigate = useNavigate();
  const { macroId = null, view = null } = useParams({ strict: false }) as { macroId?: string; view?: string };
  const me = useMe();
  const open = (id: string | null, to?: string): void => {
    if (id === null) void navigate({ to: "/macros" });
    else if (to === undefined) void navigate({ to: "/macros/$macroId", params: { macroId: id } });
    else void navigate({ to: "/macros/$macroId/$view", params: { macroId: id, view: to } });
  };
  useLive(me?.agent.agent_id);
  useGoKeys();
  useSignedOut();
  return (
    <>
      <OfflineBanner />
      <div className={classes.panes} data-open={macroId !== null || undefined}>
        <Rail foot={<Presence onSignedOut={() => void navigate({ to: "/sign-in" })} />} />
        <MacroList chosen={macroId} open={open} />
        {me && <MacroPane item={macroId} view={view} open={open} />}
      </div>
      <Anywhere />
    </>
  );
}
