import { type ReactNode, useEffect, useState } from "react";

const PATIENCE_MS = 150;

/** Shows its content only when the wait lasts: quick answers never flash a skeleton. */
export function Later({ children }: { children: ReactNode }): ReactNode {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}
