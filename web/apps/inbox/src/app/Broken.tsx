import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./OfflineBanner.module.css";

/** In place of a page that failed: what to do about it. */
export function Broken(): ReactNode {
  return (
    <div role="alert" className={classes.broken}>
      <h1>Something went wrong on this page</h1>
      <p>What you wrote is kept. Loading the page again mostly helps.</p>
      <Button onClick={() => window.location.reload()}>Load it again</Button>
    </div>
  );
}
