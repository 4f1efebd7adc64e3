import { Menu } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Head } from "@/api/types";
import { useNames } from "@/data/directory";
import { Field, FieldButton } from "@/parts/Field";
import classes from "./Details.module.css";

interface TopicFieldProps {
  head: Head;
  mayEdit: boolean;
  setTopic: (topic: string | null) => void;
}

/** What it is about: one of the brand's topics. */
export function TopicField({ head, mayEdit, setTopic }: TopicFieldProps): ReactNode {
  const names = useNames();
  const topics = names.brand(head.brand_id)?.topics ?? [];
  const words = head.topic ?? <span className={classes.nothing}>No topic</span>;
  if (!mayEdit || (topics.length === 0 && !head.topic)) return <Field label="Topic">{words}</Field>;
  return (
    <Field label="Topic">
      <Menu position="bottom-start">
        <Menu.Target>
          <FieldButton label="Change topic">{words}</FieldButton>
        </Menu.Target>
        <Menu.Dropdown>
          {topics.map((topic) => (
            <Menu.Item
              key={topic}
              onClick={() => setTopic(topic)}
              rightSection={topic === head.topic && <IconCheck size={14} />}
            >
              {topic}
            </Menu.Item>
          ))}
          {head.topic && <Menu.Item onClick={() => setTopic(null)}>No topic</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
    </Field>
  );
}
