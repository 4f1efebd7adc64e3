import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import { useNames } from "@/data/directory";
import { MACROS, useWho } from "@/data/governed";
import { actionWords, macrosQuery, sharedMacrosQuery } from "@/data/macros";
import { isReviewed } from "@/lib/governed";
import type { SectionProps } from "@/lib/settings";
import { Retired } from "@/parts/governed/Retired";
import { StateBadge } from "@/parts/governed/StateBadge";
import { TermsButton } from "@/parts/governed/TermsButton";
import { matching } from "@/parts/writing/matching";
import { IconButton } from "@/ui/Quiet";
import classes from "./macros.module.css";
import { type Row, rowsOf } from "./rows";

interface MacroListProps {
  chosen: string | null;
  open: SectionProps["open"];
}

/** Every macro that the agent uses, writes or reviews, found by its name. */
export function MacroList({ chosen, open }: MacroListProps): ReactNode {
  const { mayWrite, mayApprove } = useWho(MACROS);
  const governs = mayWrite || mayApprove;
  const { data, error } = useQuery(macrosQuery);
  const { data: shared, error: noneShared } = useQuery({ ...sharedMacrosQuery, enabled: governs });
  const [text, setText] = useState("");
  const rows = rowsOf(data?.items ?? [], (governs && shared) || null);
  const trouble = (data ? null : error) ?? (shared ? null : noneShared);
  const found = text
    ? matching(
        text,
        rows.map((row) => ({ label: row.name, row })),
        rows.length,
      ).map(({ row }) => row)
    : rows;
  return (
    <section className={classes.list} aria-label="Macros">
      <header>
        <h2>Macros</h2>
        <TermsButton kind={MACROS} />
        <IconButton label="New macro" onClick={() => open("new")}>
          <IconPlus size={17} />
        </IconButton>
      </header>
      <input
        type="search"
        className={classes.find}
        placeholder="Find a macro"
        aria-label="Find a macro"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={`${classes.scroll} sb-scroll`}>
        <ul>
          {found.map((row) => (
            <Line key={row.id} row={row} chosen={row.id === chosen} open={open} />
          ))}
        </ul>
        {data && (shared || !governs) && found.length === 0 && (
          <p className={classes.nothing}>
            {text ? "None is called that." : "No macros yet. Write the answer you give most often."}
          </p>
        )}
        {governs && (
          <div className={classes.retired}>
            <Retired kind={MACROS} open={open} />
          </div>
        )}
      </div>
      {trouble && (
        <p className={classes.nothing} role="alert">
          {sentenceOf(trouble)}
        </p>
      )}
    </section>
  );
}

interface LineProps {
  row: Row;
  chosen: boolean;
  open: SectionProps["open"];
}

/** What is in review opens there. */
function Line({ row, chosen, open }: LineProps): ReactNode {
  const names = useNames();
  const does = row.actions.map((action) => actionWords(action, names)).join(" · ");
  const brands = row.brand_ids.map((id) => names.brand(id)?.name).filter(Boolean);
  const { standing } = row;
  return (
    <li>
      <button
        type="button"
        aria-current={chosen || undefined}
        onClick={() => open(row.id, standing && isReviewed(standing) ? "versions" : undefined)}
      >
        <span className={classes.name}>
          <b className="sb-truncate">
            <bdi>{row.name}</bdi>
          </b>
          {standing && <StateBadge standing={standing} />}
        </span>
        <small className="sb-truncate">
          {[row.personal ? "Only yours" : brands.join(", ") || "All brands", does]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </button>
    </li>
  );
}
