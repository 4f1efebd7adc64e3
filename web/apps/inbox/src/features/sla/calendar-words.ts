import type { Hours } from "@/api/sla";

export const OFFICE: Hours = { opens: "09:00", closes: "17:00" };

const countries = new Intl.DisplayNames(["en"], { type: "region" });

export function countryName(code: string): string {
  try {
    return countries.of(code) ?? code;
  } catch {
    return code;
  }
}

/** A clock's field has no 24:00: closing at midnight shows as 00:00. */
export const shownClosing = (closes: string): string => (closes === "24:00" ? "00:00" : closes);
export const keptClosing = (shown: string): string => (shown === "00:00" ? "24:00" : shown);
