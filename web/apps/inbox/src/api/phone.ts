/** Calls that agents start, as the tickets service tells of them. */
export type CallOutcome = "reached" | "no_answer" | "voicemail" | "busy" | "wrong_number";
export type DialState = "requested" | "dialed" | "failed" | "unknown";

/** The call that was asked for last; `reason` is a sentence when there is none. */
export interface Dial {
  request_id: string;
  number: string;
  line: string;
  agent_id: string;
  state: DialState;
  code: string;
  reason: string;
  asked_at: string;
  retry_at?: string | null;
}

/** What the events of such calls say beyond who and when. */
export interface CallEvents {
  CallRequested: { request_id: string; number: string; line: string; agent_id: string };
  DialUpdated: Pick<Dial, "request_id" | "number" | "state" | "code" | "reason" | "retry_at">;
  CallAttempted: { attempt: number; outcome: CallOutcome; note: string; number: string };
}
