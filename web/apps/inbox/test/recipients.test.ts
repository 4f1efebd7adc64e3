import { describe, expect, test } from "vitest";
import { readAddress, readAddresses, recipientsLine, replyRecipients, without } from "@/lib/recipients";
import { head } from "./examples";

const tom = { address: "tom@mail.example", name: "Tom Hale" };
const pat = { address: "pat@mail.example", name: "" };

describe("readAddress", () => {
  test.each([
    ["Tom Hale <Tom@Mail.example>", tom],
    ['"Hale, Tom" <tom@mail.example>', { address: "tom@mail.example", name: "Hale, Tom" }],
    ["  pat@mail.example ", pat],
    ["pat+orders@mail.example", { address: "pat+orders@mail.example", name: "" }],
  ])("%s is read", (text, address) => expect(readAddress(text)).toEqual(address));

  test.each(["pat", "pat@", "@mail.example", "pat@mail", "a b@mail.example", "pat@mail..example"])(
    "%s is no address",
    (text) => expect(readAddress(text)).toBeNull(),
  );
});

test("a pasted list is taken apart and what isn't an address is given back", () => {
  const { read, rest } = readAddresses("Tom Hale <tom@mail.example>; pat@mail.example\nnobody");
  expect(read).toEqual([tom, pat]);
  expect(rest).toEqual(["nobody"]);
});

describe("replyRecipients", () => {
  test("a reply goes to whom the last message named", () => {
    const { to, cc } = replyRecipients(head({ participants: { to: [tom], cc: [tom, pat] } }));
    expect(to).toEqual([tom]);
    expect(cc).toEqual([pat]);
  });

  test("without participants it goes to whoever wrote", () => {
    expect(replyRecipients(head()).to).toEqual([{ address: "rosa@mail.example", name: "Rosa" }]);
  });

  test("a chat has no recipients", () => {
    expect(replyRecipients(head({ channel: "chat" }))).toEqual({ to: [], cc: [], bcc: [] });
  });
});

test("nobody is named twice", () => expect(without([tom, pat, tom], [pat])).toEqual([tom]));

test("the folded line says how many more there are", () => {
  expect(
    recipientsLine({ to: [tom, pat, { address: "x@y.example", name: "" }], cc: [pat], bcc: [tom] }),
  ).toBe("Tom Hale, pat@mail.example, +1 · cc pat@mail.example · bcc 1");
});
