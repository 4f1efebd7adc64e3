import { useCallback, useEffect, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Attachment } from "@/api/types";
import { upload } from "@/data/writing";

export interface Upload {
  key: string;
  name: string;
  size_bytes: number;
  type: string;
  /** For showing an image before it was sent; lives as long as the page. */
  preview: string | null;
  attachment: Attachment | null;
  error: string;
}

export interface Uploads {
  files: Upload[];
  /** Images standing in the text; the mail carries each under its content id. */
  inline: Attachment[];
  busy: boolean;
  add: (files: Iterable<File>) => void;
  remove: (key: string) => void;
  /** These were there when it was sent and are gone, failed ones too; what was added meanwhile stays. */
  sent: (gone: Pick<Uploads, "files" | "inline">) => void;
  /** These and no others, as they are kept. */
  reset: (attachments: readonly Attachment[]) => void;
  /** Keep one file that stands in the text; gives what was kept. */
  addInline: (file: File) => Promise<Attachment>;
}

/**
 * Files on their way to ingest. A failed one says why beside its name and can be taken away. `keep`: told what goes
 * along, whenever that is something else.
 */
export function useUploads(initial: Attachment[] = [], keep?: (attachments: Attachment[]) => void): Uploads {
  const [files, setFiles] = useState<Upload[]>(() => beside(initial));
  const going = keptFiles(files);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told of other files, not of another function
  useEffect(() => keep?.(going), [going.map(({ id }) => id).join()]);
  const [inline, setInline] = useState<Attachment[]>(() => within(initial));
  const change = useCallback((key: string, part: Partial<Upload>): void => {
    setFiles((now) => now.map((each) => (each.key === key ? { ...each, ...part } : each)));
  }, []);
  const add = useCallback(
    (added: Iterable<File>): void => {
      for (const file of added) {
        const entry = waiting(file);
        setFiles((now) => [...now, entry]);
        upload(file).then(
          (attachment) => change(entry.key, { attachment }),
          (error: unknown) => change(entry.key, { error: sentenceOf(error) }),
        );
      }
    },
    [change],
  );
  const remove = useCallback((key: string) => setFiles((now) => now.filter((each) => each.key !== key)), []);
  const reset = useCallback((attachments: readonly Attachment[]): void => {
    setFiles(beside(attachments));
    setInline(within(attachments));
  }, []);
  const sent = useCallback((gone: Pick<Uploads, "files" | "inline">): void => {
    const names = new Set([...gone.files.map(({ key }) => key), ...gone.inline.map(({ id }) => id)]);
    setFiles((now) => now.filter(({ key }) => !names.has(key)));
    setInline((now) => now.filter(({ id }) => !names.has(id)));
  }, []);
  const [placing, setPlacing] = useState(0);
  const addInline = useCallback(async (file: File): Promise<Attachment> => {
    setPlacing((now) => now + 1);
    try {
      const attachment = await upload(file);
      const shown = { ...attachment, inline: true, content_id: attachment.id };
      setInline((now) => [...now, shown]);
      return shown;
    } finally {
      setPlacing((now) => now - 1);
    }
  }, []);
  const busy = isBusy(files, placing);
  return { files, inline, busy, add, remove, sent, reset, addInline };
}

/** An image for the text counts before it stands there: sent now, the mail would go without it. */
export const isBusy = (files: readonly Upload[], placing: number): boolean =>
  placing > 0 || files.some((each) => !each.attachment && !each.error);

const beside = (all: readonly Attachment[]): Upload[] => all.filter((file) => !file.inline).map(kept);
const within = (all: readonly Attachment[]): Attachment[] => all.filter((file) => file.inline);

function kept(attachment: Attachment): Upload {
  const { id, name, size_bytes, content_type } = attachment;
  return { key: id, name, size_bytes, type: content_type, preview: null, attachment, error: "" };
}

function waiting(file: File): Upload {
  const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
  return {
    key: crypto.randomUUID(),
    name: file.name || "pasted-image.png",
    size_bytes: file.size,
    type: file.type,
    preview,
    attachment: null,
    error: "",
  };
}

/** What goes along, as it is sent: without links. The files that failed don't. */
export const keptFiles = (files: readonly Upload[]): Attachment[] =>
  files.flatMap(({ attachment }) => {
    if (!attachment) return [];
    const { url: _, ...file } = attachment;
    return [file];
  });
