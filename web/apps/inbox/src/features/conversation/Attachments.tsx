import { IconFile, IconFileText, IconMusic, IconPhoto, IconVideo } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Attachment } from "@/api/types";
import { sizeLabel } from "@/lib/size";
import classes from "./Message.module.css";

/** Raster kinds that the server sends inline; anything else is a download. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

function iconOf(type: string): ReactNode {
  if (type.startsWith("image/")) return <IconPhoto size={16} />;
  if (type.startsWith("audio/")) return <IconMusic size={16} />;
  if (type.startsWith("video/")) return <IconVideo size={16} />;
  return type.startsWith("text/") || type === "application/pdf" ? (
    <IconFileText size={16} />
  ) : (
    <IconFile size={16} />
  );
}

/** The files of a message: images as thumbnails, the rest as chips with their size. */
export function Attachments({ files }: { files: readonly Attachment[] }): ReactNode {
  const shown = files.filter((file) => !file.inline);
  if (shown.length === 0) return null;
  return (
    <ul className={classes.files}>
      {shown.map((file) => (
        <li key={file.id}>
          <a
            href={file.url}
            target="_blank"
            rel="noopener"
            title={`${file.name}, ${sizeLabel(file.size_bytes)}`}
            className={SHOWN.has(file.content_type) ? classes.thumb : classes.chip}
          >
            {SHOWN.has(file.content_type) && file.url ? (
              <img src={file.url} alt={file.name} loading="lazy" />
            ) : (
              <>
                {iconOf(file.content_type)}
                <span className="sb-truncate">{file.name}</span>
                <small className="sb-number">{sizeLabel(file.size_bytes)}</small>
              </>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}
