import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError, ask, sentenceOf } from "@/api/client";
import { focused } from "@/lib/focused";
import classes from "./SignIn.module.css";

/** Asking for a link to a new password. What is said is the same for every address. */
export default function Forgotten({ email, onBack }: { email: string; onBack: () => void }): ReactNode {
  const [address, setAddress] = useState(email);
  const [advice, setAdvice] = useState("");
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!address.trim()) return setAdvice("Type the email of your account.");
    setBusy(true);
    setAdvice("");
    try {
      await ask("/api/tickets/session/forgotten", { email: address.trim() });
      setAsked(true);
    } catch (error) {
      const often = error instanceof ApiError && error.status === 429;
      setAdvice(often ? "That was asked for too often. Wait 15 minutes, then try again." : sentenceOf(error));
    }
    setBusy(false);
  };
  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={(event) => void submit(event)} noValidate>
        <img src="/icon.svg" alt="" width={36} height={36} />
        <h1>{asked ? "Look at your mail" : "Forgot your password?"}</h1>
        {asked ? (
          <p role="status">
            If <b dir="auto">{address.trim()}</b> is the address of an account, a link to a new password is on
            its way there. It opens once, within an hour.
          </p>
        ) : (
          <>
            <p>We mail you a link to a new one.</p>
            <TextInput
              ref={focused}
              label="Email"
              type="email"
              autoComplete="username"
              size="sm"
              value={address}
              onChange={(event) => setAddress(event.currentTarget.value)}
            />
          </>
        )}
        <div role="alert" className={classes.advice}>
          {advice}
        </div>
        {!asked && (
          <Button type="submit" size="sm" fullWidth loading={busy}>
            Send the link
          </Button>
        )}
        <Button variant="default" size="sm" fullWidth onClick={onBack}>
          Back to sign in
        </Button>
      </form>
    </main>
  );
}
