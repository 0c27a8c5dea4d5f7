import { computed, signal } from "@preact/signals";

import type { Session, Store } from "~/api/client";

/** Who is signed in: undefined while asking, null when nobody is. */
export const session = signal<Session | null | undefined>(undefined);

export const stores = computed<readonly Store[]>(() => session.value?.stores ?? []);

export function csrf(): string {
  return session.peek()?.csrf ?? "";
}

export function remember_session(value: Session): void {
  session.value = value;
}

/** The server no longer knows us: pages give way to the sign-in form. */
export function forget_session(): void {
  session.value = null;
}

export function store_of(id: string | undefined): Store | undefined {
  return stores.value.find((store) => store.id === id);
}

const last_store_key = "clique.store";

/** The store to open first: the one of last time if it is still ours. */
export function first_store(): Store | undefined {
  const last = read(last_store_key);
  return stores.value.find((store) => store.id === last) ?? stores.value[0];
}

export function remember_store(id: string): void {
  try {
    localStorage.setItem(last_store_key, id);
  } catch {
    // Storage may be forbidden; then the first store opens next time.
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
