import { useMediaQuery } from "@mantine/hooks";

/** Whether there is room for one pane only, as on a phone. The same width as in the style sheets. */
export const useNarrow = (): boolean => useMediaQuery("(max-width: 639px)", window.innerWidth < 640);
