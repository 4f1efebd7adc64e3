import { useEffect } from "react";

const COUNT = /^\(\d+\+?\) /;

/** "(3) Ann Larsen · Switchboard": the count before whatever the window is called, so that a hidden one shows it. */
export function useTitleCount(count: string): void {
  useEffect(() => {
    const title = document.querySelector("title");
    if (!title) return;
    const put = (before: string): void => {
      const wanted = before + document.title.replace(COUNT, "");
      if (document.title !== wanted) document.title = wanted;
    };
    const before = count && `(${count}) `;
    put(before);
    const observer = new MutationObserver(() => put(before));
    observer.observe(title, { childList: true, characterData: true, subtree: true });
    return () => {
      observer.disconnect();
      put("");
    };
  }, [count]);
}
