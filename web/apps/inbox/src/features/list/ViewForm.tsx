import { Button, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import { useMe, useNames } from "@/data/directory";
import type { ListFilter } from "@/data/membership";
import { addView } from "@/data/views";
import { usePlace } from "@/lib/place";
import { useStill } from "@/lib/useStill";

/** The name of a new view, and who has it. */
export default function ViewForm({ filter, close }: { filter: ListFilter; close: () => void }): ReactNode {
  const client = useQueryClient();
  const place = usePlace();
  const names = useNames();
  const teamIds = useMe()?.agent.team_ids ?? [];
  const [name, setName] = useState("");
  const [team, setTeam] = useState<string | null>(null);
  const [refused, setRefused] = useState("");
  const key = useRef(crypto.randomUUID());
  const form = useRef<HTMLFormElement>(null);
  const still = useStill();
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!name.trim()) {
      setRefused("Give it a name.");
      return;
    }
    const { sort, ...narrowed } = filter;
    const isHere = still();
    try {
      const body = { name: name.trim(), filter: narrowed, sort, team_id: team };
      const made = await addView(client, body, key.current);
      if (!form.current) return;
      close();
      if (isHere()) place.goInbox(`view:${made.id}`);
    } catch (error) {
      setRefused(sentenceOf(error));
    }
  };
  const shared = teamIds.map((id) => ({ value: id, label: names.teamName(id) }));
  return (
    <form ref={form} onSubmit={(event) => void save(event)}>
      <TextInput
        label="Name"
        placeholder="Refunds, waited longest"
        data-autofocus
        maxLength={80}
        value={name}
        error={refused || undefined}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setRefused("");
        }}
      />
      <Select
        label="Who has it"
        mt={10}
        data={[{ value: "", label: "Only me" }, ...shared]}
        value={team ?? ""}
        onChange={(value) => setTeam(value || null)}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
      />
      <Button type="submit" mt={16}>
        Save view
      </Button>
    </form>
  );
}
