import { useLocation } from "preact-iso";

import type { Store } from "~/api/client";
import { stores } from "~/state/session";

const connect = "connect";

/** Changes the store and stays on the page. A plain select: it works everywhere, phone and keyboard included. */
export function StoreSwitcher({ store, page }: { store: Store | undefined; page: string }) {
  const { route } = useLocation();
  if (!store) return null;
  return (
    <div class="switcher">
      <select
        aria-label="Store"
        value={store.id}
        onChange={(event) => {
          const id = event.currentTarget.value;
          route(id === connect ? "/connect" : `/s/${id}${page && page !== connect ? `/${page}` : ""}`);
          event.currentTarget.value = store.id;
        }}
      >
        {stores.value.map((x) => (
          <option key={x.id} value={x.id}>
            {x.name || x.shop}
          </option>
        ))}
        <option value={connect}>Connect another shop…</option>
      </select>
    </div>
  );
}
