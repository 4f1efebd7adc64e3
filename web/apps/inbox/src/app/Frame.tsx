import { Drawer } from "@mantine/core";
import { useMediaQuery, useWindowEvent } from "@mantine/hooks";
import type { ReactNode } from "react";
import { desk } from "@/lib/desk";
import { useStore } from "@/lib/store";
import { useNarrow } from "@/lib/useNarrow";
import { Edge, useWidth } from "./Edge";
import classes from "./Frame.module.css";

interface Panes {
  rail: ReactNode;
  inboxes: ReactNode;
  list: ReactNode;
  conversation: ReactNode;
  details: ReactNode;
  /** On a phone, whether the conversation is what is looked at. */
  inConversation: boolean;
  /** The list takes the room of the conversation until one is looked at. */
  wideList?: boolean;
  banner: ReactNode;
}

/** The five panes of the desk: edges drag and remember, panes fold as the window narrows, panes scroll. */
export function Frame(panes: Panes): ReactNode {
  const detailsFold = useMediaQuery("(max-width: 1199px)", window.innerWidth < 1200);
  const inboxesFold = useMediaQuery("(max-width: 899px)", window.innerWidth < 900);
  const onePane = useNarrow();
  const inboxes = useWidth("inboxes", 232, 180, 340);
  const list = useWidth("list", 344, 280, 560);
  const details = useWidth("details", 320, 260, 460);
  const showList = !onePane || !panes.inConversation;
  const wide = panes.wideList === true && !panes.inConversation;
  const showConversation = panes.inConversation || !(onePane || wide);
  return (
    <div className={classes.frame}>
      {panes.banner}
      <div className={classes.panes}>
        {showList && panes.rail}
        {!inboxesFold && (
          <div className={classes.inboxes} data-pane="inboxes" style={{ width: inboxes.px }}>
            {panes.inboxes}
            <Edge width={inboxes} label="Width of the inboxes" />
          </div>
        )}
        {showList && (
          <div
            className={classes.list}
            data-pane="list"
            style={onePane || wide ? { flex: 1 } : { width: list.px }}
          >
            {panes.list}
            {!onePane && !wide && <Edge width={list} label="Width of the list" />}
          </div>
        )}
        {showConversation && (
          <div className={classes.conversation} data-pane="conversation">
            {panes.conversation}
          </div>
        )}
        {!detailsFold && panes.details && (
          <div className={classes.details} data-pane="details" style={{ width: details.px }}>
            <Edge width={details} label="Width of the details" fromRight />
            {panes.details}
          </div>
        )}
      </div>
      {inboxesFold && <Folded side="left" open="inboxesDrawer" title="Inboxes" content={panes.inboxes} />}
      {detailsFold && <Folded side="right" open="detailsDrawer" title="Details" content={panes.details} />}
    </div>
  );
}

interface FoldedProps {
  side: "left" | "right";
  open: "inboxesDrawer" | "detailsDrawer";
  title: string;
  content: ReactNode;
}

function Folded({ side, open, title, content }: FoldedProps): ReactNode {
  const opened = useStore(desk, (state) => state[open]);
  const close = (): void => desk.set({ [open]: false });
  useWindowEvent("keydown", (event) => opened && leaves(event, title) && close());
  return (
    <Drawer
      opened={opened}
      onClose={close}
      closeOnEscape={false}
      position={side}
      size={320}
      withCloseButton={false}
      padding={0}
      attributes={{ content: { "aria-label": title } }}
      classNames={{ body: classes.drawer ?? "" }}
    >
      {content}
    </Drawer>
  );
}

/** Whether a key closes a drawer. Its own handler would listen before all others: for an Escape, too, that closes a
 * form which lies over the drawer, or that gives up a field in it. */
function leaves(event: KeyboardEvent, title: string): boolean {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return false;
  const { target } = event;
  if (!(target instanceof Element) || target === document.body)
    return document.querySelectorAll("[role=dialog]").length === 1;
  // So a list that is open in it says, as to Mantine’s own dialogs.
  const isTaken = target.getAttribute("data-mantine-stop-propagation") === "true";
  return !isTaken && target.closest("[role=dialog]")?.getAttribute("aria-label") === title;
}
