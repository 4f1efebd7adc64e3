/** The list under "@", "/", ":" and "#": plain DOM, because it lives outside React's tree and only while one types. */
import type { SuggestionOptions, SuggestionProps } from "@tiptap/suggestion";
import classes from "./writing.module.css";

/** `sign` stands before the label, `hint` after it, muted. */
export interface Choice {
  key: string;
  label: string;
  sign?: string;
  hint?: string;
}

export const AT_MOST = 7;

type Props = SuggestionProps<Choice, Choice>;

class List {
  private readonly box = document.createElement("div");
  private at = 0;

  constructor(
    private props: Props,
    label: string,
  ) {
    this.box.className = classes.mentions ?? "";
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", label);
    document.body.append(this.box);
    this.update(props);
  }

  update(props: Props): void {
    this.props = props;
    this.at = Math.min(this.at, Math.max(0, props.items.length - 1));
    this.draw();
  }

  onKey(key: string): boolean {
    const count = this.props.items.length;
    if (key === "Escape" && !this.box.hidden) {
      this.box.hidden = true;
      return true;
    }
    const takes = key === "Enter" || key === "Tab";
    // What is asked for may be there in a moment: the key is for the list, not for the text.
    if (this.props.loading && takes) return true;
    if (count === 0 || this.box.hidden) return false;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.at = (this.at + (key === "ArrowDown" ? 1 : count - 1)) % count;
      this.draw();
      return true;
    }
    if (takes) return this.choose(this.props.items[this.at]);
    return false;
  }

  remove(): void {
    this.box.remove();
  }

  private choose(choice: Choice | undefined): boolean {
    if (choice) this.props.command(choice);
    return true;
  }

  private draw(): void {
    this.box.replaceChildren(...this.props.items.map((choice, index) => this.line(choice, index)));
    this.box.hidden = this.props.items.length === 0;
    const place = this.props.clientRect?.();
    if (!place) return;
    this.box.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - 288))}px`;
    this.box.style.bottom = `${window.innerHeight - place.top + 6}px`;
  }

  private line(choice: Choice, index: number): HTMLElement {
    const line = document.createElement("button");
    line.type = "button";
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(index === this.at));
    if (choice.sign) line.append(span(classes.sign, choice.sign));
    line.append(span(classes.choice, choice.label));
    if (choice.hint) line.append(span(classes.hint, choice.hint));
    line.onmousedown = (event) => {
      event.preventDefault();
      this.choose(choice);
    };
    return line;
  }
}

function span(className: string | undefined, text: string): HTMLElement {
  const made = document.createElement("span");
  made.className = className ?? "";
  made.textContent = text;
  return made;
}

/** Shows the list while a suggestion is typed, and hands it the keys. */
export const renderChoices =
  (label: string): NonNullable<SuggestionOptions<Choice, Choice>["render"]> =>
  () => {
    let list: List | null = null;
    return {
      onStart: (props) => {
        list = new List(props, label);
      },
      onUpdate: (props) => list?.update(props),
      onKeyDown: ({ event }) => list?.onKey(event.key) ?? false,
      onExit: () => {
        list?.remove();
        list = null;
      },
    };
  };
