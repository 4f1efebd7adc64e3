/** Product pictures: flat drawings on a 200 px square in shades of the shop's own colour. */

const SHADOW = '<ellipse cx="100" cy="171" rx="52" ry="7" fill="#0001"/>';

export const ART = {
  jar: `${SHADOW}<rect x="60" y="68" width="80" height="100" rx="14" fill="var(--c)" opacity=".85"/><rect x="66" y="50" width="68" height="22" rx="5" fill="#3b3a36"/><rect x="60" y="96" width="80" height="46" fill="#fffaf2"/><path d="M74 110h52M74 121h34" stroke="var(--c)" stroke-width="5" stroke-linecap="round"/><rect x="68" y="76" width="6" height="84" rx="3" fill="#fff" opacity=".25"/>`,
  pouch: `${SHADOW}<path d="M62 44h76l8 122a6 6 0 01-6 5H60a6 6 0 01-6-5z" fill="var(--c)" opacity=".85"/><path d="M62 44h76l1 14H61z" fill="#3b3a36"/><circle cx="100" cy="110" r="32" fill="#fffaf2"/><path d="M100 130c-14-8-16-24 0-40 16 16 14 32 0 40zm0 0v-26" fill="none" stroke="var(--c)" stroke-width="4" stroke-linejoin="round" stroke-linecap="round"/>`,
  bottle: `${SHADOW}<path d="M88 30h24v30c0 8 20 14 20 34v68a8 8 0 01-8 8H76a8 8 0 01-8-8V94c0-20 20-26 20-34z" fill="var(--c)" opacity=".8"/><rect x="86" y="24" width="28" height="18" rx="4" fill="#3b3a36"/><rect x="68" y="104" width="64" height="44" fill="#fffaf2"/><path d="M80 118h40M80 130h26" stroke="var(--c)" stroke-width="5" stroke-linecap="round"/>`,
  box: `${SHADOW}<path d="M48 78l52-22 52 22v66l-52 26-52-26z" fill="var(--c)" opacity=".85"/><path d="M48 78l52 24 52-24-52-22z" fill="#fff" opacity=".35"/><path d="M100 102v68" stroke="#0002" stroke-width="2"/><path d="M60 112l28 13v20l-28-13z" fill="#fffaf2"/>`,
  book: `${SHADOW}<rect x="58" y="40" width="88" height="128" rx="5" fill="var(--c)" opacity=".88"/><rect x="58" y="40" width="12" height="128" rx="4" fill="#0002"/><circle cx="108" cy="88" r="24" fill="#fffaf2"/><path d="M97 88c4-12 18-12 22 0-4 10-18 10-22 0z" fill="var(--c)"/><path d="M88 130h42M88 142h26" stroke="#fffaf2" stroke-width="5" stroke-linecap="round"/>`,
  pan: `${SHADOW}<circle cx="84" cy="106" r="56" fill="#3b3a36"/><circle cx="84" cy="106" r="45" fill="#4a4843"/><path d="M126 72l50-34" stroke="var(--c)" stroke-width="14" stroke-linecap="round"/><path d="M58 92a34 34 0 0130-20" stroke="#fff" stroke-opacity=".2" stroke-width="6" fill="none" stroke-linecap="round"/>`,
} as const;

export type Art = keyof typeof ART;
