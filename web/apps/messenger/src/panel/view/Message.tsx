import { useMemo } from "preact/hooks";
import type { Language } from "../i18n";
import type { Messenger } from "../messenger";
import type { Item } from "../model/outbox";
import type { Attachment } from "../model/timeline";
import { linked, rich } from "../rich";
import { FileIcon } from "./icons";

/** A message as drawn: from the timeline, or (with `item`) still on its way. */
export interface Shown {
  id: string;
  own: boolean;
  author_name: string;
  text: string;
  html: string | null;
  attachments: readonly Attachment[];
  at: string;
  item?: Item;
}

interface Props {
  shown: Shown;
  first: boolean;
  last: boolean;
  latestOwn: boolean;
  messenger: Messenger;
  language: Language;
}

export function Bubble({ shown, first, last, latestOwn, messenger, language }: Props) {
  const sides = `message ${shown.own ? "me" : "them"}${first ? " first" : ""}${last ? " last" : ""}`;
  const formatted = shown.own ? null : shown.html;
  const content = useMemo(() => (formatted ? rich(formatted) : linked(shown.text)), [formatted, shown.text]);
  return (
    <div class={sides}>
      {first && <Author shown={shown} language={language} />}
      {(shown.text || formatted) && (
        <div class={formatted ? "bubble rich" : "bubble"} dir="auto">
          {content}
        </div>
      )}
      {shown.attachments.map((file) => (
        <FileLink key={file.id} file={file} language={language.code} />
      ))}
      {shown.item?.step === "failed" ? (
        <NotSent item={shown.item} messenger={messenger} language={language} />
      ) : (
        (last || latestOwn) && <Below shown={shown} latestOwn={latestOwn} language={language} />
      )}
    </div>
  );
}

function Author({ shown, language }: { shown: Shown; language: Language }) {
  if (shown.own) return <span class="hidden">{language.t("you")}</span>;
  return (
    <span class="author" dir="auto">
      {shown.author_name}
    </span>
  );
}

function Below({ shown, latestOwn, language }: { shown: Shown; latestOwn: boolean; language: Language }) {
  const { t, code } = language;
  const step = shown.item?.step;
  const waits = step === "queued" && !navigator.onLine;
  const state = waits ? t("queued") : step === "queued" || step === "sending" ? t("sending") : t("sent");
  const at = new Date(shown.at);
  return (
    <span class="below">
      <time dateTime={shown.at} title={at.toLocaleString(code)}>
        {at.toLocaleTimeString(code, { hour: "numeric", minute: "2-digit" })}
      </time>
      {shown.own && latestOwn && ` · ${state}`}
    </span>
  );
}

function NotSent({ item, messenger, language }: { item: Item; messenger: Messenger; language: Language }) {
  const { t } = language;
  return (
    <div class="below failed" role="alert">
      <span>
        {t("failed")}
        {item.reason ? `: ${item.reason}` : "."}
      </span>{" "}
      <button type="button" onClick={() => messenger.again(item.client_id)}>
        {t("again")}
      </button>{" "}
      <button type="button" onClick={() => messenger.discard(item.client_id)}>
        {t("discard")}
      </button>
    </div>
  );
}

/** Bytes as people say them: "240 kB", "1.3 MB". */
export function sizeOf(bytes: number, language: string): string {
  const big = bytes >= 1_000_000;
  const value = big ? bytes / 1_000_000 : Math.max(1, Math.round(bytes / 1000));
  const options: Intl.NumberFormatOptions = { maximumFractionDigits: big ? 1 : 0, style: "unit" };
  return new Intl.NumberFormat(language, { ...options, unit: big ? "megabyte" : "kilobyte" }).format(value);
}

function FileLink({ file, language }: { file: Attachment; language: string }) {
  const picture = /^image\/(png|jpe?g|gif|webp)$/.test(file.content_type) && file.url;
  const inside = picture ? (
    <img src={file.url} alt={file.name} loading="lazy" />
  ) : (
    <>
      <FileIcon />
      <bdi>{file.name}</bdi>
      <small>{sizeOf(file.size_bytes, language)}</small>
    </>
  );
  const look = picture ? "file picture" : "file";
  if (!file.url) return <span class={look}>{inside}</span>;
  return (
    <a
      class={look}
      href={file.url}
      target="_blank"
      rel="noopener noreferrer"
      download={picture ? undefined : file.name}
    >
      {inside}
    </a>
  );
}
