import { Button, PasswordInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Enrolment, SecondFactor } from "@/api/account";
import { ApiError, sentenceOf } from "@/api/client";
import { beginFactor, confirmFactor, newRecoveryCodes, removeFactor, secondFactorQuery } from "@/data/people";
import { AppSetup, CodeField, RecoveryCodes } from "@/parts/account/Secrets";
import { toast } from "@/ui/toast";
import classes from "./people.module.css";

type Step = "rest" | "begin" | "confirm" | "codes" | "remove";

const SUBMITS: Record<Step, string> = {
  rest: "",
  begin: "Go on",
  confirm: "Turn it on",
  codes: "Make new codes",
  remove: "Remove it",
};

function standing(factor: SecondFactor): string {
  if (!factor.on) return "A second step at sign-in: a stolen password alone opens nothing.";
  const left = factor.recovery_codes_left;
  return `On. ${left === 1 ? "One recovery code is" : `${left} recovery codes are`} left.`;
}

/** The authenticator app: set up, renew its recovery codes, remove. Each asks for the password again. */
export function AppCard(): ReactNode {
  const client = useQueryClient();
  const { data: factor } = useQuery(secondFactorQuery);
  const [step, setStep] = useState<Step>("rest");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  if (!factor) return null;
  const go = (to: Step): void => {
    setStep(to);
    setPassword("");
    setCode("");
    setError(null);
  };
  const isWrong = (name: string): string | null =>
    error instanceof ApiError && error.code === `wrong_${name}` ? error.message : null;

  const carryOut = async (): Promise<void> => {
    if (step === "begin") {
      setEnrolment(await beginFactor(password));
      go("confirm");
    } else if (step === "remove") {
      await removeFactor(client, password, code);
      toast("The authenticator app is removed");
      go("rest");
    } else {
      setCodes(
        step === "confirm"
          ? await confirmFactor(client, code)
          : await newRecoveryCodes(client, password, code),
      );
      go("rest");
    }
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await carryOut();
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  };
  const other = error !== null && !isWrong("password") && !isWrong("code");
  return (
    <form
      className={classes.card}
      data-fields
      aria-label="Authenticator app"
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      <h2>Authenticator app</h2>
      {!codes && <p>{standing(factor)}</p>}
      {codes && <RecoveryCodes codes={codes} />}
      {step === "confirm" && enrolment && <AppSetup enrolment={enrolment} />}
      {(step === "begin" || step === "codes" || step === "remove") && (
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          value={password}
          error={isWrong("password")}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      )}
      {step !== "rest" && step !== "begin" && (
        <CodeField label="Code" value={code} onChange={setCode} error={isWrong("code")} />
      )}
      {other && (
        <p role="alert" className={classes.wrong}>
          {sentenceOf(error)}
        </p>
      )}
      <div className={classes.actions}>
        {step !== "rest" && (
          <>
            <Button type="submit" loading={busy}>
              {SUBMITS[step]}
            </Button>
            <Button variant="default" onClick={() => go("rest")}>
              Cancel
            </Button>
          </>
        )}
        {step === "rest" && codes && <Button onClick={() => setCodes(null)}>I have kept them</Button>}
        {step === "rest" && !codes && !factor.on && (
          <Button variant="default" onClick={() => go("begin")}>
            Set up an app
          </Button>
        )}
        {step === "rest" && !codes && factor.on && (
          <>
            <Button variant="default" onClick={() => go("codes")}>
              New recovery codes
            </Button>
            {!factor.required && (
              <Button variant="default" onClick={() => go("remove")}>
                Remove the app
              </Button>
            )}
          </>
        )}
      </div>
    </form>
  );
}
