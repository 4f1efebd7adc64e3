import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import { useMe } from "@/data/directory";
import { changePassword } from "@/data/people";
import { toast } from "@/ui/toast";
import classes from "./people.module.css";

const LEAST_CHARS = 12;

/** A new password, which signs out everywhere else. */
export function PasswordCard(): ReactNode {
  const client = useQueryClient();
  const me = useMe();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const isWrong = error instanceof ApiError && error.code === "wrong_password";
  const short = fresh !== "" && fresh.length < LEAST_CHARS;
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await changePassword(client, current, fresh);
      setCurrent("");
      setFresh("");
      toast("Your password is changed; everywhere else you are signed out");
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  };
  return (
    <form
      className={classes.card}
      data-fields
      aria-label="Password"
      onSubmit={(event) => void save(event)}
      noValidate
    >
      <h2>Password</h2>
      <input type="hidden" name="username" autoComplete="username" value={me?.agent.email ?? ""} readOnly />
      <PasswordInput
        label="Your password now"
        autoComplete="current-password"
        value={current}
        error={isWrong ? "This is not your password." : null}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <PasswordInput
        label="New password"
        description={`${LEAST_CHARS} characters or more. Everywhere else you are signed out.`}
        autoComplete="new-password"
        value={fresh}
        error={short ? `${LEAST_CHARS - fresh.length} more to go.` : null}
        onChange={(event) => setFresh(event.currentTarget.value)}
      />
      <p role="alert" className={classes.wrong}>
        {error !== null && !isWrong && sentenceOf(error)}
      </p>
      <div className={classes.actions}>
        <Button type="submit" loading={busy} disabled={!current || fresh.length < LEAST_CHARS}>
          Change the password
        </Button>
      </div>
    </form>
  );
}
