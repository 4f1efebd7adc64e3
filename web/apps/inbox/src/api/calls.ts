/** A phone call, as the tickets service tells it. */
export type CallState = "created" | "ringing" | "answered" | "ended";

export interface Call {
  call_id: string;
  direction: "inbound" | "outbound";
  state: CallState;
  number: string;
  line: string;
  line_name: string;
  agent_email: string;
  agent_name: string;
  started_at?: string | null;
  answered_at?: string | null;
  ended_at?: string | null;
  duration_s?: number | null;
  missed_reason: string;
  recording_url: string;
  voicemail_url: string;
  comments: string[];
  tags: string[];
}
