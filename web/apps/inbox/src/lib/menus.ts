/**
 * For a Menu that holds fields beside its items: as a whole it is a dialog, and the items stand in a `role="menu"` of
 * their own (WAI-ARIA: a menu owns nothing but items).
 */
export const MIXED_MENU = { dropdown: { role: "dialog", "aria-orientation": undefined } };
