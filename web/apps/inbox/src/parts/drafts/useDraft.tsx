/** What stands in a form: kept on the server while it is written, the same on every device, until it is sent. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Draft, Entered } from "@/api/drafts";
import { draftsQuery, type Letter, NO_DRAFT, showDraft } from "@/data/drafts";
import { waitsFor } from "@/data/undecided";
import type { DraftPlace } from "@/lib/draft-place";
import { isSame } from "@/lib/same";
import { SendKey } from "@/lib/send-key";
import { type Kept, type Sent, UNKNOWN, type Unsaved } from "./keeper";
import { isNothing, letterOf, NO_LETTER, since } from "./letters";
import { OtherDraft } from "./OtherDraft";
import { goOnAt, nameOf, underwayAt, unsavedAt, useKeeper } from "./useKeeper";

export interface FormDraft {
  letter: Letter;
  change: (part: Partial<Letter>) => void;
  /** The same for some of its fields; undefined: as if it was never entered. */
  enter: (fields: Record<string, Entered | undefined>) => void;
  discard: () => void;
  /**
   * Do what it was written for; throws what `work` throws, and then it is the draft again. What is written meanwhile
   * stays, or goes on where `onAt` says once it is done.
   */
  send: (work: () => Promise<unknown>, onAt?: () => DraftPlace | undefined) => Promise<void>;
  /** The same by a command that waits for the connection, and is kept as one meanwhile: false while it does. */
  sendOrWait: (work: (draft: Unsaved) => Promise<boolean>) => Promise<boolean>;
  /** The Idempotency-Key of what is sent: the same again until it was, also from a box that was left and opened anew. */
  key: (payload: unknown) => string;
  kept: Kept;
  /** Said when the same was written elsewhere; null: it was not. */
  notice: ReactNode;
}

const sendKeys = new Map<string, SendKey>();

/** `shown`: of a letter, told of what another device wrote, as its editor doesn't follow by itself. */
export function useDraft(place: DraftPlace, shown?: (letter: Letter) => void): FormDraft {
  const client = useQueryClient();
  const name = nameOf(place);
  const { data } = useQuery(draftsQuery(place.about));
  const said = data && (data[place.box] ?? NO_DRAFT);
  // What waits to be sent is no draft any more, though the server has it still.
  const latest = said && waitsFor(place) ? { ...NO_DRAFT, rev: said.rev } : said;
  const [start] = useState(() => ({
    rev: latest?.rev ?? UNKNOWN,
    unsaved: unsavedAt(place),
    underway: underwayAt(place),
  }));
  const [letter, setLetter] = useState(() => start.unsaved?.letter ?? letterOf(latest ?? NO_DRAFT));
  const { keeper, kept, other, ask } = useKeeper(place, start);
  /** As it is by now, whatever is on the screen still. */
  const now = useRef(letter);
  const away = useRef<Letter>(null);
  const put = (next: Letter): void => {
    now.current = next;
    setLetter(next);
  };
  const show = (draft: Draft): void => {
    keeper.adopt(draft);
    put(letterOf(draft));
    shown?.(now.current);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another draft of the server is news
  useEffect(() => {
    if (!latest) return;
    if (isNothing(letterOf(latest))) keeper.beginAt(latest.rev);
    if (latest.rev > keeper.revision && keeper.settled) show(latest);
  }, [latest]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was on its way when the box was opened is told of once
  useEffect(() => {
    let here = true;
    const gone = now.current;
    void start.underway?.then(() => {
      // Sent: nobody keeps it any more.
      if (here && now.current === gone && !unsavedAt(place)) {
        put(NO_LETTER);
        shown?.(NO_LETTER);
      }
    });
    return () => {
      here = false;
    };
  }, [start]);

  const change = (part: Partial<Letter>): void => {
    const next = { ...now.current, ...part };
    if (isSame(next, now.current)) return;
    put(next);
    keeper.write(away.current ? since(away.current, next) : next);
  };
  const enter = (fields: Record<string, Entered | undefined>): void => {
    const entered = Object.entries({ ...now.current.fields, ...fields });
    change({
      fields: Object.fromEntries(
        entered.flatMap(([id, value]) => (value === undefined ? [] : [[id, value]])),
      ),
    });
  };
  const discard = (): void => {
    change(NO_LETTER);
    shown?.(NO_LETTER);
  };
  const give = (
    work: (draft: Unsaved) => Promise<"sent" | "waits">,
    elsewhere: boolean,
    onAt?: () => DraftPlace | undefined,
  ): Promise<"sent" | "waits"> =>
    new Promise((done, refused) => {
      const gone = now.current;
      away.current = gone;
      // An editor speaks from here on of what is written behind it.
      now.current = { ...gone, html: "" };
      const outcome = async (refusing: () => void): Promise<Sent<"refused">> => {
        try {
          const came = await work({ rev: keeper.revision, letter: gone });
          sendKeys.delete(name);
          const next = onAt?.();
          const rest = since(gone, now.current);
          if (next) {
            keeper.drop();
            if (!isNothing(rest)) goOnAt(next, rest);
          }
          put(next ? NO_LETTER : rest);
          if (came === "sent") showDraft(client, place, { ...NO_DRAFT, rev: keeper.revision });
          done(came);
          return came;
        } catch (error) {
          refusing();
          put({ ...now.current, html: gone.html + now.current.html });
          refused(error);
          return "refused";
        } finally {
          away.current = null;
        }
      };
      void keeper
        .send(gone, outcome, ask, elsewhere)
        .then((came) => came === "refused" && keeper.write(now.current));
    });
  const send: FormDraft["send"] = async (work, onAt) => {
    const doing = async (): Promise<"sent"> => {
      await work();
      return "sent";
    };
    await give(doing, false, onAt);
  };
  const sendOrWait: FormDraft["sendOrWait"] = async (work) =>
    (await give(async (draft) => ((await work(draft)) ? "sent" : "waits"), true)) === "sent";
  const key = (payload: unknown): string => {
    const mine = sendKeys.get(name) ?? new SendKey();
    sendKeys.set(name, mine);
    return mine.for(payload);
  };
  const takeOther = (): void => {
    if (other) showDraft(client, place, other);
    const taken = keeper.takeOther();
    if (taken) show(taken);
  };
  const notice = other && (
    <OtherDraft other={other} keepMine={() => void keeper.keepMine()} takeOther={takeOther} boxed={!shown} />
  );
  return { letter, change, enter, discard, send, sendOrWait, key, kept, notice };
}
