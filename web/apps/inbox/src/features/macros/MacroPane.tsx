import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Macro, SharedMacro } from "@/api/macros";
import { useMe, useNames } from "@/data/directory";
import { MACROS, termsQuery, useWho, versionsQuery } from "@/data/governed";
import { macrosQuery, sharedMacrosQuery } from "@/data/macros";
import type { SectionProps } from "@/lib/settings";
import { Section } from "@/parts/settings/Section";
import { useKept } from "@/parts/settings/useKept";
import { Waits } from "@/parts/settings/Waits";
import { LinesDiff } from "@/parts/versions/LinesDiff";
import { isWithin, toAll, toWrite } from "./draft";
import { MacroForm } from "./MacroForm";
import { MacroVersions } from "./MacroVersions";
import { linesOfMacro } from "./macro-lines";
import classes from "./macros.module.css";

/** One macro: to change for who may, with its versions for who reviews it, to read for the others. */
export function MacroPane({ item, view, open }: SectionProps): ReactNode {
  const who = useWho(MACROS);
  const brandIds = useMe()?.agent.brand_ids ?? [];
  const { data, error } = useQuery(macrosQuery);
  const governs = who.mayWrite || who.mayApprove;
  // Who only approves is known by the terms.
  const { data: terms, error: noTerms } = useQuery(termsQuery(MACROS));
  const { data: shared, error: noneShared } = useQuery({ ...sharedMacrosQuery, enabled: governs });
  const found = shared?.find(({ id }) => id === item);
  // What is in force may be for others than the latest version is.
  const limited = who.mayWrite && brandIds.length > 0 && found !== undefined && isWithin(found, brandIds);
  const { data: versions, error: noVersions } = useQuery({
    ...versionsQuery<SharedMacro>(MACROS, found?.id ?? ""),
    enabled: limited,
  });
  // One that somebody retires while it is written is kept until it is left.
  const governed = useKept(found, item);
  if (item === null) return <p className={classes.pick}>Pick a macro, or write a new one.</p>;
  if (item === "new") return <MacroForm key="new" macro={undefined} open={open} />;
  const awaits = (!governs && !terms && !noTerms) || (limited && !versions && !noVersions);
  if (awaits || (governs ? !shared || !(data || error) : !data)) {
    return <Waits title="Macros" error={(governs ? noneShared : error) ?? null} back={toAll(open)} />;
  }
  const usable = data?.items.find(({ macro }) => macro.macro_id === item)?.macro;
  if (usable?.personal) return <MacroForm key={item} macro={usable} open={open} />;
  const concerned = governed ? toWrite(governed, versions ?? []) : [];
  const mayWrite = who.mayWrite && concerned.every((each) => isWithin(each, brandIds));
  if (view !== null || (governed && who.mayApprove && !mayWrite)) {
    return <MacroVersions key={item} id={item} view={view} mayWrite={mayWrite} open={open} />;
  }
  if (governed && mayWrite) return <MacroForm key={item} macro={governed} open={open} />;
  if (usable) return <MacroText macro={usable} open={open} />;
  return (
    <Section title="Macros" back={toAll(open)}>
      <p role="alert">There is no such macro in use. It may have been retired.</p>
    </Section>
  );
}

/** What is in force, for those who write with it. */
function MacroText({ macro, open }: { macro: Macro; open: SectionProps["open"] }): ReactNode {
  const names = useNames();
  const lines = linesOfMacro(macro, names);
  return (
    <Section title={macro.name} hint="You use this macro; a team lead can change it." back={toAll(open)}>
      <LinesDiff label={macro.name} lines={lines.map((line) => ({ kind: "same", line }))} />
    </Section>
  );
}
