/** What the messenger knows at one moment; everything drawn is drawn from this. */

import type { Brand } from "./api";
import type { Item } from "./model/outbox";
import type { Entry } from "./model/timeline";

export interface State {
  /** Whether the page has said who sits there; until then nothing that is kept may show. */
  booted: boolean;
  /** connecting: no answer yet. ready. away: our server cannot be reached. refused: it knows no such brand. */
  phase: "connecting" | "ready" | "away" | "refused";
  brand: Brand | null;
  online: boolean;
  /** Whether answers arrive by themselves at this moment. */
  live: boolean;
  entries: readonly Entry[];
  outbox: readonly Item[];
  closed: boolean;
  open: boolean;
  unread: number;
  email: string;
  emailAsked: boolean;
}

export function initial(): State {
  return {
    booted: false,
    phase: "connecting",
    brand: null,
    online: navigator.onLine,
    live: false,
    entries: [],
    outbox: [],
    closed: false,
    open: false,
    unread: 0,
    email: "",
    emailAsked: true,
  };
}
