import { type ReactNode, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Contact, ProfileEdit } from "@/api/contacts";
import { useContactCommands } from "@/data/contacts";
import { useMay, useNames } from "@/data/directory";
import { aboutsOf } from "@/data/undecided";
import { attributesFor, languageWords, localTime, moneyText, moneyWords, readMoney } from "@/lib/contacts";
import { fullTime, momentLabel } from "@/lib/time";
import type { EditedField } from "@/lib/waiting";
import { zoneChoices } from "@/lib/zones";
import { Field } from "@/parts/Field";
import { useNow } from "@/ui/Ago";
import { toast } from "@/ui/toast";
import { AttributeFields } from "./AttributeFields";
import classes from "./contact.module.css";
import { type Again, EditField } from "./EditField";
import { HandlesField } from "./HandlesField";
import { UnsavedEdits } from "./UnsavedEdits";

const KINDS = [
  { value: "lead", label: "Lead" },
  { value: "user", label: "User" },
];

const typed = (field: string, words: string): EditedField => ({ field, words, typed: true });
const chosen = (field: string, words: string): EditedField => ({ field, words, typed: false });

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
  const [again, setAgain] = useState<Again | null>(null);
  const againAt = (field: string): Again | null =>
    again?.field === field && !again.attribute ? again : null;
  const save = (edit: ProfileEdit, of: EditedField): Promise<unknown> => commands.edit(contact.seq, edit, of);
  const refused = (error: unknown): void => toast(`Not changed. ${sentenceOf(error)}`, undefined, "error");
  const attributes = attributesFor(names.attributes, "contact", contact.brand_ids);
  return (
    <>
      <UnsavedEdits
        abouts={aboutsOf(contact)}
        seenNow={({ change = {} }) =>
          // All of them as they were: whatever somebody else added since would go.
          "emails" in change || "phones" in change ? null : { seen_seq: contact.seq }
        }
        edit={setAgain}
      />
      <EditField
        label="Name"
        shown={contact.name && <bdi>{contact.name}</bdi>}
        value={contact.name}
        mayEdit={mayEdit}
        again={againAt("Name")}
        save={(name) => save({ name }, typed("Name", name))}
      />
      <HandlesField
        kind="email"
        values={contact.emails}
        mayEdit={mayEdit}
        again={againAt("Email")}
        save={(emails, words, said = "") =>
          save({ emails }, words === null ? chosen("Email", said) : typed("Email", words))
        }
        refused={refused}
      />
      <HandlesField
        kind="phone"
        values={contact.phones}
        mayEdit={mayEdit}
        again={againAt("Phone")}
        save={(phones, words, said = "") =>
          save({ phones }, words === null ? chosen("Phone", said) : typed("Phone", words))
        }
        refused={refused}
      />
      <EditField
        label="Kind"
        shown={contact.kind === "user" ? "User" : "Lead"}
        value={contact.kind}
        options={KINDS}
        mayEdit={mayEdit}
        save={(kind) =>
          kind === "user"
            ? save({ kind }, chosen("Kind", "User"))
            : save({ kind: "lead" }, chosen("Kind", "Lead"))
        }
      />
      <EditField
        label="Location"
        shown={contact.location && <bdi>{contact.location}</bdi>}
        value={contact.location}
        mayEdit={mayEdit}
        again={againAt("Location")}
        save={(location) => save({ location }, typed("Location", location))}
      />
      <EditField
        label="Language"
        shown={contact.language && languageWords(contact.language)}
        value={contact.language}
        placeholder="en, de, pt-BR"
        mayEdit={mayEdit}
        again={againAt("Language")}
        save={(language) => save({ language }, typed("Language", language))}
      />
      <EditField
        label="Time zone"
        shown={contact.time_zone && (localTime(contact.time_zone, now) || contact.time_zone)}
        value={contact.time_zone}
        options={zoneChoices(contact.time_zone)}
        clearable
        mayEdit={mayEdit}
        save={(time_zone) => save({ time_zone }, chosen("Time zone", time_zone))}
      />
      <EditField
        label="Revenue"
        shown={contact.lifetime_revenue && moneyWords(contact.lifetime_revenue)}
        value={moneyText(contact.lifetime_revenue)}
        placeholder="125.00 USD"
        mayEdit={mayEdit}
        again={againAt("Revenue")}
        save={async (text) => save({ lifetime_revenue: moneyFrom(text) }, typed("Revenue", text))}
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
        again={againAt("Last purchase")}
        save={(day) =>
          save({ last_purchase_at: day ? `${day}T12:00:00Z` : null }, typed("Last purchase", day))
        }
      />
      <AttributeFields
        attributes={attributes}
        values={contact.attributes}
        mayEdit={mayEdit}
        again={again}
        save={(value, of) => save({ attributes: { [of.attribute]: value } }, of)}
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
