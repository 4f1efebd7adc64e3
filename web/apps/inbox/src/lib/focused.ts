/** A `ref` that gives the focus once, when the field comes; a function made at each render would do so at each. */
export const focused = (field: HTMLElement | null): void => field?.focus();
