import { Select, Switch, TagsInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Brand } from "@/api/people";
import { Fields } from "@/parts/settings/EditForm";

type Spam = Brand["spam"];

interface SpamFieldsProps {
  spam: Spam;
  wrong: (field: string) => string | null;
  change: (spam: Spam) => void;
}

const STRICTNESS = [
  { value: "0.95", label: "Very cautious: only what is almost certain" },
  { value: "0.9", label: "Cautious" },
  { value: "0.8", label: "Balanced" },
  { value: "0.65", label: "Strict: more of it, and now and then a customer" },
];

/** From when on a brand's messages go to Spam by themselves, and the senders that always or never do. */
export function SpamFields({ spam, wrong, change }: SpamFieldsProps): ReactNode {
  const set = String(spam.threshold);
  const known = STRICTNESS.some(({ value }) => value === set);
  return (
    <Fields
      name="Spam"
      hint="Learnt from what agents mark and take out. Who was answered before never goes there."
    >
      <Switch
        label="Put spam into Spam by itself"
        checked={spam.enabled}
        onChange={(event) => change({ ...spam, enabled: event.currentTarget.checked })}
      />
      <Select
        label="How strict"
        allowDeselect={false}
        disabled={!spam.enabled}
        data={known ? STRICTNESS : [...STRICTNESS, { value: set, label: `From a score of ${set} on` }]}
        value={set}
        error={wrong("spam.threshold")}
        onChange={(value) => value && change({ ...spam, threshold: Number(value) })}
      />
      <TagsInput
        label="Allowed senders"
        description="Addresses or domains that are never spam"
        value={spam.allowed}
        error={wrong("spam.allowed")}
        onChange={(allowed) => change({ ...spam, allowed })}
      />
      <TagsInput
        label="Blocked senders"
        description="Addresses or domains that always are"
        value={spam.blocked}
        error={wrong("spam.blocked")}
        onChange={(blocked) => change({ ...spam, blocked })}
      />
    </Fields>
  );
}
