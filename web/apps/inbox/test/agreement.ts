/**
 * Compiled, never run: what the services say they answer must be what the inbox reads. A change of theirs
 * that the inbox doesn't know fails the type check here; `npm run types` reads their documents anew.
 */

import type { components as IngestParts } from "@/api/generated/ingest";
import type { components as RoutingParts } from "@/api/generated/routing";
import type { components as TicketsParts } from "@/api/generated/tickets";
import type * as inbox from "@/api/types";
import type { Decision } from "@/data/decisions";
import type { NewConversation } from "@/data/writing";

type Tickets = TicketsParts["schemas"];
type Routing = RoutingParts["schemas"];
type Ingest = IngestParts["schemas"];

/** What `Answered` gives can be read as `Read`. */
type Reads<Answered extends Read, Read> = [Answered, Read];

export type Agreement = [
  Reads<Tickets["Head"], inbox.Head>,
  Reads<Tickets["Items"], inbox.ConversationPage>,
  Reads<Tickets["ConversationAnswer"], inbox.ConversationRow>,
  Reads<Tickets["Counts"], inbox.InboxCounts>,
  Reads<Tickets["TagCount"], inbox.TagCount>,
  Reads<Tickets["Session"], inbox.Session>,
  Reads<Tickets["Me"], inbox.Me>,
  Reads<Tickets["DirectoryAnswer"], inbox.Directory>,
  Reads<Routing["AgentAvailability"], inbox.Availability>,
  Reads<Routing["DecisionView"], Decision>,
  Reads<Ingest["Attachment"], inbox.Attachment>,
  // And what the inbox sends is what they take.
  Reads<NewConversation, Tickets["ComposeBody"]>,
];
