/** What a section of the settings is given by the page around it. */
export interface SectionProps {
  /** What is open in the section ("new": one that is being made); null: its list. */
  item: string | null;
  /** What of the item is shown besides the item itself, such as its versions; null: the item. */
  view: string | null;
  /** Go to one of its items, to a view of it, or back to its list. */
  open: (item: string | null, view?: string) => void;
}
