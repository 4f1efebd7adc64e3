/** The list under "@": plain DOM, because it lives outside React's tree and only while somebody types a name. */
import type { MentionNodeAttrs } from "@tiptap/extension-mention";
import type { SuggestionOptions, SuggestionProps } from "@tiptap/suggestion";
import type { Agent } from "@/api/types";
import classes from "./writing.module.css";

const AT_MOST = 6;

export function peopleFor(query: string, people: readonly Agent[]): Agent[] {
  const wanted = query.toLowerCase();
  return people
    .filter((agent) => agent.active && agent.name.toLowerCase().includes(wanted))
    .slice(0, AT_MOST);
}

type Props = SuggestionProps<Agent, MentionNodeAttrs>;

class List {
  private readonly box = document.createElement("div");
  private at = 0;

  constructor(private props: Props) {
    this.box.className = classes.mentions ?? "";
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", "Mention");
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
    if (count === 0) return false;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.at = (this.at + (key === "ArrowDown" ? 1 : count - 1)) % count;
      this.draw();
      return true;
    }
    if (key === "Enter" || key === "Tab") return this.choose(this.props.items[this.at]);
    return false;
  }

  remove(): void {
    this.box.remove();
  }

  private choose(agent: Agent | undefined): boolean {
    if (agent) this.props.command({ id: agent.agent_id, label: agent.name });
    return true;
  }

  private draw(): void {
    this.box.replaceChildren(...this.props.items.map((agent, index) => this.line(agent, index)));
    this.box.hidden = this.props.items.length === 0;
    const place = this.props.clientRect?.();
    if (!place) return;
    this.box.style.left = `${Math.min(place.left, window.innerWidth - 240)}px`;
    this.box.style.bottom = `${window.innerHeight - place.top + 6}px`;
  }

  private line(agent: Agent, index: number): HTMLElement {
    const line = document.createElement("button");
    line.type = "button";
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(index === this.at));
    line.textContent = agent.name;
    line.onmousedown = (event) => {
      event.preventDefault();
      this.choose(agent);
    };
    return line;
  }
}

export function mentionList(
  people: () => Agent[],
): Omit<SuggestionOptions<Agent, MentionNodeAttrs>, "editor"> {
  return {
    items: ({ query }) => peopleFor(query, people()),
    render: () => {
      let list: List | null = null;
      return {
        onStart: (props) => {
          list = new List(props);
        },
        onUpdate: (props) => list?.update(props),
        onKeyDown: ({ event }) => list?.onKey(event.key) ?? false,
        onExit: () => {
          list?.remove();
          list = null;
        },
      };
    },
  };
}
