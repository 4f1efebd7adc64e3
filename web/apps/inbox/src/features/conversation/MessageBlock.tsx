import { Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Address, Message } from "@/api/types";
import { clockTime, fullTimes } from "@/lib/time";
import { Avatar } from "@/ui/Avatar";
import { IconButton } from "@/ui/Quiet";
import { Attachments } from "./Attachments";
import { DeliveryLine } from "./DeliveryLine";
import type { Block } from "./layout";
import classes from "./Message.module.css";
import { MessageBody } from "./MessageBody";
import { apartWords, joinedWords } from "./phrases";

type MessageOfBlock = Extract<Block, { kind: "message" }>;

const nameOf = (message: Message): string =>
  message.author.name || message.sender?.name || message.sender?.value || "Customer";

const list = (people: readonly Address[]): string =>
  people.map((each) => (each.name ? `${each.name} <${each.address}>` : each.address)).join(", ");

interface MessageBlockProps {
  block: MessageOfBlock;
  conversationId: string;
  /** The customer's; "" when it is unknown. */
  zone: string;
  isLastOwn: boolean;
}

/** One message: customers on the left, us on the right. */
export function MessageBlock({ block, conversationId, zone, isLastOwn }: MessageBlockProps): ReactNode {
  const { message, seq, joins, at, delivery } = block;
  const name = nameOf(message);
  const troubled = delivery && (delivery.state === "failed" || delivery.state === "bounced");
  return (
    <article
      className={classes.message}
      data-direction={message.direction}
      data-joins={joins || undefined}
      aria-label={`${message.direction === "in" ? "Message from" : "Reply by"} ${name}`}
    >
      <span className={classes.face}>
        {!joins && <Avatar name={name} size={28} accent={message.direction === "out"} />}
      </span>
      <div className={classes.column}>
        {!joins && (
          <header className={classes.who}>
            <b dir="auto">{name}</b>
            <time dateTime={at} title={fullTimes(at, zone)} className="sb-number">
              {clockTime(at)}
            </time>
            {message.automatic && <span className={classes.automatic}>automatic reply</span>}
          </header>
        )}
        <div className={classes.bubble}>
          <About message={message} zone={zone} />
          <MessageBody message={message} conversationId={conversationId} seq={seq} />
          <Attachments files={message.attachments} />
        </div>
        {delivery && (isLastOwn || troubled) && <DeliveryLine delivery={delivery} />}
      </div>
    </article>
  );
}

/** The message's own menu: who it went to, and why it is in this conversation. */
function About({ message, zone }: { message: Message; zone: string }): ReactNode {
  const [opened, setOpened] = useState(false);
  const rows = [
    ["From", message.sender ? list([{ address: message.sender.value, name: message.sender.name }]) : ""],
    ["To", list(message.to)],
    ["Cc", list(message.cc)],
    ["Bcc", list(message.bcc)],
    ["Subject", message.subject],
    ["Sent", fullTimes(message.sent_at ?? message.received_at, zone)],
    ["Why here", message.joined ? joinedWords(message.joined) : ""],
    ["Why apart", message.apart ? apartWords(message.apart) : ""],
  ].filter(([, value]) => value);
  return (
    <span className={classes.about} data-open={opened || undefined}>
      <Menu position="bottom-end" opened={opened} onChange={setOpened}>
        <Menu.Target>
          <IconButton label="About this message">
            <IconDots size={15} />
          </IconButton>
        </Menu.Target>
        <Menu.Dropdown>
          <dl className={classes.facts}>
            {rows.map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
