import { Autocomplete, Button, Group, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError, call, sentenceOf } from "@/api/client";
import type { TagChange } from "@/api/settings";
import { keys } from "@/data/keys";
import classes from "@/parts/settings/settings.module.css";
import { toast } from "@/ui/toast";

interface ChangeTagProps {
  tag: string;
  others: string[];
  close: () => void;
}

const plain = (tag: string): string => tag.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();

/** Renames a tag, merges it into another, or takes it away, wherever it is. */
export function ChangeTag({ tag, others, close }: ChangeTagProps): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(tag);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const [taking, setTaking] = useState(false);
  const to = plain(name);
  const merges = to !== tag && others.includes(to);
  const change = async (into: string | null): Promise<void> => {
    setBusy(true);
    setWrong("");
    try {
      await call<TagChange>("/api/tickets/tags/changes", { method: "POST", body: { tag, to: into } });
      await client.invalidateQueries({ queryKey: keys.tagChanges });
      toast(into === null ? `Taking ${tag} away` : `${tag} becomes ${into}`);
      close();
    } catch (error) {
      const field =
        error instanceof ApiError ? error.fields.find((one) => one.path === "body.to") : undefined;
      setWrong(field ? `This ${field.message}.` : sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (to && to !== tag) void change(to);
  };
  return (
    <Modal opened onClose={close} title={<bdi>{tag}</bdi>} size={460} centered>
      <form className={classes.confirm} onSubmit={submit}>
        <Autocomplete
          label="Name"
          value={name}
          onChange={setName}
          data={others.filter((one) => one !== tag)}
          error={wrong || undefined}
          limit={6}
          data-autofocus
        />
        <p>
          {taking
            ? `${tag} goes from every conversation, open or closed. This can’t be taken back.`
            : merges
              ? `Every conversation with ${tag} gets ${to} instead. The two can’t be told apart afterwards.`
              : "The new name is on every conversation and in saved views. Rules and macros that name the old tag must be changed by hand."}
        </p>
        <div>
          <Button
            variant="default"
            onClick={() =>
              void navigate({
                to: "/inbox/$inbox",
                params: { inbox: "all" },
                search: { tags: [tag], status: "all" },
              })
            }
          >
            Show its conversations
          </Button>
          <Group gap={8} ml="auto">
            {taking ? (
              <Button color="red" loading={busy} onClick={() => void change(null)}>
                Take it away everywhere
              </Button>
            ) : (
              <>
                <Button variant="default" disabled={busy} onClick={() => setTaking(true)}>
                  Take away…
                </Button>
                <Button type="submit" loading={busy} disabled={!to || to === tag}>
                  {merges ? "Merge" : "Rename"}
                </Button>
              </>
            )}
          </Group>
        </div>
      </form>
    </Modal>
  );
}
