import { Button, Modal, Progress, Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Drafted, Simulation } from "@/api/tries";
import { beginSimulation, cancelSimulation, simulationQuery } from "@/data/simulations";
import type { Naming } from "@/lib/rules/words";
import { useNarrow } from "@/lib/useNarrow";
import settings from "@/parts/settings/settings.module.css";
import { SimulationReport } from "./SimulationReport";
import classes from "./simulation.module.css";

const MANY = ["1000", "10000", "100000"];
const counted = new Intl.NumberFormat();

interface SimulationDialogProps {
  /** The rule as it is written now. */
  drafted: Drafted;
  naming: Naming;
  close: () => void;
}

/** The rule run over conversations of the past, beside the rules in force: what would have gone otherwise. */
export function SimulationDialog({ drafted, naming, close }: SimulationDialogProps): ReactNode {
  const client = useQueryClient();
  const narrow = useNarrow();
  const [id, setId] = useState<string | null>(null);
  const [conversations, setConversations] = useState("10000");
  const [trouble, setTrouble] = useState("");
  const [begins, setBegins] = useState(false);
  const { data, error } = useQuery(simulationQuery(id));
  const running = id !== null && (!data || data.state === "running");

  const tell = async (run: () => Promise<void>): Promise<void> => {
    setTrouble("");
    try {
      await run();
    } catch (refusal) {
      setTrouble(sentenceOf(refusal));
    }
  };
  const begin = async (): Promise<void> => {
    setBegins(true);
    await tell(async () => setId(await beginSimulation([drafted], Number(conversations))));
    setBegins(false);
  };
  const cancel = (): Promise<void> =>
    tell(async () => {
      if (id) await cancelSimulation(id);
      await client.invalidateQueries({ queryKey: simulationQuery(id).queryKey });
    });
  const leave = (): void => {
    if (running) void cancel();
    close();
  };
  return (
    <Modal opened onClose={leave} title="Simulate" size={860} fullScreen={narrow === true}>
      <div className={classes.dialog}>
        <p>
          What would have gone otherwise with this rule as it is written here, beside all the others in force.
          Nothing is done to any conversation.
        </p>
        <div className={classes.begin}>
          <Select
            label="The newest conversations"
            allowDeselect={false}
            disabled={running}
            data={MANY.map((value) => ({ value, label: counted.format(Number(value)) }))}
            value={conversations}
            onChange={(value) => value && setConversations(value)}
          />
          {running ? (
            <Button variant="default" onClick={() => void cancel()}>
              Cancel
            </Button>
          ) : (
            <Button loading={begins} onClick={() => void begin()}>
              {data ? "Simulate again" : "Simulate"}
            </Button>
          )}
        </div>
        {(trouble || error) && (
          <p role="alert" className={settings.wrong}>
            {trouble || sentenceOf(error)}
          </p>
        )}
        {running && <Running now={data} />}
        {data?.state === "failed" && (
          <p role="alert" className={settings.wrong}>
            {data.error ?? "The simulation failed. Try it again."}
          </p>
        )}
        {data?.state === "cancelled" && <p role="status">Cancelled.</p>}
        {data?.state === "done" && <SimulationReport report={data} naming={naming} />}
      </div>
    </Modal>
  );
}

function Running({ now }: { now: Simulation | undefined }): ReactNode {
  const { read = 0, total = 0 } = now ?? {};
  return (
    <div>
      <Progress aria-label="Simulated" value={total ? (100 * read) / total : 0} />
      <p role="status" className="sb-number">
        {total
          ? `${counted.format(read)} of ${counted.format(total)} conversations`
          : "Finding the conversations…"}
      </p>
    </div>
  );
}
