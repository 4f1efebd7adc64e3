import { createTheme, getDefaultZIndex, type MantineColorsTuple } from "@mantine/core";
import type { MouseEvent } from "react";

const indigo: MantineColorsTuple = [
  "#eef0ff",
  "#e0e3ff",
  "#c7cbfe",
  "#a5abfc",
  "#8b8ff8",
  "#5f5fe9",
  "#4f46e5",
  "#4338ca",
  "#3730a3",
  "#312e81",
];

/** The semantic red: white words on it can be read in both themes. */
const red: MantineColorsTuple = [
  "#fdf1f0",
  "#fae0de",
  "#f4bfbb",
  "#ec9690",
  "#e2625b",
  "#cf3f38",
  "#c8322b",
  "#ab2620",
  "#8e1f1a",
  "#6f1914",
];

/** Neutral near-blacks: Mantine's dark scale, replaced by the three elevations of the design. */
const dark: MantineColorsTuple = [
  "#ededf0",
  "#c9cad1",
  "#a3a4ae",
  "#7d7e88",
  "#36363d",
  "#2a2a30",
  "#1d1d21",
  "#161619",
  "#101012",
  "#0b0b0d",
];

/** One height for all that is filled in: 30 px. */
const SMALL = { defaultProps: { size: "xs" } };

/** What is typed in a field to choose from replaces what was chosen there, as if one had come to it by Tab. */
const replaced = ({ currentTarget: field }: MouseEvent<HTMLInputElement>): void => {
  if (!field.readOnly && field.selectionStart === field.selectionEnd) field.select();
};

const FOUND = { nothingFoundMessage: "Nothing is called that." };

/**
 * There and gone at once: while something closes, the next key would be for nobody. What fades in, fades in by its style.
 * The library's own way to leave at once only (`exitDuration: 0`) mounts everything twice when it opens again.
 */
const AT_ONCE = { transitionProps: { duration: 0 } };

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 6, dark: 5 },
  colors: { indigo, dark, red },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  // Mantine writes in the size of what it writes in: 13 px from the smallest field on.
  fontSizes: { xs: "13px", sm: "13px", md: "13px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "20px", sm: "20px", md: "20px", lg: "22px", xl: "26px" },
  defaultRadius: 6,
  radius: { xs: "3px", sm: "6px", md: "6px", lg: "8px", xl: "12px" },
  headings: { fontWeight: "600" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: SMALL,
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, fz: 12, color: "dark" } },
    // What is open stays so when something above it grows, as when a card beside it has loaded.
    Menu: {
      defaultProps: {
        shadow: "md",
        ...AT_ONCE,
        withinPortal: true,
        hideDetached: false,
      },
    },
    Popover: {
      defaultProps: {
        shadow: "md",
        ...AT_ONCE,
        hideDetached: false,
      },
    },
    Modal: {
      defaultProps: {
        closeButtonProps: { "aria-label": "Close" },
        ...AT_ONCE,
        overlayProps: { backgroundOpacity: 0.35 },
      },
    },
    Drawer: {
      defaultProps: {
        ...AT_ONCE,
        // Under the dialogs that are opened from it: of two of one height, the one that was there first is below.
        zIndex: getDefaultZIndex("modal") - 1,
        overlayProps: { backgroundOpacity: 0.35 },
      },
    },
    TextInput: SMALL,
    PasswordInput: SMALL,
    NumberInput: SMALL,
    ColorInput: SMALL,
    Textarea: SMALL,
    Select: { defaultProps: { ...SMALL.defaultProps, ...FOUND, onClick: replaced } },
    MultiSelect: { defaultProps: { ...SMALL.defaultProps, ...FOUND } },
    TagsInput: SMALL,
    Checkbox: SMALL,
    Radio: SMALL,
    Switch: SMALL,
    SegmentedControl: SMALL,
    Autocomplete: SMALL,
  },
});
