import type { ReactNode } from "react";
import { Section } from "@/parts/settings/Section";

interface GoneProps {
  title: string;
  what: string;
  open: (item: null) => void;
}

/** An address whose thing isn't there. */
export function Gone({ title, what, open }: GoneProps): ReactNode {
  return (
    <Section title={title} back={{ label: title, go: () => open(null) }}>
      <p role="alert">There is no such {what}.</p>
    </Section>
  );
}
