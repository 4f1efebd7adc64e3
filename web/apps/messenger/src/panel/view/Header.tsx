import type { Language } from "../i18n";
import { people } from "../model/timeline";
import type { State } from "../state";
import { CloseIcon } from "./icons";

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "").join("");
}

interface Props {
  state: State;
  language: Language;
  close: (() => void) | null;
}

/** Whose chat this is, who answers and when. */
export function Header({ state, language, close }: Props) {
  const { brand } = state;
  const connecting = state.phase === "connecting";
  const answered = people(state.entries);
  return (
    <header class="header">
      {brand && (
        <div class="faces" aria-hidden="true">
          {(answered.length ? answered : [brand.name]).map((name) => (
            <span class="face" key={name}>
              {initials(name)}
            </span>
          ))}
        </div>
      )}
      <div class="who">
        <h1>{brand && <bdi>{brand.name}</bdi>}</h1>
        <p>{brand ? <bdi>{brand.messenger.answers_in}</bdi> : connecting && language.t("connecting")}</p>
      </div>
      {close && (
        <button type="button" class="plain" aria-label={language.t("close")} onClick={close}>
          <CloseIcon />
        </button>
      )}
    </header>
  );
}
