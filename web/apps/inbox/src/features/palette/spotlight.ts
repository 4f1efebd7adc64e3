/** Whether the palette is open and what is chosen in it. A module of its own: it comes when it is first wanted. */
import { createSpotlight } from "@mantine/spotlight";

export const [store, palette] = createSpotlight();
