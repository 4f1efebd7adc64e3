import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useGoKeys } from "@/app/go-keys";
import { OfflineBanner } from "@/app/OfflineBanner";
import { Rail } from "@/app/Rail";
import { useSignedOut } from "@/app/signed-out";
import { useMe } from "@/data/directory";
import { Dashboard } from "@/features/dashboard/Dashboard";
import classes from "@/features/dashboard/dashboard.module.css";
import Jobs from "@/features/list/Jobs";
import { Anywhere } from "@/features/palette/Anywhere";
import { Presence } from "@/features/presence/Presence";
import { useLive } from "@/live/useLive";

/** For who leads: the desk at a glance, and who gets what. */
export default function DashboardPage(): ReactNode {
  const navigate = useNavigate();
  const me = useMe();
  useLive(me?.agent.agent_id);
  useGoKeys();
  useSignedOut();
  return (
    <div className={classes.frame}>
      <OfflineBanner />
      <div>
        <Rail foot={<Presence onSignedOut={() => void navigate({ to: "/sign-in" })} />} />
        <Dashboard />
      </div>
      <Jobs />
      <Anywhere />
    </div>
  );
}
