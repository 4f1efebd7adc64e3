import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Account, SecretLink } from "@/api/account";
import { sentenceOf } from "@/api/client";
import type { Agent } from "@/api/people";
import { useMe } from "@/data/directory";
import {
  inviteAgain,
  makeReset,
  putAgent,
  removeAgentsFactor,
  signOutAgent,
  unlinkAgent,
  withdrawInvitation,
} from "@/data/people";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { useEdit } from "@/parts/settings/useEdit";
import { Ago } from "@/ui/Ago";
import { toast } from "@/ui/toast";
import { AgentFields, agentEdit } from "./AgentFields";
import { LinkCard } from "./LinkCard";
import classes from "./people.module.css";
import { standingWords } from "./words";

interface AgentFormProps {
  agent: Agent;
  account: Account | undefined;
  done: () => void;
}

/** One agent: what they work on, how they sign in, and whether they are with us. */
export function AgentForm({ agent, account, done }: AgentFormProps): ReactNode {
  const client = useQueryClient();
  const me = useMe();
  const editing = useEdit(agent, agentEdit);
  const [link, setLink] = useState<{ made: SecretLink; kind: "invitation" | "reset" } | null>(null);
  const [leaving, setLeaving] = useState(false);
  const own = me?.agent.agent_id === agent.agent_id;
  const id = agent.agent_id;
  const joined = agent.active || account?.has_password;

  const put = async (seen_seq: number, active: boolean): Promise<void> => {
    await putAgent(client, id, { ...editing.edit, active, seen_seq });
  };
  const save = async (seenSeq: number): Promise<void> => {
    await put(seenSeq, agent.active);
    toast(`Saved ${editing.edit.name}`);
    done();
  };
  const run = (work: Promise<unknown>, said: string): void => {
    work.then(
      () => toast(said),
      (error: unknown) => toast(sentenceOf(error), undefined, "error"),
    );
  };
  const tell = (kind: "invitation" | "reset", asked: Promise<SecretLink>): void => {
    asked.then(
      (made) => setLink({ made, kind }),
      (error: unknown) => toast(sentenceOf(error), undefined, "error"),
    );
  };
  const setActive = (active: boolean): void =>
    void editing.submit(async (seenSeq) => {
      await put(seenSeq, active);
      toast(active ? `${agent.name} is with us again` : `${agent.name} is deactivated`);
      done();
    });
  return (
    <EditForm
      title={agent.name}
      hint={standingWords(agent, account)}
      back={{ label: "Back to the agents", go: done }}
      editing={editing}
      save={save}
    >
      <AgentFields editing={editing} />
      <Fields name="Signing in">
        <p className={classes.note}>
          {signInWords(account)}
          {account?.last_seen_at && (
            <>
              {" "}
              Last here <Ago at={account.last_seen_at} />.
            </>
          )}
        </p>
        {link && <LinkCard made={link.made} agent={agent} kind={link.kind} />}
        <div className={classes.actions}>
          {!joined && (
            <Button variant="default" onClick={() => tell("invitation", inviteAgain(client, id))}>
              {account?.invited_until ? "New invitation link" : "Invite again"}
            </Button>
          )}
          {account?.invited_until && (
            <Button
              variant="default"
              onClick={() => run(withdrawInvitation(client, id), "The invitation is withdrawn")}
            >
              Withdraw the invitation
            </Button>
          )}
          {agent.active && (
            <>
              <Button variant="default" onClick={() => tell("reset", makeReset(client, id))}>
                Link for a new password
              </Button>
              <Button
                variant="default"
                disabled={own}
                onClick={() => run(signOutAgent(client, id), `${agent.name} is signed out everywhere`)}
              >
                Sign out everywhere
              </Button>
            </>
          )}
          {account?.second_factor && (
            <Button
              variant="default"
              onClick={() => run(removeAgentsFactor(client, id), "Their authenticator app is removed")}
            >
              Remove the authenticator app
            </Button>
          )}
          {account?.linked && (
            <Button variant="default" onClick={() => run(unlinkAgent(client, id), "The account is unlinked")}>
              Unlink their sign-in account
            </Button>
          )}
        </div>
      </Fields>
      {(agent.active || joined) && (
        <Fields name={agent.active ? "Leaving" : "Coming back"}>
          <p className={classes.note}>
            {agent.active
              ? "They are signed out at once, and their open conversations and tickets go back to the teams. Everything they did keeps their name."
              : "They can sign in again as before."}
          </p>
          <div className={classes.actions}>
            {!agent.active && (
              <Button variant="default" onClick={() => setActive(true)}>
                Activate
              </Button>
            )}
            {agent.active && !leaving && (
              <Button variant="default" disabled={own} onClick={() => setLeaving(true)}>
                Deactivate…
              </Button>
            )}
            {leaving && (
              <>
                <Button color="red" loading={editing.busy} onClick={() => setActive(false)}>
                  Deactivate {agent.name}
                </Button>
                <Button variant="default" onClick={() => setLeaving(false)}>
                  Keep
                </Button>
              </>
            )}
          </div>
        </Fields>
      )}
    </EditForm>
  );
}

function signInWords(account: Account | undefined): string {
  if (!account) return "";
  const ways = [account.has_password && "a password", account.linked && "an account of the sign-in service"];
  const known = ways.filter(Boolean).join(" and ");
  if (!known) return "They have not joined yet.";
  return `With ${known}${account.second_factor ? ", and an authenticator app" : ""}.`;
}
