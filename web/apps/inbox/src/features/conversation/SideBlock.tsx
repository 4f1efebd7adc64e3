import { IconEyeOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Address } from "@/api/types";
import { desk } from "@/lib/desk";
import { clockTime, fullTime } from "@/lib/time";
import { DeliveryLine } from "./DeliveryLine";
import type { Block } from "./layout";
import classes from "./Timeline.module.css";

const nameOf = (who: Address | undefined): string => who?.name || who?.address || "somebody";

interface SideBlockProps {
  block: Extract<Block, { kind: "side" }>;
  conversationId: string;
}

/** A mail of a side conversation where it happened; opens it. Hidden from the customer. */
export function SideBlock({ block, conversationId }: SideBlockProps): ReactNode {
  const { mail, sideId, delivery } = block;
  const out = mail.direction === "out";
  const others = mail.to.length - 1;
  const who = out ? `${block.by.name || "We"} wrote to ${nameOf(mail.to[0])}` : `${block.by.name} answered`;
  const more = out && others > 0 ? ` and ${others} more` : "";
  const troubled = delivery && (delivery.state === "failed" || delivery.state === "bounced");
  return (
    <>
      <button
        type="button"
        className={classes.side}
        aria-label={`Side conversation: ${who}${more}, ${mail.subject}`}
        onClick={() => desk.set({ side: { conversationId, sideId } })}
      >
        <span className={classes.sideWho}>
          <IconEyeOff size={13} aria-hidden />
          <b className="sb-truncate">
            {who}
            {more}
          </b>
          <time dateTime={block.at} title={fullTime(block.at)} className="sb-number">
            {clockTime(block.at)}
          </time>
        </span>
        <bdi className="sb-truncate">{mail.subject}</bdi>
        <bdi className={classes.sideText}>{mail.text || mail.attachments[0]?.name}</bdi>
      </button>
      {troubled && <DeliveryLine delivery={delivery} />}
    </>
  );
}
