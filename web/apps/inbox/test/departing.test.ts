// @vitest-environment jsdom
import { Editor } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { afterEach, expect, test } from "vitest";
import { depart } from "@/parts/writing/departing";

let editor: Editor;
const box = (content: string): Editor => {
  editor = new Editor({ element: document.createElement("div"), extensions: [StarterKit], content });
  return editor;
};
afterEach(() => editor.destroy());
const type = (text: string): void => editor.view.dispatch(editor.state.tr.insertText(text));
const enter = (): boolean => editor.commands.splitBlock();

test("sent with nothing written since, the box is empty", () => {
  box("<p>Hello</p><ul><li><p>one</p></li></ul>");
  const text = depart(editor);
  expect([text.isEmpty(), text.html()]).toEqual([true, ""]);
  text.left();
  expect(editor.isEmpty).toBe(true);
});

test.each([
  ["<p>Hello</p><p>Maya</p>", 1, "<p>One more</p>"],
  ["<p>Hello</p><p>Maya</p>", 3, "<p>One more</p>"],
])("what is written behind %s stays when that was sent", (content, cursor) => {
  box(content).commands.setTextSelection(cursor);
  const text = depart(editor);
  type("One more");
  expect([text.isEmpty(), text.html()]).toEqual([false, "<p>One more</p>"]);
  text.left();
  expect(editor.getHTML()).toBe("<p>One more</p>");
  type("!");
  expect(editor.getHTML()).toBe("<p>One more!</p>");
});

test("a new line begins no empty one, and a change of what is sent goes with it", () => {
  box("<p>Helo</p>");
  const text = depart(editor);
  enter();
  type("Two");
  editor.view.dispatch(editor.state.tr.insertText("l", 4));
  expect(text.html()).toBe("<p>Two</p>");
  text.left();
  expect(editor.getHTML()).toBe("<p>Two</p>");
});

test("refused, it stays, and what was written since begins a line of its own", () => {
  box("<p>Hello</p>");
  let text = depart(editor);
  type("More");
  text.stays();
  expect(editor.getHTML()).toBe("<p>Hello</p><p>More</p>");
  text = depart(editor);
  text.stays();
  expect(editor.getHTML()).toBe("<p>Hello</p><p>More</p>");
});

test("in a list, an item stays an item", () => {
  box("<ul><li><p>one</p></li></ul>").commands.setContent("<ul><li><p>one</p></li></ul>");
  const text = depart(editor);
  type("two");
  expect(text.html()).toContain("two");
  text.left();
  expect(editor.getText().trim()).toContain("two");
  expect(editor.getText()).not.toContain("one");
});

test("taking out and splitting are told nobody", () => {
  box("<p>Hello</p>");
  let told = 0;
  editor.on("update", () => {
    told += 1;
  });
  const text = depart(editor);
  type("More");
  text.left();
  expect(told).toBe(1);
});
