import { IconUser } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { AgentStatus } from "@/api/people";
import classes from "./Avatar.module.css";

/** Initials of a name: two letters at most; nothing for a number or no name. */
export function initials(name: string): string {
  const words = name
    .replace(/[^\p{L}\s]/gu, "")
    .split(/\s+/)
    .filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0] ?? "");
  return letters.join("").toUpperCase();
}

interface AvatarProps {
  name: string;
  size?: number;
  status?: AgentStatus | undefined;
  accent?: boolean;
}

/** A person as initials; neutral for customers, tinted for colleagues, with a presence dot where known. */
export function Avatar({ name, size = 24, status, accent }: AvatarProps): ReactNode {
  return (
    <span
      className={classes.avatar}
      data-accent={accent || undefined}
      style={{ width: size, height: size, fontSize: Math.max(9, Math.round(size * 0.4)) }}
      // Drawn, and no text: beside a name it is no part of what is said.
      data-initials={initials(name) || undefined}
      aria-hidden
    >
      {!initials(name) && <IconUser size={Math.round(size * 0.62)} stroke={1.6} />}
      {status && <span className={classes.dot} data-status={status} />}
    </span>
  );
}
