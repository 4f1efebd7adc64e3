import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { PlaceSearch } from "@/lib/place";
import classes from "./dashboard.module.css";

interface CountProps {
  count: number;
  /** What is counted, for who hears it: "open conversations of Maya". */
  what: string;
  search: PlaceSearch;
}

/** A number of open conversations, and the way to the list of them: who waits longest comes first. */
export function Count({ count, what, search }: CountProps): ReactNode {
  if (count === 0) return <span className={classes.none}>0</span>;
  return (
    <Link
      to="/inbox/$inbox"
      params={{ inbox: "all" }}
      search={{ status: "open", sort: "waited_longest", ...search }}
      className={classes.count}
      aria-label={`${count.toLocaleString()} ${what}`}
    >
      {count.toLocaleString()}
    </Link>
  );
}
