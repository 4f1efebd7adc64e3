import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import type { LinkFor } from "@/api/account";
import { ApiError, ask, sentenceOf, signIn } from "@/api/client";
import classes from "./SignIn.module.css";

const LEAST_CHARS = 12;
const USED = "This link was used already or is too old. Ask for a new one.";

/** Opening a link: an invitation's first password, or a new one. `token` is what stands behind the address's `#`. */
export function NewPassword({ token, onDone }: { token: string; onDone: () => void }): ReactNode {
  const [link, setLink] = useState<LinkFor | null>(null);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [advice, setAdvice] = useState(token ? "" : USED);
  const [over, setOver] = useState(!token);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Your password · Switchboard";
    if (!token) return;
    ask<LinkFor>("/api/tickets/links/look", { token }).then(
      (found) => {
        setLink(found);
        setName(found.name);
      },
      (error) => {
        setAdvice(sentenceOf(error));
        setOver(error instanceof ApiError && error.status === 401);
      },
    );
  }, [token]);
  const joins = link?.kind === "invitation";

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!link) return;
    if (joins && !name.trim()) return setAdvice("Your name is missing.");
    if (password.length < LEAST_CHARS)
      return setAdvice(`Take a password of ${LEAST_CHARS} characters or more.`);
    setBusy(true);
    setAdvice("");
    try {
      await (joins
        ? ask("/api/tickets/invitations/accept", { token, password, name: name.trim() })
        : ask("/api/tickets/password-reset", { token, password }));
      // Who is asked for a code as well goes on at the sign-in page.
      await signIn(link.email, password).catch(() => null);
      onDone();
    } catch (error) {
      setAdvice(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <main className={classes.page}>
      <form className={classes.card} onSubmit={(event) => void submit(event)} noValidate>
        <img src="/icon.svg" alt="" width={36} height={36} />
        {link ? (
          <>
            <h1>{joins ? "Welcome" : "A new password"}</h1>
            <p>{joins ? `You are invited to Switchboard as ${link.email}.` : `For ${link.email}.`}</p>
            {joins && (
              <TextInput
                label="Your name"
                description="As colleagues and customers read it."
                autoComplete="name"
                size="sm"
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
            )}
            <input type="hidden" name="username" autoComplete="username" value={link.email} readOnly />
            <PasswordInput
              label="Password"
              description={`${LEAST_CHARS} characters or more; a few words are easiest to remember.`}
              autoComplete="new-password"
              size="sm"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </>
        ) : (
          over && <h1>This link is over</h1>
        )}
        <div role="alert" className={classes.advice}>
          {advice}
        </div>
        {link && (
          <Button type="submit" size="sm" fullWidth loading={busy}>
            {joins ? "Join" : "Set the password"}
          </Button>
        )}
        {over && (
          <Button component="a" href="/sign-in" variant="default" size="sm" fullWidth>
            To the sign-in page
          </Button>
        )}
      </form>
    </main>
  );
}
