import { useEffect, useRef, useState } from "preact/hooks";

import { Icon } from "./icon";

/** Calls back when typing pauses; "/" anywhere on the page comes here. */
export function SearchBox({ label, value, on_change }: { label: string; value: string; on_change: (text: string) => void }) {
  const [text, type] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const told = useRef(value);

  useEffect(() => {
    if (text.trim() === told.current) return;
    const timer = setTimeout(() => {
      told.current = text.trim();
      on_change(told.current);
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);

  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, []);

  return (
    <label class="search">
      <Icon name="search" />
      <span class="only-read">{label}</span>
      <input ref={input} type="search" placeholder={label} value={text} maxLength={100} onInput={(event) => type(event.currentTarget.value)} />
    </label>
  );
}
