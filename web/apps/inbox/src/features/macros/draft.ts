import type { Macro, MacroDraft, SharedMacro } from "@/api/macros";
import type { SectionProps } from "@/lib/settings";
import type { Back } from "@/parts/settings/Section";

/** A macro as its form knows it; `seq` is the version of everybody's. */
export type KeptMacro = Macro | (SharedMacro & { seq: number });

export const isOwn = (macro: KeptMacro): macro is Macro => "personal" in macro && macro.personal;

/** What a person writes of it. */
export const draftOf = (there: MacroDraft | undefined): MacroDraft => ({
  name: there?.name ?? "",
  html: there?.html ?? "",
  actions: there?.actions ?? [],
  brand_ids: there?.brand_ids ?? [],
  team_ids: there?.team_ids ?? [],
});

/** Who works for some brands writes what is for these alone; for none in particular: for every one. */
export const isWithin = (macro: MacroDraft, brandIds: readonly string[]): boolean =>
  brandIds.length === 0 ||
  (macro.brand_ids.length > 0 && macro.brand_ids.every((id) => brandIds.includes(id)));

/** What changes for somebody when the next version is written: the latest, and those in force. */
export const toWrite = (latest: SharedMacro, versions: readonly SharedMacro[]): SharedMacro[] => {
  const { published, before } = latest.standing;
  return [latest, ...versions.filter(({ version }) => version === published || version === before)];
};

/** The list stands beside each of them where there is room. */
export const toAll = (open: SectionProps["open"]): Back => ({
  label: "All macros",
  go: () => open(null),
  beside: true,
});
