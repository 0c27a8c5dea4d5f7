import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";

import type { Store } from "~/api/client";
import { session } from "~/state/session";
import { Icon } from "~/ui/icon";
import { in_bottom_bar, places } from "./places";
import { sign_out } from "./sign_out";
import { ThemeSwitch } from "./theme_switch";

/** On a phone: what does not fit the bottom bar. */
export function More({ store, page }: { store: Store; page: string }) {
  const [open, set_open] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const { path } = useLocation();
  const rest = places.slice(in_bottom_bar);

  useEffect(() => set_open(false), [path]);
  useEffect(() => {
    if (!open) return;
    const hear = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !box.current?.contains(event.target as Node)) set_open(false);
    };
    document.addEventListener("keydown", hear);
    document.addEventListener("pointerdown", hear);
    return () => {
      document.removeEventListener("keydown", hear);
      document.removeEventListener("pointerdown", hear);
    };
  }, [open]);

  return (
    <div class="more phone-only" ref={box}>
      <button type="button" aria-expanded={open} aria-controls="more-sheet" class={rest.some((x) => x.page === page) ? "current" : ""} onClick={() => set_open(!open)}>
        <Icon name="more" />
        <span>More</span>
      </button>
      <div id="more-sheet" class="sheet" hidden={!open}>
        {rest.map((place) => (
          <a key={place.page} href={`/s/${store.id}/${place.page}`} aria-current={place.page === page ? "page" : undefined}>
            <Icon name={place.icon} />
            {place.text}
          </a>
        ))}
        <div class="sheet-line">
          <span class="note">{session.value?.user.email}</span>
          <ThemeSwitch />
        </div>
        <button type="button" class="button" onClick={sign_out}>
          <Icon name="out" />
          Sign out
        </button>
      </div>
    </div>
  );
}
