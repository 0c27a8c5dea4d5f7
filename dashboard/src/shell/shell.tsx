import type { ComponentChildren } from "preact";

import type { Store } from "~/api/client";
import { Icon } from "~/ui/icon";
import { Account } from "./account";
import { Brand } from "./brand";
import { LinkBadge } from "./link_badge";
import { More } from "./more";
import { in_bottom_bar, places } from "./places";
import { StoreSwitcher } from "./store_switcher";

export function Shell({ store, page, children }: { store: Store | undefined; page: string; children: ComponentChildren }) {
  return (
    <div class="shell">
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header class="side">
        <div class="side-top">
          <Brand />
          <StoreSwitcher store={store} page={page} />
        </div>
        {store && <Navigation store={store} page={page} />}
        <div class="side-foot">
          <LinkBadge />
          <Account />
        </div>
      </header>
      <main id="content" class="content" tabIndex={-1}>
        {store && <ConnectionNote store={store} />}
        {children}
      </main>
    </div>
  );
}

function Navigation({ store, page }: { store: Store; page: string }) {
  return (
    <nav class="nav" aria-label="Pages">
      {places.map((place, index) => (
        <a
          key={place.page}
          class={index >= in_bottom_bar ? "wide-only" : ""}
          href={`/s/${store.id}${place.page && `/${place.page}`}`}
          aria-current={place.page === page ? "page" : undefined}
        >
          <Icon name={place.icon} />
          <span>{place.text}</span>
        </a>
      ))}
      <More store={store} page={page} />
    </nav>
  );
}

/** A store whose platform no longer lets us in says so on each of its pages. */
function ConnectionNote({ store }: { store: Store }) {
  if (store.connection === "connected") return null;
  const gone = store.connection === "uninstalled";
  return (
    <div class="problem" role="alert">
      <Icon name="warn" />
      <div>
        <p class="problem-title">{gone ? "The app was uninstalled from this shop." : "Shopify no longer accepts our access to this shop."}</p>
        <p class="note">{store.connection_reason || "What you see is as of the last contact."}</p>
      </div>
      <a class="button small" href={`/auth/shopify?shop=${encodeURIComponent(store.shop)}`} target="_self">
        Reconnect
      </a>
    </div>
  );
}
