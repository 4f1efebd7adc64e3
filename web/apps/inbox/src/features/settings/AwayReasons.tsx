import { TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { DeskSettings } from "@/api/people";
import { directoryQuery } from "@/data/directory";
import { keys } from "@/data/keys";
import { putDeskSettings } from "@/data/settings";
import { EditForm } from "@/parts/settings/EditForm";
import { type Save, useEdit } from "@/parts/settings/useEdit";
import { Waits } from "@/parts/settings/Waits";
import { IconButton, TextButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import classes from "./forms.module.css";

/** What agents choose from when they go away. */
export default function AwayReasons(): ReactNode {
  const { data, error } = useQuery(directoryQuery);
  if (!data) return <Waits title="Away reasons" error={error} />;
  return <Form settings={data.settings} />;
}

interface Edit {
  away_reasons: string[];
}

function Form({ settings }: { settings: DeskSettings }): ReactNode {
  const client = useQueryClient();
  const editing = useEdit<Edit, DeskSettings>(settings, (there) => ({
    away_reasons: there?.away_reasons ?? [],
  }));
  const { edit, change, wrong } = editing;
  const reasons = edit.away_reasons;
  const move = (at: number, to: number): void => {
    const moved = [...reasons];
    moved.splice(to, 0, ...moved.splice(at, 1));
    change({ away_reasons: moved });
  };
  const save: Save<DeskSettings> = async (seenSeq, adopt) => {
    const away_reasons = reasons.map((reason) => reason.trim()).filter((reason) => reason !== "");
    adopt(await putDeskSettings(client, { away_reasons }, seenSeq));
    await client.invalidateQueries({ queryKey: keys.availability });
    toast("Saved the away reasons");
  };
  return (
    <EditForm
      title="Away reasons"
      hint="Agents choose one when they go away; away time is recorded by it. Who is away for a reason that you take off stays so."
      editing={editing}
      save={save}
    >
      <div className={classes.rows}>
        {reasons.map((reason, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a reason has no name besides what is being written
          <div key={index} className={classes.one}>
            <TextInput
              aria-label={`Reason ${index + 1}`}
              value={reason}
              error={wrong(`away_reasons.${index}`)}
              onChange={(event) => {
                const text = event.currentTarget.value;
                change({ away_reasons: reasons.map((each, at) => (at === index ? text : each)) });
              }}
            />
            <span className={classes.bar}>
              <IconButton label="Move up" disabled={index === 0} onClick={() => move(index, index - 1)}>
                <IconArrowUp size={15} />
              </IconButton>
              <IconButton
                label="Move down"
                disabled={index === reasons.length - 1}
                onClick={() => move(index, index + 1)}
              >
                <IconArrowDown size={15} />
              </IconButton>
              <IconButton
                label={`Remove ${reason || "this reason"}`}
                disabled={reasons.length === 1}
                onClick={() => change({ away_reasons: reasons.filter((_, at) => at !== index) })}
              >
                <IconX size={15} />
              </IconButton>
            </span>
          </div>
        ))}
        <TextButton onClick={() => change({ away_reasons: [...reasons, ""] })}>
          <IconPlus size={14} /> Add a reason
        </TextButton>
      </div>
    </EditForm>
  );
}
