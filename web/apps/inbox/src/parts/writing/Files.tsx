import { IconPaperclip, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { sizeLabel } from "@/lib/size";
import type { Uploads } from "./useUploads";
import classes from "./writing.module.css";

/** The files that will go along. */
export function Files({ uploads }: { uploads: Uploads }): ReactNode {
  if (uploads.files.length === 0) return null;
  return (
    <ul className={classes.files} aria-label="Attachments">
      {uploads.files.map((file) => (
        <li
          key={file.key}
          data-error={Boolean(file.error) || undefined}
          data-busy={!file.attachment || undefined}
        >
          {file.preview ? <img src={file.preview} alt="" /> : <IconPaperclip size={14} />}
          <span className="sb-truncate">{file.name}</span>
          <small className="sb-number">{file.error || sizeLabel(file.size_bytes)}</small>
          <button type="button" aria-label={`Remove ${file.name}`} onClick={() => uploads.remove(file.key)}>
            <IconX size={12} />
          </button>
        </li>
      ))}
    </ul>
  );
}
