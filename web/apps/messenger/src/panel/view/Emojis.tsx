import { useEffect, useRef } from "preact/hooks";

const EMOJIS = [..."😀😂🙂😉😍😊🤔😅😢😮😡🙏👍👎👏🙌👋💪❤🎉🔥✨✅❓📦🚚💳🥑🥗🍳☕🌱"];

interface Props {
  label: string;
  choose: (emoji: string) => void;
  close: () => void;
}

export function Emojis({ label, choose, close }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  useEffect(() => grid.current?.querySelector("button")?.focus(), []);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
    if (event.key === "Escape") close();
    else if (step === undefined) return;
    const buttons = [...(grid.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const forward =
      getComputedStyle(grid.current as Element).direction === "rtl" && Math.abs(step ?? 0) === 1 ? -1 : 1;
    buttons[at + (step ?? 0) * forward]?.focus();
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a form's border and legend
    <div class="emojis" role="group" aria-label={label} ref={grid} onKeyDown={move}>
      {EMOJIS.map((emoji) => (
        <button type="button" key={emoji} onClick={() => choose(emoji)}>
          {emoji === "❤" ? "❤️" : emoji}
        </button>
      ))}
    </div>
  );
}
