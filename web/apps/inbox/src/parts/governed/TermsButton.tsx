import { Button, Modal, MultiSelect, NumberInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Terms } from "@/api/governed";
import { useMay, useNames } from "@/data/directory";
import { type Kind, putTerms, termsQuery } from "@/data/governed";
import settings from "@/parts/settings/settings.module.css";
import { toast } from "@/ui/toast";

/** How many approvals a kind needs, and whose: for who manages the desk. */
export function TermsButton({ kind }: { kind: Kind }): ReactNode {
  const { data } = useQuery(termsQuery(kind));
  const mayManage = useMay("directory.manage");
  const [opened, setOpened] = useState(false);
  if (!mayManage || !data) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        Approvals…
      </Button>
      {opened && <TermsDialog kind={kind} there={data} close={() => setOpened(false)} />}
    </>
  );
}

interface TermsDialogProps {
  kind: Kind;
  there: Terms;
  close: () => void;
}

function TermsDialog({ kind, there, close }: TermsDialogProps): ReactNode {
  const client = useQueryClient();
  const { roles } = useNames();
  const [terms, setTerms] = useState(there);
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await putTerms(client, kind, terms);
      toast("Saved. What is in force stays so.");
      close();
    } catch (error) {
      setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title="Approvals" size={440} centered>
      <div className={settings.confirm}>
        <p>Before a new version is in force, so many others have to approve it. Nobody approves their own.</p>
        <NumberInput
          label="Approvals needed"
          min={0}
          max={5}
          allowDecimal={false}
          value={terms.approvals}
          onChange={(value) => setTerms({ ...terms, approvals: Number(value) || 0 })}
        />
        <MultiSelect
          label="Who may approve, besides who may publish"
          placeholder={terms.approver_role_ids.length ? "" : "Nobody else"}
          data={roles.map((role) => ({ value: role.role_id, label: role.name }))}
          value={terms.approver_role_ids}
          onChange={(approver_role_ids) => setTerms({ ...terms, approver_role_ids })}
        />
        {trouble && (
          <p role="alert" className={settings.wrong}>
            {trouble}
          </p>
        )}
        <div>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button loading={busy} onClick={() => void save()}>
            Save
          </Button>
        </div>
      </div>
    </Modal>
  );
}
