import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { RuleSchema } from "@/api/rules";
import { RULES, useWho } from "@/data/governed";
import { type KeptRule, orderRules } from "@/data/rules";
import { editOf, sentenceOfRule } from "@/lib/rules/draft";
import type { SectionProps } from "@/lib/settings";
import { useShown } from "@/lib/useShown";
import { useNaming } from "@/parts/conditions/useNaming";
import { Retired } from "@/parts/governed/Retired";
import { TermsButton } from "@/parts/governed/TermsButton";
import { Section } from "@/parts/settings/Section";
import settings from "@/parts/settings/settings.module.css";
import { useReorder } from "@/parts/useReorder";
import { toast } from "@/ui/toast";
import { RuleRow } from "./RuleRow";
import classes from "./rules.module.css";

/** From so many on they can be searched. */
const MANY = 8;

interface RuleListProps {
  rules: readonly KeptRule[];
  schema: RuleSchema;
  open: SectionProps["open"];
}

/** All rules, in the order in which they are asked; moved by a handle or the arrow keys on it. */
export function RuleList({ rules, schema, open }: RuleListProps): ReactNode {
  const client = useQueryClient();
  const { mayWrite, mayPublish } = useWho(RULES);
  const naming = useNaming(schema);
  const [sought, setSought] = useState("");
  const [ids, show] = useShown(useMemo(() => rules.map(({ id }) => id), [rules]));
  const words = new Map(rules.map((rule) => [rule.id, sentenceOfRule(editOf(rule), naming)]));
  const name = (id: string): string => rules.find((rule) => rule.id === id)?.name ?? "";
  const { list, shown, dragged, said, grip } = useReorder({
    keys: ids,
    name,
    change: (wanted) => {
      show(wanted);
      orderRules(client, wanted).catch((error: unknown) => toast(sentenceOf(error), undefined, "error"));
    },
  });
  const wanted = sought.trim().toLowerCase();
  const found = shown
    .map((id) => rules.find((rule) => rule.id === id))
    .filter((rule) => rule !== undefined)
    .filter((rule) => `${rule.name} ${words.get(rule.id)}`.toLowerCase().includes(wanted));
  return (
    <Section
      title="Rules"
      hint="What happens by itself. Rules are asked from the top; one that matches may say that the rules after it are not looked at."
      actions={
        <>
          <TermsButton kind={RULES} />
          {mayWrite && <Button onClick={() => open("new")}>Add a rule</Button>}
        </>
      }
    >
      {rules.length === 0 && (
        <p className={settings.nothing}>
          No rules yet, such as: when a conversation starts, if it is about a refund, tag it and assign it to
          a team.
        </p>
      )}
      {rules.length >= MANY && (
        <TextInput
          type="search"
          aria-label="Search rules"
          placeholder="Search by name, by what they ask or do"
          leftSection={<IconSearch size={15} />}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
      )}
      {wanted !== "" && (
        <p className={settings.hint} role="status">
          {found.length === 0
            ? `No rule has “${sought.trim()}” in it.`
            : `${found.length} of ${rules.length} rules`}
        </p>
      )}
      <ul ref={list} className={classes.list} aria-label="Rules">
        {found.map((rule) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            number={shown.indexOf(rule.id) + 1}
            words={words.get(rule.id) ?? ""}
            // Between rules that are not shown there is no place to move to.
            grip={mayPublish && wanted === "" ? grip(rule.id) : null}
            dragged={dragged === rule.id}
            open={open}
          />
        ))}
      </ul>
      <output className="sb-sr">{said}</output>
      <Retired kind={RULES} open={open} />
    </Section>
  );
}
