import { Menu, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { FieldInfo } from "@/api/conditions";
import type { Fill } from "@/api/rules";
import type { FieldDefinition } from "@/api/tickets";
import { IconButton, TextButton } from "@/ui/Quiet";
import { AttributeValueInput } from "./AttributeValueInput";
import classes from "./rules.module.css";

interface FillsProps {
  fills: readonly Fill[];
  /** What can be filled in; null: anything, by a name of one's own. */
  definitions: readonly FieldDefinition[] | null;
  fields: readonly FieldInfo[];
  /** By the place within: "0.value"; "" for the whole. */
  wrong: (place: string) => string | null;
  change: (fills: Fill[]) => void;
}

const TEXT = { type: "text" as const, options: [] };
const FROM = [
  { value: "value", label: "is" },
  { value: "field", label: "is taken from" },
];

/** What is filled in, each with a value or from a field of the conversation. */
export function Fills({ fills, definitions, fields, wrong, change }: FillsProps): ReactNode {
  const put = (index: number, next: Fill): void =>
    change(fills.map((each, at) => (at === index ? next : each)));
  const left = definitions?.filter(({ id }) => !fills.some((each) => each.id === id)) ?? [];
  return (
    <>
      {fills.map((fill, index) => {
        const definition = definitions?.find(({ id }) => id === fill.id);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: its name may be what is being written
          <div key={index} className={classes.fill}>
            <div>
              {definition ? (
                definition.label
              ) : (
                <TextInput
                  aria-label="Attribute"
                  placeholder="Attribute"
                  value={fill.id}
                  error={wrong(`${index}.id`)}
                  onChange={(event) => put(index, { ...fill, id: event.currentTarget.value })}
                />
              )}
            </div>
            <div>
              <Select
                aria-label="How it is filled in"
                allowDeselect={false}
                data={FROM}
                value={fill.field === null || fill.field === undefined ? "value" : "field"}
                onChange={(from) =>
                  put(index, from === "field" ? { id: fill.id, field: "" } : { id: fill.id, value: "" })
                }
              />
            </div>
            <div>
              {fill.field === null || fill.field === undefined ? (
                <AttributeValueInput
                  attribute={definition ?? TEXT}
                  value={fill.value ?? null}
                  error={wrong(`${index}.value`) ?? wrong(String(index))}
                  change={(value) => put(index, { id: fill.id, value })}
                />
              ) : (
                <Select
                  aria-label="Field"
                  searchable
                  placeholder="Which field"
                  data={fields.map(({ name, label }) => ({ value: name, label }))}
                  value={fill.field || null}
                  error={wrong(`${index}.field`) ?? wrong(String(index))}
                  onChange={(field) => put(index, { id: fill.id, field: field ?? "" })}
                />
              )}
            </div>
            <IconButton
              label={`Don’t fill in ${definition?.label ?? fill.id}`}
              onClick={() => change(fills.filter((_, at) => at !== index))}
            >
              <IconX size={15} />
            </IconButton>
          </div>
        );
      })}
      {fills.length === 0 && wrong("") && (
        <p role="alert" className={classes.wrong}>
          {wrong("")}
        </p>
      )}
      {definitions === null ? (
        <span>
          <TextButton onClick={() => change([...fills, { id: "", value: "" }])}>
            <IconPlus size={14} /> Add an attribute
          </TextButton>
        </span>
      ) : (
        left.length > 0 && <Adder left={left} add={(id) => change([...fills, { id, value: null }])} />
      )}
    </>
  );
}

function Adder({ left, add }: { left: readonly FieldDefinition[]; add: (id: string) => void }): ReactNode {
  return (
    <span>
      <Menu position="bottom-start" hideDetached={false}>
        <Menu.Target>
          <TextButton>
            <IconPlus size={14} /> Fill in a field
          </TextButton>
        </Menu.Target>
        <Menu.Dropdown mah={280} style={{ overflowY: "auto" }}>
          {left.map(({ id, label }) => (
            <Menu.Item key={id} onClick={() => add(id)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
