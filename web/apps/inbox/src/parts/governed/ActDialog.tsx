import { Button, Modal, Select, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Governed, Rollout } from "@/api/governed";
import { useNames } from "@/data/directory";
import { act as carryOut, type Kind } from "@/data/governed";
import type { Act } from "@/lib/governed";
import { momentOf } from "@/lib/rules/moments";
import settings from "@/parts/settings/settings.module.css";
import { wrongOf } from "@/parts/settings/useEdit";
import { toast } from "@/ui/toast";
import { ACTS } from "./acts";
import { EVERYBODY, RolloutFields, WhenField } from "./PublishFields";

interface ActDialogProps {
  kind: Kind;
  one: Governed & { name: string };
  act: Act;
  close: () => void;
}

/**
 * Does one act: says what it leads to, and asks what it needs to know. It is done to the version that was there when
 * this was opened: a newer one has been looked at by nobody, and is refused.
 */
export function ActDialog({ kind, one: now, act, close }: ActDialogProps): ReactNode {
  const [one] = useState(now);
  const client = useQueryClient();
  const names = useNames();
  const words = ACTS[act];
  const [text, setText] = useState("");
  const [at, setAt] = useState<string | null>(null);
  const [unsaid, setUnsaid] = useState(false);
  const [rollout, setRollout] = useState<Rollout | null>(one.standing.rollout);
  const [owner, setOwner] = useState(one.standing.owner_id);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const wrong = wrongOf(error);

  const body = (): object => {
    switch (act) {
      case "publish":
        return { rationale: text, ...(at !== null && { at: momentOf(at) }), ...(rollout && { rollout }) };
      case "rollout":
        return rollout ?? EVERYBODY;
      case "owner":
        return { agent_id: owner };
      default:
        return words.text ? { [words.text.field]: text } : {};
    }
  };
  const run = async (): Promise<void> => {
    // A time that is half typed is none for the browser: published now, it would be in force for everybody.
    const timeless = act === "publish" && at !== null && momentOf(at) === "";
    setUnsaid(timeless);
    if (timeless) return;
    setBusy(true);
    try {
      await carryOut(client, kind, one, act, body());
      toast(words.done(one.name));
      close();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  const placed = error instanceof ApiError && error.fields.length > 0;
  return (
    <Modal opened onClose={close} title={words.title(one.name)} size={480} centered>
      <div className={settings.confirm}>
        {words.hint && <p>{words.hint}</p>}
        {act === "publish" && (
          <WhenField
            at={at}
            change={(next) => {
              setUnsaid(false);
              setAt(next);
            }}
            error={unsaid ? "Say at what time." : wrong("at")}
          />
        )}
        {(act === "publish" || act === "rollout") && (
          <RolloutFields
            rollout={rollout}
            wrong={(field) => wrong(act === "publish" ? `rollout.${field}` : field)}
            change={setRollout}
          />
        )}
        {act === "owner" && (
          <Select
            label="To whom"
            searchable
            allowDeselect={false}
            data={names.agents
              .filter(({ active }) => active)
              .map((agent) => ({ value: agent.agent_id, label: agent.name }))}
            value={owner}
            error={wrong("agent_id")}
            onChange={(value) => value && setOwner(value)}
          />
        )}
        {words.text && (
          <Textarea
            label={words.text.label}
            autosize
            minRows={2}
            maxRows={8}
            dir="auto"
            value={text}
            error={wrong(words.text.field)}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        {error !== null && !placed && (
          <p role="alert" className={settings.wrong}>
            {sentenceOf(error)}
          </p>
        )}
        <div>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button color={act === "retire" ? "red" : "indigo"} loading={busy} onClick={() => void run()}>
            {words.confirm}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
