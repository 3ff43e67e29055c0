// SPDX-License-Identifier: Apache-2.0
// The signs on buttons, drawn on a grid of 24 by 24.

const paths = {
  brush: "M20 4l-9.5 9.5M8.5 13.5a3 3 0 0 1 3 3c0 2.5-2 3.5-4.5 3.5-1.5 0-3-.5-4-1.5 1.5-.5 2.5-1.5 2.5-2.5a3 3 0 0 1 3-2.5z",
  eraser: "M9 19l-5-5a1.5 1.5 0 0 1 0-2l7.5-7.5a1.5 1.5 0 0 1 2 0l6 6a1.5 1.5 0 0 1 0 2L13 19zM8 8.5l8 8M9 19h12",
  rectangle: "M4 6h16v12H4z",
  pan: "M12 3v18M3 12h18M9.5 5.5L12 3l2.5 2.5M9.5 18.5L12 21l2.5-2.5M5.5 9.5L3 12l2.5 2.5M18.5 9.5L21 12l-2.5 2.5",
  undo: "M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4",
  redo: "M16 5l4 4-4 4M20 9H10a5.5 5.5 0 0 0 0 11h4",
  clear: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  eye: "M2.5 12C5 7.5 8.5 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-6 6.5-9.5 6.5S5 16.5 2.5 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  compare: "M12 3v18M4 6h5v12H4zM15 6h5v12h-5z",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4 20h16",
  options: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  add: "M12 5v14M5 12h14",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9h.01",
  remove: "M12 3l1.8 5.200L19 10l-5.200 1.8L12 17l-1.8-5.200L5 10l5.200-1.8zM18.5 16l.8 2.200 2.200.8-2.200.8-.8 2.200-.8-2.200-2.200-.8 2.200-.8z",
  closer: "M12 6v12M6 12h12",
  farther: "M6 12h12",
  note: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 11v5.5M12 7.5h.01",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
