import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { ApiError, sentenceOf, signIn } from "@/api/client";
import classes from "./SignIn.module.css";

/** What to do about a refusal, in words. */
export function adviceOn(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) {
    return "That email and password don’t belong together. Check both and try again; an admin can set a new password.";
  }
  if (error instanceof ApiError && error.status === 429) {
    return "Too many tries for now. Wait a minute, then try once more.";
  }
  return sentenceOf(error);
}

export function SignIn({ onDone }: { onDone: () => void }): ReactNode {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [advice, setAdvice] = useState("");
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · Switchboard";
    first.current?.focus();
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
      await signIn(email.trim(), password);
      onDone();
    } catch (error) {
      setAdvice(adviceOn(error));
      setBusy(false);
    }
  };

  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={(event) => void submit(event)} noValidate>
        <img src="/icon.svg" alt="" width={36} height={36} />
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
        <div role="alert" className={classes.advice}>
          {advice}
        </div>
        <Button type="submit" size="sm" fullWidth loading={busy}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
