import { useEffect, useState } from "preact/hooks";
import type { Language } from "../i18n";
import type { Messenger } from "../messenger";
import type { State } from "../state";
import { Composer } from "./Composer";
import { Header } from "./Header";
import { Thread } from "./Thread";

interface Props {
  messenger: Messenger;
  language: Language;
  close: (() => void) | null;
}

function useMessenger(messenger: Messenger): State {
  const [state, setState] = useState(messenger.state);
  useEffect(() => {
    setState(messenger.state);
    return messenger.subscribe(() => setState(messenger.state));
  }, [messenger]);
  return state;
}

/** One line that says what is wrong and what happens next; null while all is well. */
function noticeOf(state: State, t: Language["t"]): string | null {
  if (state.phase === "refused") return t("refused");
  if (!state.online) return t("offline");
  if (state.phase === "away") return t("away");
  return null;
}

export function App({ messenger, language, close }: Props) {
  const state = useMessenger(messenger);
  const lost = useLater(state.phase === "ready" && state.online && !state.live, 2500);
  const notice = noticeOf(state, language.t) ?? (lost ? language.t("reconnecting") : null);
  return (
    <main class="panel">
      <Header state={state} language={language} close={close} />
      <div class="notice" role="status">
        {notice && <p>{notice}</p>}
      </div>
      <Thread messenger={messenger} state={state} language={language} />
      {state.booted && state.phase !== "refused" && (
        <Composer messenger={messenger} language={language} open={state.open} />
      )}
    </main>
  );
}

/** True once `wanted` has been so for a while: a blink of the network is not worth a word. */
function useLater(wanted: boolean, afterMs: number): boolean {
  const [is, setIs] = useState(false);
  useEffect(() => {
    if (!wanted) return setIs(false);
    const timer = setTimeout(() => setIs(true), afterMs);
    return () => clearTimeout(timer);
  }, [wanted, afterMs]);
  return is;
}
