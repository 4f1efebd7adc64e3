/** What people wrote with an editor, as lines to read and to compare. Pure, in a browser. */

/** `depth`: how far it is set in. */
export interface TextLine {
  depth: number;
  text: string;
}

/** Looks are written as signs, so that none of them changes unseen. */
const MARKS: Record<string, string> = {
  STRONG: "**",
  B: "**",
  EM: "_",
  I: "_",
  U: "__",
  S: "~~",
  CODE: "`",
  MARK: "==",
  SUB: "~",
  SUP: "^",
  H1: "# ",
  H2: "## ",
  H3: "### ",
  H4: "#### ",
};
const BLOCKS = /^(P|DIV|UL|OL|LI|BLOCKQUOTE|PRE|H[1-4]|TABLE|TR|HR)$/;

/** A block is a line, and so is what stands between two breaks; an empty paragraph is an empty one. Links say where they lead. */
export function htmlLines(html: string): TextLine[] {
  const lines = new Lines();
  walk(new DOMParser().parseFromString(html, "text/html").body, 0, lines);
  lines.end();
  return lines.done;
}

class Lines {
  readonly done: TextLine[] = [];
  private now: TextLine | null = null;
  /** Only an item's sign stands in the line: the item's first block goes on in it. */
  private isBegun = false;

  /** Blanks begin no line. */
  write(text: string, depth: number): void {
    if (!text.trim() && (this.now === null || this.isBegun)) return;
    this.now ??= { depth, text: "" };
    this.now.text += text;
    this.isBegun = false;
  }

  /** A new line, with an item's sign. */
  begin(sign: string, depth: number): void {
    this.end();
    this.now = { depth, text: sign };
    this.isBegun = true;
  }

  /** A block comes. */
  next(): void {
    if (!this.isBegun) this.end();
  }

  /** The line is over, though nothing stands in it. */
  break(depth: number): void {
    this.now ??= { depth, text: "" };
    this.end();
  }

  end(): void {
    if (this.now) this.done.push({ ...this.now, text: this.now.text.trim() });
    this.now = null;
    this.isBegun = false;
  }
}

function walk(parent: Element, depth: number, lines: Lines): void {
  for (const node of parent.childNodes) {
    if (node instanceof Element) element(node, depth, lines);
    else words(node.textContent ?? "", parent.closest("pre") !== null, depth, lines);
  }
}

function words(text: string, asItIs: boolean, depth: number, lines: Lines): void {
  const [first = "", ...rest] = asItIs ? text.split("\n") : [text.replace(/\s+/g, " ")];
  lines.write(first, depth);
  for (const line of rest) {
    lines.break(depth);
    lines.write(line, depth);
  }
}

function element(each: Element, depth: number, lines: Lines): void {
  const { tagName } = each;
  const mark = MARKS[tagName] ?? "";
  if (BLOCKS.test(tagName)) {
    block(each, mark, depth, lines);
  } else if (tagName === "BR") {
    lines.break(depth);
  } else if (tagName === "IMG") {
    lines.write(`[${each.getAttribute("alt") || "Image"}] (${each.getAttribute("src") ?? ""})`, depth);
  } else {
    if (/^T[DH]$/.test(tagName) && each.previousElementSibling) lines.write(" | ", depth);
    if (mark) lines.write(mark, depth);
    walk(each, depth, lines);
    lines.write(mark + leadsTo(each), depth);
  }
}

function block(each: Element, mark: string, depth: number, lines: Lines): void {
  const { tagName, parentElement } = each;
  if (tagName === "LI") {
    const place = [...(parentElement?.children ?? [])].indexOf(each) + 1;
    lines.begin(parentElement?.tagName === "OL" ? `${place}. ` : "• ", depth);
    walk(each, depth, lines);
    lines.end();
    return;
  }
  lines.next();
  if (tagName === "HR") lines.write("———", depth);
  if (mark) lines.write(mark, depth);
  const inItem = parentElement?.tagName === "LI" && /^(UL|OL)$/.test(tagName);
  walk(each, depth + (tagName === "BLOCKQUOTE" || inItem ? 1 : 0), lines);
  if (tagName === "P" && !each.hasChildNodes()) lines.break(depth);
  else lines.end();
}

/** Where a link goes, unless that is what it says. */
function leadsTo(each: Element): string {
  const href = each.tagName === "A" ? (each.getAttribute("href") ?? "") : "";
  return href && href.replace(/^(mailto|tel):/, "") !== each.textContent?.trim() ? ` (${href})` : "";
}
