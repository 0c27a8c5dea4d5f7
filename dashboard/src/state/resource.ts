import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { problem_from } from "~/api/answer";
import type { Problem } from "~/api/client";

export interface Resource<T> {
  /** The newest answer; kept while a newer one is asked for. */
  data: T | undefined;
  /** Why the last call failed; null when it did not. */
  problem: Problem | null;
  loading: boolean;
  reload(): void;
  /** Replaces the answer by what a change returned. */
  replace(data: T): void;
}

/** Answers of this visit, so that going back shows the page at once and then refreshes it. */
const seen = new Map<string, unknown>();
const seen_limit = 60;

export function forget_answers(): void {
  seen.clear();
}

function remember(key: string, data: unknown): void {
  seen.delete(key);
  seen.set(key, data);
  for (const oldest of seen.keys()) {
    if (seen.size <= seen_limit) break;
    seen.delete(oldest);
  }
}

interface Held<T> {
  key: string;
  data: T | undefined;
  problem: Problem | null;
  loading: boolean;
}

/**
 * Loads on mount and whenever *key* changes. An answer that comes after the key has changed is dropped.
 * *keep*: while a new key loads, show the answer of the old one (filters and paging).
 */
export function use_resource<T>(key: string, load: () => Promise<T>, keep = false): Resource<T> {
  const [held, hold] = useState<Held<T>>(() => fresh<T>(key));
  const current = useRef(key);
  const loader = useRef(load);
  loader.current = load;
  current.current = key;

  const reload = useCallback(() => {
    hold((old) => ({ ...start(old, key, keep), loading: true }));
    loader.current().then(
      (data) => {
        if (current.current !== key) return;
        remember(key, data);
        hold({ key, data, problem: null, loading: false });
      },
      (thrown: unknown) => {
        if (current.current !== key) return;
        hold((old) => ({ ...start(old, key, false), problem: problem_from(thrown), loading: false }));
      },
    );
  }, [key]);

  useEffect(reload, [key]);

  const replace = useCallback(
    (data: T) => {
      remember(key, data);
      hold({ key, data, problem: null, loading: false });
    },
    [key],
  );
  const shown = held.key === key ? held : start(held, key, keep);
  return { data: shown.data, problem: shown.problem, loading: shown.loading, reload, replace };
}

function fresh<T>(key: string): Held<T> {
  return { key, data: seen.get(key) as T | undefined, problem: null, loading: true };
}

function start<T>(old: Held<T>, key: string, keep: boolean): Held<T> {
  if (old.key === key) return old;
  const next = fresh<T>(key);
  return keep && next.data === undefined ? { ...next, data: old.data } : next;
}
