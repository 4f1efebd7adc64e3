/** Plain text as HTML: a paragraph for each block, a break for each line. Pure. */

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function paragraphs(text: string): string {
  const plain = text.trim().replace(/[&<>"]/g, (each) => ESCAPES[each] ?? each);
  if (!plain) return "";
  return plain
    .split(/\n{2,}/)
    .map((block) => `<p>${block.replaceAll("\n", "<br>")}</p>`)
    .join("");
}
