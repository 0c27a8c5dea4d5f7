// The few icons that are used, drawn on a 20 px grid; always beside a word or with a label of their own.
const paths = {
  overview: "M3 10.5 10 4l7 6.5M5 9v7h10V9",
  orders: "M5 3h10v14l-2.5-1.6L10 17l-2.5-1.6L5 17zM8 7h4M8 10h4",
  products: "M3.5 6.5 10 3l6.5 3.5v7L10 17l-6.5-3.5zM3.5 6.5 10 10l6.5-3.5M10 10v7",
  sync: "M16 8a6.3 6.3 0 0 0-11.6-1.5M4 3.5v3h3M4 12a6.3 6.3 0 0 0 11.6 1.5M16 16.5v-3h-3",
  settings: "M4 6h7M15 6h1M4 14h1M9 14h7M13 4.2v3.6M7 12.2v3.6",
  key: "M12.5 11a4 4 0 1 0-3.6-2.3L3.5 14v2.5H6V15h1.5v-1.5H9l1.4-1.4M13 7h.01",
  more: "M4.5 9.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2zM10 9.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2zM15.5 9.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2z",
  up: "M10 15V5M5.5 9.5 10 5l4.5 4.5",
  down: "M10 5v10M5.5 10.5 10 15l4.5-4.5",
  flat: "M5 10h10",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  warn: "M10 3.5 17.5 16h-15zM10 8v4M10 14h.01",
  cross: "m5.5 5.5 9 9M14.5 5.5l-9 9",
  clock: "M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM10 6.5V10l2.5 1.5",
  pause: "M7.5 5v10M12.5 5v10",
  search: "M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zM12.8 12.8 16.5 16.5",
  next: "m8 5 5 5-5 5",
  previous: "m12 5-5 5 5 5",
  table: "M3.5 4.5h13v11h-13zM3.5 8.5h13M8.5 8.5v7",
  chart: "M3.5 16.5h13M4.5 13l4-4.5 3 2.5 4.5-6",
  sun: "M10 6.8a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4zM10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M4.7 15.3l1.1-1.1M14.2 5.8l1.1-1.1",
  moon: "M16 11.5A6.5 6.5 0 0 1 8.5 4a6.5 6.5 0 1 0 7.5 7.5z",
  screen: "M3.5 4.5h13v8.5h-13zM7.5 16.5h5",
  out: "M8 4H4.5v12H8M11 6.5 14.5 10 11 13.5M14 10H7.5",
  copy: "M7 7h8.5v9H7zM4.5 13V4H12",
  link: "M8.5 11.5 11.5 8.5M7 10l-2 2a2.5 2.5 0 0 0 3.5 3.5l2-2M13 10l2-2a2.5 2.5 0 0 0-3.5-3.5l-2 2",
  bolt: "M11 3 4.5 11.5H9L8.5 17 15.5 8.5H11z",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, label }: { name: IconName; label?: string }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" role={label ? "img" : undefined} aria-label={label} aria-hidden={label ? undefined : "true"}>
      <path d={paths[name]} />
    </svg>
  );
}
