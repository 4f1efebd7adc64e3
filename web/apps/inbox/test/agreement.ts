/**
 * Compiled, never run: what the services say they answer must be what the inbox reads. A change of theirs
 * that the inbox doesn't know fails the type check here; `npm run types` reads their documents anew.
 */

import type * as account from "@/api/account";
import type * as contacts from "@/api/contacts";
import type * as drafts from "@/api/drafts";
import type { components as IngestParts } from "@/api/generated/ingest";
import type { components as RoutingParts } from "@/api/generated/routing";
import type { components as TicketsParts } from "@/api/generated/tickets";
import type * as lists from "@/api/lists";
import type * as macros from "@/api/macros";
import type * as people from "@/api/people";
import type * as rules from "@/api/rules";
import type * as search from "@/api/search";
import type * as tries from "@/api/tries";
import type * as inbox from "@/api/types";
import type { Conditions } from "@/data/contacts";
import type { Decision, Decisions } from "@/data/decisions";
import type { NewConversation, Reply } from "@/data/writing";

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
  Reads<Tickets["SearchItems"], search.SearchItems>,
  Reads<Tickets["RemoteImages"], inbox.RemoteImages>,
  Reads<Tickets["TagCount"], inbox.TagCount>,
  Reads<Tickets["Session"], people.Session>,
  Reads<Tickets["View"], lists.View>,
  Reads<Tickets["Sidebar"], lists.Sidebar>,
  Reads<Tickets["Job"], lists.BulkJob>,
  Reads<Tickets["DraftAnswer"], drafts.Draft>,
  Reads<Tickets["Macros"], macros.Macros>,
  Reads<Tickets["FilledMacro"], macros.FilledMacro>,
  Reads<macros.MacroDraft & { seen_seq: number }, Tickets["MacroBody"]>,
  Reads<Tickets["MacroView"], macros.SharedMacro>,
  Reads<macros.MacroDraft, Tickets["MacroDraft"]>,
  Reads<Reply, Tickets["ReplyBody"]>,
  Reads<Tickets["HeldReply"], drafts.HeldReply>,
  Reads<Tickets["Preferences"], drafts.Preferences>,
  Reads<Tickets["Me"], people.Me>,
  Reads<Tickets["Ways"], account.Ways>,
  Reads<Tickets["Enrolment"], account.Enrolment>,
  Reads<Tickets["LinkAnswer"], account.LinkFor>,
  Reads<Tickets["SessionRow"], account.SessionRow>,
  Reads<Tickets["SecondFactor"], account.SecondFactor>,
  Reads<Tickets["AccountAnswer"], account.Account>,
  Reads<Tickets["Invitation"], account.SecretLink>,
  Reads<Tickets["Reset"], account.SecretLink>,
  Reads<Tickets["DirectoryAnswer"], people.Directory>,
  Reads<Tickets["ContactAnswer"], contacts.ContactAnswer>,
  Reads<Tickets["ContactItems"], contacts.ContactPage>,
  Reads<Tickets["ContactEntry"], contacts.ContactEntry>,
  Reads<Tickets["ContactConversations"], contacts.ContactConversations>,
  Reads<Tickets["Segments"], contacts.Segments>,
  Reads<Routing["AgentAvailability"], people.Availability>,
  Reads<Routing["DecisionView"], Decision>,
  Reads<Routing["DecisionList"], Decisions>,
  Reads<Routing["RuleSchema"], rules.RuleSchema>,
  Reads<Routing["RuleView"], rules.Rule>,
  Reads<Routing["TriedEvent"], tries.TriedEvent>,
  Reads<Routing["SimulationView"], tries.Simulation>,
  Reads<Ingest["Attachment"], inbox.Attachment>,
  // And what the inbox sends is what they take.
  Reads<NewConversation, Tickets["ComposeBody"]>,
  Reads<rules.KnownAction, Routing["RuleDraft"]["then"][number]>,
  Reads<lists.BulkAction, Tickets["BulkBody"]["action"]>,
  Reads<lists.Narrowed, Partial<Tickets["Narrowed"]>>,
  Reads<contacts.ProfileEdit & { seen_seq: number }, Partial<Tickets["EditBody"]>>,
  Reads<Conditions & { name: string }, Tickets["SegmentBody"]>,
];
