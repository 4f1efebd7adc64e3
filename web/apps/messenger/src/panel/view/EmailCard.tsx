import { useState } from "preact/hooks";
import type { Language } from "../i18n";
import type { Messenger } from "../messenger";
import { MailIcon } from "./icons";

const ADDRESS = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/** Asks once, after the first message, where to write when the visitor has left the page. */
export function EmailCard({ messenger, language }: { messenger: Messenger; language: Language }) {
  const { t } = language;
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!ADDRESS.test(email.trim())) return setProblem(t("emailInvalid"));
    setBusy(true);
    try {
      await messenger.giveEmail(email.trim());
    } catch {
      setProblem(t("emailFailed"));
      setBusy(false);
    }
  };
  return (
    <form class="card" onSubmit={save} noValidate>
      <strong>
        <MailIcon /> {t("emailTitle")}
      </strong>
      <p id="email-hint">{t("emailHint")}</p>
      <div class="field">
        <input
          type="email"
          name="email"
          autoComplete="email"
          dir="ltr"
          aria-label={t("email")}
          aria-describedby="email-hint email-problem"
          aria-invalid={problem !== ""}
          placeholder="name@example.com"
          value={email}
          onInput={(event) => {
            setEmail(event.currentTarget.value);
            setProblem("");
          }}
        />
        <button type="submit" class="filled" disabled={busy}>
          {t("save")}
        </button>
      </div>
      <p id="email-problem" class="problem" role="alert">
        {problem}
      </p>
      <button type="button" class="text" onClick={() => messenger.skipEmail()}>
        {t("notNow")}
      </button>
    </form>
  );
}
