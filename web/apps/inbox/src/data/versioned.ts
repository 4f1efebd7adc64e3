/** What is kept with all its versions: rules, policies, calendars, macros. Written once for all of them. */
import { ApiError, call } from "@/api/client";
import { placeOf } from "@/lib/rules/place";
import { SendKey } from "@/lib/send-key";

interface Versioned {
  version: number;
}

/** Forms know a version as `seq`. */
export const withSeq = <T extends Versioned>(kept: T): T & { seq: number } => ({
  ...kept,
  seq: kept.version,
});

/** Of lists over which forms stand: who comes back to the page sees what others saved meanwhile. */
export const ASKED_ANEW = { refetchOnWindowFocus: true } as const;

/** All that there are, or all versions of one. */
export async function keptList<T extends Versioned>(
  path: string,
  signal?: AbortSignal,
): Promise<(T & { seq: number })[]> {
  const list = await call<{ items: T[] }>(path, { signal });
  return list.items.map(withSeq);
}

/** A refusal with its places as forms look for them. */
export const placed = (error: ApiError): ApiError =>
  new ApiError({
    title: error.message,
    status: error.status,
    code: error.code,
    errors: error.fields.map((each) => ({ ...each, path: placeOf(each.path) })),
  });

/** What is being made: sent again after the answer was lost, it is made once. */
let making = new SendKey();

/** `id` null: a new one. `publish`: in force in the same step, else a draft. Throws ApiError `changed_meanwhile` with what is there when somebody else was quicker. */
export async function saveKept<T extends Versioned>(
  path: string,
  id: string | null,
  edit: object,
  version: number,
  publish?: boolean,
): Promise<T> {
  const at = id === null ? path : `${path}/${encodeURIComponent(id)}`;
  try {
    const kept = await call<T>(publish ? `${at}?publish=true` : at, {
      method: id === null ? "POST" : "PUT",
      body: edit,
      ...(id === null ? { idempotencyKey: making.for([path, edit, publish]) } : { ifMatch: version }),
    });
    making = new SendKey();
    return kept;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== "stale_version") throw placed(error);
    const existing = withSeq(await call<Versioned>(at));
    throw new ApiError({ title: error.message, status: 409, code: "changed_meanwhile", existing });
  }
}

export async function removeKept(path: string, kept: { id: string; version: number }): Promise<void> {
  await call(`${path}/${encodeURIComponent(kept.id)}`, { method: "DELETE", ifMatch: kept.version });
}
