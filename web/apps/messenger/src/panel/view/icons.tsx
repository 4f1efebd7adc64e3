/** The few icons, drawn on a 20 px grid in the text's colour; always beside or under a real label. */

function icon(path: string) {
  return () => (
    <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}

export const CloseIcon = icon("M5.5 5.5l9 9m0-9l-9 9");
export const AttachIcon = icon(
  "M15.8 9.3l-5.7 5.7a3.6 3.6 0 01-5.1-5.1l6.1-6.1a2.4 2.4 0 013.4 3.4l-6.1 6.1a1.2 1.2 0 01-1.7-1.7l5.3-5.3",
);
export const EmojiIcon = icon(
  "M10 17a7 7 0 100-14 7 7 0 000 14zM7.2 11.8c1.4 1.9 4.2 1.9 5.6 0M7.7 8v.4m4.6-.4v.4",
);
export const SendIcon = icon("M10 15.5v-11m-4.5 4.5L10 4.5 14.5 9");
export const FileIcon = icon("M11 3.5H6.5a1 1 0 00-1 1v11a1 1 0 001 1h7a1 1 0 001-1V7L11 3.5zm0 0V7h3.5");
export const DownIcon = icon("M10 4.5v11m4.5-4.5L10 15.5 5.5 11");
export const MailIcon = icon("M3.5 5.5h13v9h-13zm0 .5l6.5 5 6.5-5");
