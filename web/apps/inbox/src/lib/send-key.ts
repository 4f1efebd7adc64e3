/** One key for one thing to send: pressing again after an error repeats it, changing it makes it new. */
export class SendKey {
  private payload = "";
  private key = "";

  for(payload: unknown): string {
    const text = JSON.stringify(payload);
    if (text !== this.payload) {
      this.payload = text;
      this.key = crypto.randomUUID();
    }
    return this.key;
  }
}
