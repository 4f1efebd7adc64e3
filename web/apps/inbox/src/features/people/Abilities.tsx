import { MultiSelect, TagsInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useNames } from "@/data/directory";
import type { Wrong } from "@/parts/settings/useEdit";

const inWords = new Intl.DisplayNames(undefined, { type: "language", fallback: "code" });

/** "de (German)"; what is no tag stands as it was typed. */
function languageWords(tag: string): string {
  try {
    return `${inWords.of(tag) ?? tag} (${tag})`;
  } catch {
    return tag;
  }
}

const COMMON = [
  "en",
  "de",
  "fr",
  "es",
  "it",
  "nl",
  "pt",
  "pt-BR",
  "pl",
  "sv",
  "da",
  "ja",
  "ko",
  "zh",
  "ar",
  "he",
];

interface Able {
  languages: string[];
  skills: string[];
}

interface AbilitiesProps {
  edit: Able;
  change: (part: Partial<Able>) => void;
  wrong: Wrong;
}

/** Languages and skills, of a team or of somebody: what rules can ask of who gets a conversation. */
export function Abilities({ edit, change, wrong }: AbilitiesProps): ReactNode {
  const { teams, agents } = useNames();
  const skills = [...teams, ...agents].flatMap((each) => each.skills);
  return (
    <>
      <MultiSelect
        label="Languages"
        searchable
        placeholder={edit.languages.length ? "" : "None"}
        data={[...new Set([...COMMON, ...edit.languages])].map((tag) => ({
          value: tag,
          label: languageWords(tag),
        }))}
        value={edit.languages}
        error={wrong("languages")}
        onChange={(languages) => change({ languages })}
      />
      <TagsInput
        label="Skills"
        description="Words of your own, with Enter after each."
        data={[...new Set(skills)].sort((a, b) => a.localeCompare(b))}
        value={edit.skills}
        error={wrong("skills")}
        onChange={(value) => change({ skills: value })}
      />
    </>
  );
}
