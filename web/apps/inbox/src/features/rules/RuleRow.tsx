import { Menu, Switch } from "@mantine/core";
import { IconDots, IconGripVertical } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useNames } from "@/data/directory";
import { RULES, usePublishes, useWho } from "@/data/governed";
import type { KeptRule } from "@/data/rules";
import type { SectionProps } from "@/lib/settings";
import { agoInWords, fullTime } from "@/lib/time";
import { StateBadge } from "@/parts/governed/StateBadge";
import { useNow } from "@/ui/Ago";
import { IconButton } from "@/ui/Quiet";
import { duplicateRule, retireRule, switchRule } from "./acts";
import classes from "./rules.module.css";

interface RuleRowProps {
  rule: KeptRule;
  number: number;
  /** What it does, as a sentence. */
  words: string;
  /** What its handle listens to; null: it can't be moved now. */
  grip: object | null;
  dragged: boolean;
  open: SectionProps["open"];
}

export function RuleRow({ rule, number, words, grip, dragged, open }: RuleRowProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const { mayWrite, mayPublish } = useWho(RULES);
  const publishes = usePublishes(RULES);
  const now = useNow();
  const [busy, setBusy] = useState(false);
  const once = async (act: Promise<void>): Promise<void> => {
    setBusy(true);
    await act;
    setBusy(false);
  };
  const brands = rule.brand_ids.map((id) => names.brand(id));
  return (
    <li
      data-key={rule.id}
      data-dragged={dragged || undefined}
      data-off={!rule.enabled || undefined}
      aria-label={rule.name}
    >
      {grip ? (
        <button type="button" className={classes.grip} {...grip}>
          <IconGripVertical size={14} aria-hidden />
        </button>
      ) : (
        <span className={classes.grip} />
      )}
      <span className={`${classes.number} sb-number`}>{number}</span>
      <button type="button" className={classes.open} onClick={() => open(rule.id)}>
        <span className={classes.name}>
          <b className="sb-truncate" dir="auto">
            {rule.name}
          </b>
          <StateBadge standing={rule.standing} />
        </span>
        <span className={classes.words} title={words}>
          {words}
        </span>
        <small>
          {brands.map((brand, index) => (
            <span key={brand?.brand_id ?? index} className={classes.brand}>
              <i style={{ background: brand?.color }} />
              {brand?.name ?? rule.brand_ids[index]}
            </span>
          ))}
          <span>
            {rule.saved_by ? `Changed by ${names.agentName(rule.saved_by)}, ` : "Published "}
            <time dateTime={rule.saved_at} title={fullTime(rule.saved_at)}>
              {agoInWords(rule.saved_at, now)}
            </time>
          </span>
        </small>
      </button>
      <span className={classes.acts}>
        {/* While a draft is in hand, switching would publish it along. */}
        {rule.standing.state === "published" && (
          <Switch
            size="xs"
            aria-label={`${rule.name} is in use`}
            checked={rule.enabled}
            disabled={!publishes || busy}
            onChange={() => void once(switchRule(client, rule))}
          />
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <IconButton label={`More for ${rule.name}`}>
              <IconDots size={16} />
            </IconButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => open(rule.id)}>{mayWrite ? "Edit" : "Open"}</Menu.Item>
            <Menu.Item onClick={() => open(rule.id, "versions")}>Versions</Menu.Item>
            {mayWrite && (
              <>
                <Menu.Item onClick={() => void duplicateRule(client, rule, open)}>Duplicate</Menu.Item>
                <Menu.Divider />
                <Menu.Item
                  color="red"
                  disabled={rule.standing.published !== null && !mayPublish}
                  onClick={() => void retireRule(client, rule)}
                >
                  Retire
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </span>
    </li>
  );
}
