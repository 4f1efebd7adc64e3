import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import type { Ways } from "@/api/account";
import { ApiError, ask, sentenceOf, signIn } from "@/api/client";
import { focused } from "@/lib/focused";
import { TextButton } from "@/ui/Quiet";
import classes from "./SignIn.module.css";

const Enrol = lazy(() => import("./Enrol"));
const Forgotten = lazy(() => import("./Forgotten"));

/** What the sign-in provider's way back says, in words. */
const PROBLEMS: Record<string, string> = {
  oidc_unknown: "Nobody here has that account. Ask an admin for an invitation.",
  oidc_other_account: "You signed in with another account before. Ask an admin to unlink it.",
  oidc_not_begun: "That sign-in took too long, or was begun in another tab. Start it again.",
  oidc_away: "The sign-in service gives no answer. Try again, or sign in with your password.",
  too_many_attempts: "Too many sign-ins failed. Wait 15 minutes, then try again.",
};

/** What to do about a refusal, in words. */
export function adviceOn(error: unknown): string {
  if (error instanceof ApiError && error.code === "wrong_code") return error.message;
  if (error instanceof ApiError && error.status === 401) {
    return "That email and password don’t belong together. Check both and try again, or ask for a new password.";
  }
  if (error instanceof ApiError && error.status === 429) {
    return "Too many tries for now. Wait a minute, then try once more.";
  }
  return sentenceOf(error);
}

const problemWords = (problem: string | undefined): string =>
  problem ? (PROBLEMS[problem] ?? "That sign-in could not be checked. Start it again.") : "";

type Step = "password" | "code" | "enrol" | "forgotten";

interface SignInProps {
  onDone: () => void;
  /** Where a sign-in elsewhere comes back to. */
  back: string;
  /** Why one elsewhere failed: a stable code. */
  problem?: string | undefined;
}

export function SignIn({ onDone, back, problem }: SignInProps): ReactNode {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [step, setStep] = useState<Step>("password");
  const [advice, setAdvice] = useState(problemWords(problem));
  const [busy, setBusy] = useState(false);
  const [ways, setWays] = useState<Ways | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · Switchboard";
    first.current?.focus();
    // Without an answer the password is the way; what is wrong shows when it is tried.
    ask<Ways>("/api/tickets/session/ways").then(setWays, () => setWays(null));
  }, []);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!email.trim() || !password) {
      setAdvice(email.trim() ? "Your password is missing." : "Type the email of your account.");
      return;
    }
    setBusy(true);
    setAdvice("");
    try {
      await signIn(email.trim(), password, step === "code" ? code.trim() : undefined);
      onDone();
    } catch (error) {
      setBusy(false);
      const missing = error instanceof ApiError ? error.code : "";
      if (missing === "second_factor_needed") setStep("code");
      else if (missing === "enrolment_needed") setStep("enrol");
      else setAdvice(adviceOn(error));
    }
  };

  if (step === "enrol") {
    return (
      <Suspense>
        <Enrol email={email.trim()} password={password} onDone={onDone} onBack={() => setStep("password")} />
      </Suspense>
    );
  }
  if (step === "forgotten") {
    return (
      <Suspense>
        <Forgotten email={email.trim()} onBack={() => setStep("password")} />
      </Suspense>
    );
  }
  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={(event) => void submit(event)} noValidate>
        <img src="/icon.svg" alt="" width={36} height={36} />
        {step === "password" ? (
          <>
            <h1>Welcome back</h1>
            <p>Sign in to pick up where your customers are waiting.</p>
            <TextInput
              ref={first}
              label="Email"
              type="email"
              autoComplete="username"
              size="sm"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              size="sm"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <TextButton className={classes.forgotten} onClick={() => setStep("forgotten")}>
              Forgot your password?
            </TextButton>
          </>
        ) : (
          <>
            <h1>Is it you?</h1>
            <p>Type the code that your authenticator app shows, or one of your recovery codes.</p>
            <TextInput
              ref={focused}
              label="Code"
              autoComplete="one-time-code"
              spellCheck={false}
              size="sm"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          </>
        )}
        <div role="alert" className={classes.advice}>
          {advice}
        </div>
        <Button type="submit" size="sm" fullWidth loading={busy}>
          Sign in
        </Button>
        {step === "code" && (
          <Button variant="default" size="sm" fullWidth onClick={() => setStep("password")}>
            Back
          </Button>
        )}
        {step === "password" && ways?.oidc && (
          <Button
            component="a"
            variant="default"
            size="sm"
            fullWidth
            href={`/api/tickets/session/oidc?${new URLSearchParams({ back })}`}
          >
            Sign in with {ways.oidc.name}
          </Button>
        )}
      </form>
    </main>
  );
}
