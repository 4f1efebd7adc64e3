import { Select } from "@mantine/core";
import { IconFolderPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Asking, FieldInfo } from "@/api/conditions";
import { asking as askAbout, askedBy, type Leaf, offered, type Twig, wrapped } from "@/lib/rules/tree";
import type { Wrong } from "@/parts/settings/useEdit";
import { IconButton } from "@/ui/Quiet";
import classes from "./conditions.module.css";
import { ValueInput } from "./ValueInput";

interface ConditionRowProps {
  leaf: Leaf;
  asking: Asking;
  brandIds: readonly string[];
  place: string;
  number: string;
  /** Whether a group may be made of it. */
  deeper: boolean;
  wrong: Wrong;
  unread?: Wrong | undefined;
  note?: ((field: FieldInfo) => string | null) | undefined;
  change: (next: Twig | null) => void;
}

const ABOUT: Record<string, string> = {
  event: "What happened",
  conversation: "Conversation",
  contact: "Customer",
  availability: "Who is there",
  message: "Message",
  sender: "Sender",
  note: "Note",
  side: "Side conversation",
  call: "Call",
  ticket: "Ticket",
  sla: "Service level",
  attribute: "Your attributes",
  contact_attribute: "Your customers’ attributes",
  ticket_field: "Your tickets’ forms",
};

/** Fields by what they are about, in the order of the services. */
function grouped(fields: readonly FieldInfo[]) {
  const about = (field: FieldInfo): string => ABOUT[field.name.split(".")[0] ?? ""] ?? "Others";
  return [...new Set(fields.map(about))].map((group) => ({
    group,
    items: fields
      .filter((field) => about(field) === group)
      .map((field) => ({ value: field.name, label: field.label })),
  }));
}

/** One condition: what, how, with what. Only what the field's type can be asked is offered. */
export function ConditionRow({
  leaf,
  asking,
  brandIds,
  place,
  number,
  deeper,
  wrong,
  unread,
  note,
  change,
}: ConditionRowProps): ReactNode {
  const field = asking.fields.find((each) => each.name === leaf.field);
  const operators = field ? offered(field, asking.operators) : [];
  const operator = operators.find((each) => each.name === leaf.operator);
  const written = operator?.takes === "pattern" && leaf.value !== "";
  const gone = field ? null : `There is no field “${leaf.field}” any more. Choose another, or remove this.`;
  return (
    <fieldset className={classes.row} aria-label={`Condition ${number}`}>
      <div className={classes.condition}>
        <div>
          <Select
            aria-label="What"
            searchable
            selectFirstOptionOnChange
            allowDeselect={false}
            data={grouped(asking.fields)}
            value={field ? leaf.field : null}
            placeholder={leaf.field}
            inputWrapperOrder={["label", "input", "description", "error"]}
            description={(field && note?.(field)) ?? undefined}
            error={wrong(`${place}.field`) ?? gone}
            onChange={(value) => {
              const next = asking.fields.find((each) => each.name === value);
              if (next && next.name !== leaf.field)
                change(askAbout(leaf, next, offered(next, asking.operators)));
            }}
          />
        </div>
        <div>
          <Select
            aria-label="How"
            allowDeselect={false}
            data={operators.map((each) => ({ value: each.name, label: each.label }))}
            value={operator ? leaf.operator : null}
            placeholder={leaf.operator}
            error={wrong(`${place}.operator`)}
            onChange={(value) => {
              const next = operators.find((each) => each.name === value);
              if (field && next) change(askedBy(leaf, field, operator, next));
            }}
          />
        </div>
        <div>
          {field && operator && (
            <ValueInput
              field={field}
              operator={operator}
              value={leaf.value}
              brandIds={brandIds}
              watched={asking.fields}
              error={wrong(`${place}.value`) ?? (written ? (unread?.(`${place}.value`) ?? null) : null)}
              change={(value) => change({ ...leaf, value })}
            />
          )}
        </div>
        <span className={classes.tools}>
          {deeper && (
            <IconButton label={`Make a group of condition ${number}`} onClick={() => change(wrapped(leaf))}>
              <IconFolderPlus size={15} />
            </IconButton>
          )}
          <IconButton label={`Remove condition ${number}`} onClick={() => change(null)}>
            <IconX size={15} />
          </IconButton>
        </span>
      </div>
      {wrong(place, true) && (
        <p role="alert" className={classes.wrong}>
          {wrong(place, true)}
        </p>
      )}
    </fieldset>
  );
}
