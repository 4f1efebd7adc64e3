import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useGoKeys } from "@/app/go-keys";
import { OfflineBanner } from "@/app/OfflineBanner";
import { Rail } from "@/app/Rail";
import { useSignedOut } from "@/app/signed-out";
import { useMe } from "@/data/directory";
import { macrosQuery } from "@/data/macros";
import { MacroForm } from "@/features/macros/MacroForm";
import { MacroList } from "@/features/macros/MacroList";
import classes from "@/features/macros/macros.module.css";
import { Help } from "@/features/palette/Help";
import { Presence } from "@/features/presence/Presence";
import { useLive } from "@/live/useLive";

/** The texts that agents write with: a list, and one of them to read or change. */
export default function MacrosPage(): ReactNode {
  const navigate = useNavigate();
  const { macroId = null } = useParams({ strict: false }) as { macroId?: string };
  const me = useMe();
  const { data } = useQuery(macrosQuery);
  const item = data?.items.find(({ macro }) => macro.macro_id === macroId);
  const open = (id: string | null): void =>
    void (id ? navigate({ to: "/macros/$macroId", params: { macroId: id } }) : navigate({ to: "/macros" }));
  useLive(me?.agent.agent_id);
  useGoKeys();
  useSignedOut();
  return (
    <>
      <OfflineBanner />
      <div className={classes.panes} data-open={macroId !== null || undefined}>
        <Rail foot={<Presence onSignedOut={() => void navigate({ to: "/sign-in" })} />} />
        <MacroList chosen={macroId} open={open} />
        {item || macroId === "new" ? (
          <MacroForm key={macroId} macro={item?.macro} mayChange={item?.mine_to_change ?? true} done={open} />
        ) : (
          <p className={classes.pick}>
            {macroId && data ? "There is no such macro any more." : "Pick a macro, or write a new one."}
          </p>
        )}
      </div>
      <Help />
    </>
  );
}
