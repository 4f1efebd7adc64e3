/** The launcher's and the frame's looks, as text: a constructed sheet needs no leave from the page's CSP. */

export const STYLE = `
:host { all: initial; position: fixed; z-index: 2147483000 }
button, iframe {
  all: unset; position: fixed; inset-inline-end: 20px; bottom: calc(20px + env(safe-area-inset-bottom));
  box-shadow: 0 0 0 1px #8883, 0 8px 32px #0004; transition: .16s
}
button {
  width: 56px; height: 56px; border-radius: 50%; background: var(--b); color: var(--t); cursor: pointer
}
button:focus-visible { outline: 2px solid var(--t); outline-offset: -5px }
svg { fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round }
path { transition: .16s }
path + path, .o path { opacity: 0 }
.o path + path { opacity: 1 }
b {
  position: absolute; top: -3px; inset-inline-end: -3px; min-width: 10px; padding: 0 5px; border-radius: 10px;
  background: #d92d20; color: #fff; font: 600 12px/20px system-ui; text-align: center
}
b:empty { display: none }
iframe {
  width: 376px; height: min(640px, 100dvh - 108px); margin-bottom: 68px; border-radius: 12px;
  background: var(--s); opacity: 0; visibility: hidden; transform: translateY(12px)
}
iframe.o { opacity: 1; visibility: visible; transform: none }
@media (max-width: 480px) {
  iframe { inset: 0; width: 100%; height: 100dvh; margin: 0; border-radius: 0 }
  button.o { display: none }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important } }
`;

export const ICON =
  '<svg viewBox="0 0 56 56"><path d="M28 18.5c5.8 0 10 3.7 10 8.6s-4.2 8.6-10 8.6q-1.5 0-2.9-.3L20.6 37.8q-.8.3-.8-.5v-3.6C18.6 32 18 29.7 18 27.1c0-4.9 4.2-8.6 10-8.6zM24 29.3c2.2 2 5.8 2 8 0"/><path d="m21.5 25 6.5 6.5 6.5-6.5"/></svg>';
