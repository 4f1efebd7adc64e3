import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { MacroItem } from "@/api/macros";
import { useNames } from "@/data/directory";
import { actionWords, macrosQuery } from "@/data/macros";
import { matching } from "@/parts/writing/matching";
import { IconButton } from "@/ui/Quiet";
import classes from "./macros.module.css";

interface MacroListProps {
  chosen: string | null;
  open: (macroId: string) => void;
}

/** Every macro that the agent uses or may change, found by its name. */
export function MacroList({ chosen, open }: MacroListProps): ReactNode {
  const { data, error } = useQuery(macrosQuery);
  const [text, setText] = useState("");
  const items = data?.items ?? [];
  const found = text
    ? matching(
        text,
        items.map((item) => ({ key: item.macro.macro_id, label: item.macro.name, item })),
        items.length,
      ).map(({ item }) => item)
    : items;
  return (
    <section className={classes.list} aria-label="Macros">
      <header>
        <h2>Macros</h2>
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
      <ul className="sb-scroll">
        {found.map((item) => (
          <Line
            key={item.macro.macro_id}
            item={item}
            chosen={item.macro.macro_id === chosen}
            open={() => open(item.macro.macro_id)}
          />
        ))}
      </ul>
      {data && found.length === 0 && (
        <p className={classes.nothing}>
          {text ? "None is called that." : "No macros yet. Write the answer you give most often."}
        </p>
      )}
      {error && !data && (
        <p className={classes.nothing} role="alert">
          {sentenceOf(error)}
        </p>
      )}
    </section>
  );
}

interface LineProps {
  item: MacroItem;
  chosen: boolean;
  open: () => void;
}

function Line({ item: { macro }, chosen, open }: LineProps): ReactNode {
  const names = useNames();
  const does = macro.actions.map((action) => actionWords(action, names)).join(" · ");
  const brands = macro.brand_ids.map((id) => names.brand(id)?.name).filter(Boolean);
  return (
    <li>
      <button type="button" aria-current={chosen || undefined} onClick={open}>
        <b className="sb-truncate">{macro.name}</b>
        <small className="sb-truncate">
          {[macro.personal ? "Only yours" : brands.join(", ") || "All brands", does]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </button>
    </li>
  );
}
