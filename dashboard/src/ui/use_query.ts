import { useCallback } from "preact/hooks";
import { useLocation } from "preact-iso";

/** The page's own query parameters as state: links and the back button work with filters and pages. */
export function use_query<K extends string>(names: readonly K[]): [Record<K, string>, (changes: Partial<Record<K, string>>) => void] {
  const { path, query, route } = useLocation();
  const values = Object.fromEntries(names.map((name) => [name, query[name] ?? ""])) as Record<K, string>;
  const change = useCallback(
    (changes: Partial<Record<K, string>>) => {
      const next = new URLSearchParams(without_empty({ ...values, ...changes } as Record<string, string>) as Record<string, string>).toString();
      route(next ? `${path}?${next}` : path, !("cursor" in changes && changes.cursor));
    },
    [path, JSON.stringify(values)],
  );
  return [values, change];
}

export function without_empty<T extends Record<string, string>>(query: T): Partial<T> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== "")) as Partial<T>;
}
