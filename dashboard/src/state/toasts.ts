import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  tone: "good" | "bad";
  text: string;
}

export const toasts = signal<readonly Toast[]>([]);
let last = 0;

/** Says something for a few seconds, politely; failures stay until dismissed. */
export function toast(tone: Toast["tone"], text: string): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, tone, text }];
  if (tone === "good") setTimeout(() => dismiss(id), 5000);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((x) => x.id !== id);
}
