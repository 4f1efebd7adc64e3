import { Select } from "@mantine/core";
import { IconFolderPlus, IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Asking, FieldInfo, Joined } from "@/api/conditions";
import { type Branch, beginBranch, beginLeaf, grown, isBranch, MAX_DEPTH, withTwig } from "@/lib/rules/tree";
import { JOINED_LABELS } from "@/lib/rules/words";
import type { Wrong } from "@/parts/settings/useEdit";
import { IconButton, TextButton } from "@/ui/Quiet";
import { ConditionRow } from "./ConditionRow";
import classes from "./conditions.module.css";

interface ConditionsProps {
  tree: Branch | null;
  asking: Asking;
  /** Topics and such are those of these brands; none: of all. */
  brandIds: readonly string[];
  wrong: Wrong;
  /** What is said of a pattern while it is being written; everything else is said when it is saved. */
  unread?: Wrong | undefined;
  /** What to know of a field that is asked about. */
  note?: ((field: FieldInfo) => string | null) | undefined;
  change: (tree: Branch | null) => void;
  /** What it means that there are none. */
  always: string;
  /** As errors name them. */
  place?: "if" | "ticket_if";
}

/** What must be so: conditions and groups of them, in groups as deep as the services take them. */
export function Conditions({ tree, always, change, place = "if", ...rest }: ConditionsProps): ReactNode {
  if (!tree) {
    return (
      <div className={classes.none}>
        <p>{always}</p>
        <Adders asking={rest.asking} add={(twig) => change(grown(null, twig))} depth={1} />
      </div>
    );
  }
  return <GroupBox branch={tree} place={place} number="" depth={1} change={change} {...rest} />;
}

interface GroupBoxProps extends Omit<ConditionsProps, "tree" | "always" | "place"> {
  branch: Branch;
  /** As errors name it: "if.all.1". */
  place: string;
  /** As people read it: "1.2". */
  number: string;
  depth: number;
}

const JOINED = Object.entries(JOINED_LABELS).map(([value, label]) => ({ value, label }));

function GroupBox({ branch, place, number, depth, change, ...rest }: GroupBoxProps): ReactNode {
  const { wrong } = rest;
  const inside = `${place}.${branch.joined}`;
  const refused = wrong(place, true) ?? wrong(inside, true);
  return (
    <fieldset
      className={classes.group}
      data-nested={number !== "" || undefined}
      aria-label={number ? `Group ${number}` : "Conditions"}
    >
      <div className={classes.joined}>
        <Select
          aria-label={number ? `How group ${number} is joined` : "How conditions are joined"}
          allowDeselect={false}
          size="xs"
          data={JOINED}
          value={branch.joined}
          onChange={(value) => value && change({ ...branch, joined: value as Joined })}
        />
        {number && (
          <IconButton label={`Remove group ${number}`} onClick={() => change(null)}>
            <IconX size={15} />
          </IconButton>
        )}
      </div>
      {refused && (
        <p role="alert" className={classes.wrong}>
          {refused}
        </p>
      )}
      {branch.nodes.map((node, index) => {
        const placed = {
          place: `${inside}.${index}`,
          number: number ? `${number}.${index + 1}` : String(index + 1),
        };
        return isBranch(node) ? (
          <GroupBox
            key={node.key}
            branch={node}
            depth={depth + 1}
            change={(next) => change(withTwig(branch, index, next))}
            {...placed}
            {...rest}
          />
        ) : (
          <ConditionRow
            key={node.key}
            leaf={node}
            deeper={depth < MAX_DEPTH}
            change={(next) => change(withTwig(branch, index, next))}
            {...placed}
            {...rest}
          />
        );
      })}
      <Adders asking={rest.asking} add={(twig) => change(grown(branch, twig))} depth={depth} />
    </fieldset>
  );
}

interface AddersProps {
  asking: Asking;
  add: (twig: ReturnType<typeof beginLeaf> | Branch) => void;
  depth: number;
}

function Adders({ asking, add, depth }: AddersProps): ReactNode {
  return (
    <div className={classes.adders}>
      <TextButton onClick={() => add(beginLeaf(asking))}>
        <IconPlus size={14} /> Add a condition
      </TextButton>
      {depth < MAX_DEPTH && (
        <TextButton onClick={() => add(beginBranch(asking))}>
          <IconFolderPlus size={14} /> Add a group
        </TextButton>
      )}
    </div>
  );
}
