import type { ReactNode } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Contact } from "@/api/contacts";
import { type ProfileEdit, useContactCommands } from "@/data/contacts";
import { useMay, useNames } from "@/data/directory";
import { attributesFor, languageWords, localTime, moneyText, moneyWords, readMoney } from "@/lib/contacts";
import { fullTime, momentLabel } from "@/lib/time";
import { zoneChoices } from "@/lib/zones";
import { Field } from "@/parts/Field";
import { useNow } from "@/ui/Ago";
import { toast } from "@/ui/toast";
import { AttributeFields } from "./AttributeFields";
import classes from "./contact.module.css";
import { EditField } from "./EditField";
import { HandlesField } from "./HandlesField";

const KINDS = [
  { value: "lead", label: "Lead" },
  { value: "user", label: "User" },
];

interface QualificationsProps {
  contact: Contact;
  /** Whether what a shop knows, and other ids, are shown too. */
  whole?: boolean;
}

/** What is known of a person, each field changed in place (CT2). */
export function Qualifications({ contact, whole = false }: QualificationsProps): ReactNode {
  const commands = useContactCommands(contact.id);
  const names = useNames();
  const mayEdit = useMay("contacts.write");
  const now = useNow();
  const save = (edit: ProfileEdit): Promise<unknown> => commands.edit(contact.seq, edit);
  const refused = (error: unknown): void => toast(`Not changed. ${sentenceOf(error)}`, undefined, "error");
  const attributes = attributesFor(names.attributes, "contact", contact.brand_ids);
  return (
    <>
      <EditField
        label="Name"
        shown={contact.name && <bdi>{contact.name}</bdi>}
        value={contact.name}
        mayEdit={mayEdit}
        save={(name) => save({ name })}
      />
      <HandlesField
        kind="email"
        values={contact.emails}
        mayEdit={mayEdit}
        save={(emails) => save({ emails })}
        refused={refused}
      />
      <HandlesField
        kind="phone"
        values={contact.phones}
        mayEdit={mayEdit}
        save={(phones) => save({ phones })}
        refused={refused}
      />
      <EditField
        label="Kind"
        shown={contact.kind === "user" ? "User" : "Lead"}
        value={contact.kind}
        options={KINDS}
        mayEdit={mayEdit}
        save={(kind) => save({ kind: kind === "user" ? "user" : "lead" })}
      />
      <EditField
        label="Location"
        shown={contact.location && <bdi>{contact.location}</bdi>}
        value={contact.location}
        mayEdit={mayEdit}
        save={(location) => save({ location })}
      />
      <EditField
        label="Language"
        shown={contact.language && languageWords(contact.language)}
        value={contact.language}
        placeholder="en, de, pt-BR"
        mayEdit={mayEdit}
        save={(language) => save({ language })}
      />
      <EditField
        label="Time zone"
        shown={contact.time_zone && (localTime(contact.time_zone, now) || contact.time_zone)}
        value={contact.time_zone}
        options={zoneChoices(contact.time_zone)}
        clearable
        mayEdit={mayEdit}
        save={(time_zone) => save({ time_zone })}
      />
      <EditField
        label="Revenue"
        shown={contact.lifetime_revenue && moneyWords(contact.lifetime_revenue)}
        value={moneyText(contact.lifetime_revenue)}
        placeholder="125.00 USD"
        mayEdit={mayEdit}
        save={(text) => save({ lifetime_revenue: moneyFrom(text) })}
      />
      <EditField
        label="Last purchase"
        shown={
          contact.last_purchase_at && (
            <time dateTime={contact.last_purchase_at} title={fullTime(contact.last_purchase_at)}>
              {momentLabel(contact.last_purchase_at, now)}
            </time>
          )
        }
        value={contact.last_purchase_at?.slice(0, 10) ?? ""}
        type="date"
        mayEdit={mayEdit}
        save={(day) => save({ last_purchase_at: day ? `${day}T12:00:00Z` : null })}
      />
      <AttributeFields
        attributes={attributes}
        values={contact.attributes}
        mayEdit={mayEdit}
        save={(id, value) => save({ attributes: { [id]: value } })}
      />
      {whole && <Known contact={contact} />}
    </>
  );
}

function moneyFrom(text: string): ReturnType<typeof readMoney> {
  if (text === "") return null;
  const money = readMoney(text);
  if (money) return money;
  const words = "is not an amount; write it as 125.00 USD";
  throw new ApiError({
    title: words,
    status: 422,
    errors: [{ path: "body.lifetime_revenue", message: words }],
  });
}

/** What nobody types: brands, other systems' ids, since when. */
function Known({ contact }: { contact: Contact }): ReactNode {
  const names = useNames();
  const now = useNow();
  return (
    <>
      <Field label="Brands">{contact.brand_ids.map((id) => names.brand(id)?.name ?? id).join(", ")}</Field>
      {contact.external_ids.map((id) => (
        <Field key={id} label="User id">
          <span title={id}>
            {id.slice(id.indexOf(":") + 1)}
            <span className={classes.quiet}>{names.brand(id.slice(0, id.indexOf(":")))?.name}</span>
          </span>
        </Field>
      ))}
      <Field label="Known since">
        <time dateTime={contact.created_at} title={fullTime(contact.created_at)}>
          {momentLabel(contact.created_at, now)}
        </time>
      </Field>
    </>
  );
}
