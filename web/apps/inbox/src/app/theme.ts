import { createTheme, type MantineColorsTuple } from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#eef0ff",
  "#e0e3ff",
  "#c7cbfe",
  "#a5abfc",
  "#8b8ff8",
  "#6f6ff2",
  "#4f46e5",
  "#4338ca",
  "#3730a3",
  "#312e81",
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

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 6, dark: 5 },
  colors: { indigo, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "16px", sm: "18px", md: "20px", lg: "22px", xl: "26px" },
  defaultRadius: 6,
  radius: { xs: "3px", sm: "6px", md: "6px", lg: "8px", xl: "12px" },
  headings: { fontWeight: "600" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, fz: "sm", color: "dark" } },
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 120 }, withinPortal: true } },
    Popover: { defaultProps: { shadow: "md", transitionProps: { duration: 120 } } },
    Modal: {
      defaultProps: { transitionProps: { duration: 140 }, overlayProps: { backgroundOpacity: 0.35 } },
    },
    Drawer: {
      defaultProps: { transitionProps: { duration: 150 }, overlayProps: { backgroundOpacity: 0.35 } },
    },
    TextInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs" } },
    TagsInput: { defaultProps: { size: "xs" } },
  },
});
