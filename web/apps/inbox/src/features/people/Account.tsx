import { Button, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Me } from "@/api/people";
import { useMe, useNames } from "@/data/directory";
import { preferencesQuery, putPreferences, UNDO_SECONDS } from "@/data/drafts";
import { putProfile } from "@/data/people";
import { Section } from "@/parts/settings/Section";
import { toast } from "@/ui/toast";
import { AppCard } from "./AppCard";
import { PasswordCard } from "./PasswordCard";
import classes from "./people.module.css";
import { Sessions } from "./Sessions";

/** One's own account: who one is, how one signs in, and where. */
export default function Account(): ReactNode {
  const me = useMe();
  return (
    <Section title="Your account" hint="Your name, how you sign in, and where you are signed in.">
      {me && (
        <>
          <Profile me={me} />
          <Preferences />
          <PasswordCard />
          <AppCard />
          <Sessions />
        </>
      )}
    </Section>
  );
}

function Profile({ me }: { me: Me }): ReactNode {
  const client = useQueryClient();
  const { teams } = useNames();
  const [written, setWritten] = useState<string | null>(null);
  const name = written ?? me.agent.name;
  const [trouble, setTrouble] = useState("");
  const own = teams.filter((each) => me.agent.team_ids.includes(each.team_id)).map((each) => each.name);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    setTrouble("");
    putProfile(client, name).then(
      () => {
        setWritten((now) => (now === name ? null : now));
        toast("Your name is saved");
      },
      (error: unknown) => setTrouble(sentenceOf(error)),
    );
  };
  return (
    <form className={classes.card} data-fields aria-label="Profile" onSubmit={save} noValidate>
      <h2>Profile</h2>
      <TextInput
        label="Your name"
        description="As colleagues and customers read it."
        value={name}
        error={trouble || null}
        onChange={(event) => setWritten(event.currentTarget.value)}
      />
      <p>{[me.agent.email, me.role.name, ...own].join(" · ")}. An admin can change these.</p>
      <div className={classes.actions}>
        <Button type="submit" disabled={!name.trim() || name.trim() === me.agent.name}>
          Save
        </Button>
      </div>
    </form>
  );
}

const HOLDS = UNDO_SECONDS.map((seconds) => ({
  value: String(seconds),
  label: seconds ? `${seconds} seconds` : "Not at all",
}));

function Preferences(): ReactNode {
  const client = useQueryClient();
  const { data } = useQuery(preferencesQuery);
  return (
    <div className={classes.card} data-fields>
      <h2>Preferences</h2>
      <Select
        label="Replies can be taken back for"
        data={HOLDS}
        value={data ? String(data.undo_send_s) : null}
        allowDeselect={false}
        onChange={(value) =>
          value !== null &&
          putPreferences(client, { undo_send_s: Number(value) }).catch((error: unknown) =>
            toast(`That wasn’t kept. ${sentenceOf(error)}`, undefined, "error"),
          )
        }
      />
    </div>
  );
}
