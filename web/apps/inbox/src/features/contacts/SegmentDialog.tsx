import { Button, Modal, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Condition, Segment } from "@/api/contacts";
import { type Conditions, previewQuery, saveSegment } from "@/data/contacts";
import { useNames } from "@/data/directory";
import { useContactPlace } from "@/lib/contact-place";
import { attributesFor, contactName } from "@/lib/contacts";
import { useStill } from "@/lib/useStill";
import classes from "@/parts/contact/dialogs.module.css";
import { FormEnd } from "@/ui/FormEnd";
import { TextButton } from "@/ui/Quiet";
import { ConditionLine } from "./ConditionLine";
import { countWords } from "./ContactNav";
import { begin, isWhole, type Subject, subjects } from "./conditions";

const TYPING_MS = 250;

interface SegmentDialogProps {
  edited: Segment | "new" | null;
  close: () => void;
}

/** A segment's conditions, with how many fit them while they are written. */
export function SegmentDialog({ edited, close }: SegmentDialogProps): ReactNode {
  return (
    <Modal
      opened={edited !== null}
      onClose={close}
      title={edited === "new" ? "New segment" : "Edit segment"}
      size={620}
      centered
    >
      {edited && <Form segment={edited === "new" ? null : edited} close={close} />}
    </Modal>
  );
}

/** A condition with a name of its own on the screen, so that taking one away moves no other's field. */
interface Line {
  key: number;
  condition: Condition;
}

function Form({ segment, close }: { segment: Segment | null; close: () => void }): ReactNode {
  const client = useQueryClient();
  const place = useContactPlace();
  const all = useSubjects();
  const count = useRef(0);
  const line = (condition: Condition): Line => {
    count.current += 1;
    return { key: count.current, condition };
  };
  // One for as long as it is open: sent again after the answer was lost, it is made once.
  const [id] = useState(() => segment?.segment_id ?? `segment-${crypto.randomUUID()}`);
  const [name, setName] = useState(segment?.name ?? "");
  const [match, setMatch] = useState<"all" | "any">(segment?.match ?? "all");
  const [lines, setLines] = useState<Line[]>(() => {
    const first = all.find((each) => each.key === "kind");
    return (segment?.conditions ?? (first ? [begin(first)] : [])).map(line);
  });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const conditions = lines.map((each) => each.condition);
  const wrong = wrongAt(error);

  const form = useRef<HTMLFormElement>(null);
  const still = useStill();
  const save = async (): Promise<void> => {
    if (busy) return;
    const isHere = still();
    setBusy(true);
    setError(null);
    try {
      await saveSegment(client, id, { name: name.trim(), match, conditions });
      if (!form.current) return;
      close();
      if (isHere()) place.go(id);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      ref={form}
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextInput
        label="Name"
        placeholder="Gold customers in Poland"
        value={name}
        error={wrong.get("name") ? "Give it a name." : null}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className={classes.match}>
        <span>Contacts for whom</span>
        <SegmentedControl
          aria-label="How conditions are joined"
          data={[
            { value: "all", label: "all" },
            { value: "any", label: "any" },
          ]}
          value={match}
          onChange={(next) => setMatch(next === "any" ? "any" : "all")}
        />
        <span>of these are true</span>
      </div>
      {lines.map((each, index) => (
        <ConditionLine
          key={each.key}
          subjects={all}
          condition={each.condition}
          wrong={wrong.get(`conditions.${index}`)}
          change={(condition) => setLines(lines.map((one) => (one === each ? { ...each, condition } : one)))}
          remove={lines.length > 1 ? () => setLines(lines.filter((one) => one !== each)) : null}
        />
      ))}
      <TextButton
        className={classes.addCondition}
        onClick={() => {
          const next = all[0];
          if (next) setLines([...lines, line(begin(next))]);
        }}
      >
        <IconPlus size={14} /> Add a condition
      </TextButton>
      <FormEnd>
        <Live match={match} conditions={conditions} />
        <Button type="submit" loading={busy}>
          Save segment
        </Button>
      </FormEnd>
      {error !== null && wrong.size === 0 && (
        <p role="alert" className={classes.trouble}>
          {sentenceOf(error)}
        </p>
      )}
    </form>
  );
}

function useSubjects(): Subject[] {
  const names = useNames();
  const brands = names.brands.map((brand) => brand.brand_id);
  return subjects(attributesFor(names.attributes, "contact", brands));
}

/** What an answer's places say: "name", or "conditions.0". */
function wrongAt(error: unknown): Map<string, string> {
  const found = new Map<string, string>();
  if (!(error instanceof ApiError)) return found;
  for (const { path, message } of error.fields) {
    const [, first = "", second] = path.split(".");
    found.set(first === "conditions" && second ? `conditions.${second}` : first, message);
  }
  return found;
}

/** How many fit, and who for example. */
function Live({ match, conditions }: Conditions): ReactNode {
  const whole = conditions.every(isWhole);
  const [wanted] = useDebouncedValue(JSON.stringify({ match, conditions }), TYPING_MS);
  const { data, isError } = useQuery({
    ...previewQuery(JSON.parse(wanted) as Conditions),
    enabled: whole,
    placeholderData: (before) => before,
  });
  if (!whole) return <p aria-live="polite">Fill in the conditions to see who fits.</p>;
  if (isError) return <p aria-live="polite">These conditions do not fit together.</p>;
  const examples = data?.items.slice(0, 3).map(contactName).join(", ");
  return (
    <p aria-live="polite">
      <b className="sb-number">{countWords(data) || "Many"}</b> {data?.count === 1 ? "contact" : "contacts"}
      {examples && <> · {examples}…</>}
    </p>
  );
}
