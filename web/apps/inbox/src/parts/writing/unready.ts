interface Letter {
  /** A file of it is still on its way to the server. */
  uploading: boolean;
  /** A field holds something that is no address. */
  wrong: boolean;
}

/** Why a letter did not leave that is not whole yet, however it was sent; empty: it may leave. */
export function unready({ uploading, wrong }: Letter): string {
  if (wrong) return "Nothing was sent: one of the addresses isn’t an email address.";
  return uploading ? "Nothing was sent: a file was still on its way. Send it once the file is there." : "";
}
