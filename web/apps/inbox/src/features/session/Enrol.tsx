import { Button } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import type { Enrolment } from "@/api/account";
import { ask, refresh, sentenceOf, signIn } from "@/api/client";
import { AppSetup, CodeField, RecoveryCodes } from "@/parts/account/Secrets";
import classes from "./SignIn.module.css";

interface EnrolProps {
  email: string;
  password: string;
  onDone: () => void;
  onBack: () => void;
}

/** Setting up an authenticator app before the first sign-in in a role that asks for one. */
export default function Enrol({ email, password, onDone, onBack }: EnrolProps): ReactNode {
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<string[] | null>(null);
  const [advice, setAdvice] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    ask<Enrolment>("/api/tickets/session/second-factor", { email, password }).then(setEnrolment, (error) =>
      setAdvice(sentenceOf(error)),
    );
  }, [email, password]);

  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setAdvice("");
    try {
      await work();
    } catch (error) {
      setAdvice(sentenceOf(error));
    }
    setBusy(false);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      if (codes) {
        await refresh();
        onDone();
        return;
      }
      const session = await signIn(email, password, code.trim());
      if (session.recovery_codes) setCodes(session.recovery_codes);
      else onDone();
    });
  };
  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={submit} noValidate>
        <img src="/icon.svg" alt="" width={36} height={36} />
        <h1>{codes ? "That’s it" : "One more thing"}</h1>
        {codes ? (
          <RecoveryCodes codes={codes} />
        ) : (
          <>
            <p>Your role asks for an authenticator app, so that a stolen password opens nothing.</p>
            {enrolment && <AppSetup enrolment={enrolment} />}
            <CodeField
              label="Code"
              value={code}
              onChange={setCode}
              hint="The six digits that the app shows now."
            />
          </>
        )}
        <div role="alert" className={classes.advice}>
          {advice}
        </div>
        <Button type="submit" size="sm" fullWidth loading={busy} disabled={!codes && !enrolment}>
          {codes ? "I have kept them" : "Sign in"}
        </Button>
        {!codes && (
          <Button variant="default" size="sm" fullWidth onClick={onBack}>
            Back
          </Button>
        )}
      </form>
    </main>
  );
}
