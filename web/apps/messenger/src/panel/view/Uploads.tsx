import { useState } from "preact/hooks";
import { Refused } from "../api";
import type { Language } from "../i18n";
import type { Messenger } from "../messenger";
import type { Attachment } from "../model/timeline";
import { CloseIcon, FileIcon } from "./icons";

const MOST = 10;

interface Upload {
  key: string;
  name: string;
  attachment?: Attachment;
  problem?: string;
}

export interface UploadList {
  all: readonly Upload[];
  done: readonly Attachment[];
  busy: boolean;
  full: boolean;
  add(files: readonly File[]): void;
  remove(key: string): void;
  clear(): void;
}

/** Files on their way to ingest before the message that carries them. */
export function useUploads(messenger: Messenger, language: Language): UploadList {
  const [all, setAll] = useState<readonly Upload[]>([]);
  const [full, setFull] = useState(false);
  const settle = (key: string, by: Partial<Upload>): void =>
    setAll((now) => now.map((each) => (each.key === key ? { ...each, ...by } : each)));

  const upload = async (file: File, key: string): Promise<void> => {
    try {
      settle(key, { attachment: await messenger.attach(file) });
    } catch (error) {
      const said = error instanceof Refused && !error.passing ? error.message : "";
      settle(key, { problem: said || language.t("uploadFailed", { name: file.name }) });
    }
  };
  return {
    all,
    full,
    done: all.flatMap((each) => each.attachment ?? []),
    busy: all.some((each) => !each.attachment && !each.problem),
    add(files) {
      const room = MOST - all.length;
      setFull(files.length > room);
      for (const file of files.slice(0, room)) {
        const key = crypto.randomUUID();
        setAll((now) => [...now, { key, name: file.name || "image.png" }]);
        void upload(file, key);
      }
    },
    remove: (key) => setAll((now) => now.filter((each) => each.key !== key)),
    clear: () => setAll([]),
  };
}

export function Uploads({ uploads, language }: { uploads: UploadList; language: Language }) {
  const { t } = language;
  if (!uploads.all.length) return null;
  return (
    <ul class="uploads">
      {uploads.all.map(({ key, name, attachment, problem }) => (
        <li key={key} class={problem ? "bad" : ""} aria-busy={!attachment && !problem}>
          <FileIcon />
          <span role={problem ? "alert" : "status"}>
            {!attachment && !problem && <span class="hidden">{t("uploading", { name })}</span>}
            <bdi>{problem ?? name}</bdi>
          </span>
          <button
            type="button"
            class="plain"
            aria-label={t("remove", { name })}
            onClick={() => uploads.remove(key)}
          >
            <CloseIcon />
          </button>
        </li>
      ))}
      {uploads.full && <li class="bad">{t("tooMany", { count: String(MOST) })}</li>}
    </ul>
  );
}
