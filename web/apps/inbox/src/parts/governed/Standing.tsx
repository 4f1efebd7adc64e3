import { Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Governed } from "@/api/governed";
import { useNames } from "@/data/directory";
import { type Kind, useWho } from "@/data/governed";
import { type Act, actsOf, forceWords, othersWords, waitsWords } from "@/lib/governed";
import { momentLabel } from "@/lib/time";
import { useNow } from "@/ui/Ago";
import { ActDialog } from "./ActDialog";
import { ACTS } from "./acts";
import classes from "./governed.module.css";
import { StateBadge } from "./StateBadge";

interface StandingProps {
  kind: Kind;
  /** The latest version. */
  one: Governed & { name: string };
}

/** Where it stands, what it waits for, who said what of it, and what may be done now. */
export function Standing({ kind, one }: StandingProps): ReactNode {
  const names = useNames();
  const now = useNow();
  const who = useWho(kind);
  const { standing } = one;
  const ids = {
    team: (id: string) => names.teamName(id),
    brand: (id: string) => names.brand(id)?.name ?? id,
  };
  return (
    <section className={classes.standing} aria-label="Where it stands">
      <p>
        <StateBadge standing={standing} /> Version {one.version}
        {one.saved_by && ` by ${names.agentName(one.saved_by)}`}. {forceWords(standing, one.version, ids)}{" "}
        {waitsWords(standing)} {othersWords(standing, who, kind.plural)}
      </p>
      {standing.rationale && <blockquote dir="auto">{standing.rationale}</blockquote>}
      {standing.approvals.map((each) => (
        <p key={each.by}>
          Approved by {names.agentName(each.by)}, {momentLabel(each.at, now)}
          {each.comment && <>: “{each.comment}”</>}
        </p>
      ))}
      <footer>
        <small>Owner: {standing.owner_id ? names.agentName(standing.owner_id) : "nobody yet"}</small>
        <Acts kind={kind} one={one} />
      </footer>
    </section>
  );
}

/** The likeliest as a button, the others in a menu. */
function Acts({ kind, one }: StandingProps): ReactNode {
  const who = useWho(kind);
  const [acting, setActing] = useState<Act | null>(null);
  const may = actsOf(one.standing, who);
  const [first, ...others] = may;
  const leading = first && first !== "owner" && first !== "retire" ? first : null;
  const rest = leading ? others : may;
  return (
    <span className={classes.acts}>
      {rest.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={14} />}>
              More
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map((act) => (
              <Menu.Item key={act} {...(act === "retire" && { color: "red" })} onClick={() => setActing(act)}>
                {ACTS[act].label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {leading && <Button onClick={() => setActing(leading)}>{ACTS[leading].label}</Button>}
      {acting && <ActDialog kind={kind} one={one} act={acting} close={() => setActing(null)} />}
    </span>
  );
}
