import { accessToken, refresh } from "@/api/client";

/** Whether somebody is signed in; asks for a token by cookie on the first visit. */
export async function ensureSession(): Promise<boolean> {
  if (accessToken()) return true;
  try {
    return (await refresh()) !== null;
  } catch {
    // Unreachable or broken: the sign-in page says so when it is tried.
    return false;
  }
}
