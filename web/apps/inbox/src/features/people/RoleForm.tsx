import { Button, Checkbox, MultiSelect, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Permission, Role } from "@/api/people";
import { deleteRole, putRole } from "@/data/people";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { freeId, useEdit } from "@/parts/settings/useEdit";
import { toast } from "@/ui/toast";
import classes from "./people.module.css";
import { CHANNELS, PERMISSIONS } from "./words";

interface RoleEdit {
  name: string;
  permissions: Permission[];
  channels: string[];
  own_teams_only: boolean;
  second_factor: boolean;
}

const read = (role: Role | undefined): RoleEdit => ({
  name: role?.name ?? "",
  permissions: role?.permissions ?? ["conversations.read"],
  channels: role?.channels ?? [],
  own_teams_only: role?.own_teams_only ?? false,
  second_factor: role?.second_factor ?? false,
});

interface RoleFormProps {
  /** Undefined: a new one. */
  role: Role | undefined;
  roles: Role[];
  done: () => void;
}

/** One role: its rights, and the part of the desk that they reach. */
export function RoleForm({ role, roles, done }: RoleFormProps): ReactNode {
  const client = useQueryClient();
  const editing = useEdit(role, read);
  const { edit, change, wrong } = editing;
  const save = async (seen_seq: number): Promise<void> => {
    const ids = roles.map((each) => each.role_id);
    await putRole(client, role?.role_id ?? freeId(edit.name, "role", ids), { ...edit, seen_seq });
    toast(`Saved “${edit.name}”`);
    done();
  };
  const remove = (): void =>
    void editing.submit(async () => {
      if (!role) return;
      await deleteRole(client, role);
      toast(`Deleted “${role.name}”`);
      done();
    });
  const tick = (permission: Permission, on: boolean): void => {
    const others = edit.permissions.filter((each) => each !== permission);
    change({ permissions: on ? [...others, permission] : others });
  };
  return (
    <EditForm
      title={role?.name ?? "New role"}
      back={{ label: "Back to the roles", go: done }}
      editing={editing}
      save={save}
      actions={
        role && (
          <Button variant="default" disabled={editing.busy} onClick={remove}>
            Delete
          </Button>
        )
      }
    >
      <TextInput
        label="Name"
        value={edit.name}
        error={wrong("name")}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      {PERMISSIONS.map(({ group, may }) => (
        <Fields key={group} name={group}>
          <div className={classes.ticks}>
            {may.map(([permission, label]) => (
              <Checkbox
                key={permission}
                label={label}
                checked={edit.permissions.includes(permission)}
                onChange={(event) => tick(permission, event.currentTarget.checked)}
              />
            ))}
          </div>
        </Fields>
      ))}
      <Fields
        name="Which conversations"
        hint="What people began or were given themselves they see all the same. Brands are chosen for each agent."
      >
        <MultiSelect
          label="Channels"
          data={CHANNELS}
          value={edit.channels}
          error={wrong("channels")}
          placeholder={edit.channels.length ? "" : "All channels"}
          onChange={(channels) => change({ channels })}
        />
        <Switch
          label="Only those of their own teams"
          checked={edit.own_teams_only}
          onChange={(event) => change({ own_teams_only: event.currentTarget.checked })}
        />
      </Fields>
      <Fields name="Signing in">
        <Switch
          label="Ask for an authenticator app"
          description="Who has none sets one up at their next sign-in; sessions without one end within minutes."
          checked={edit.second_factor}
          onChange={(event) => change({ second_factor: event.currentTarget.checked })}
        />
      </Fields>
    </EditForm>
  );
}
