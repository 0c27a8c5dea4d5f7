import { effect } from "@preact/signals";
import { ErrorBoundary, lazy, LocationProvider, Route, Router, useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";

import { live } from "./live/live";
import { Missing } from "./pages/missing";
import { SignIn } from "./pages/sign_in/sign_in";
import { Shell } from "./shell/shell";
import { forget_answers } from "./state/resource";
import { first_store, remember_store, session, store_of, stores } from "./state/session";
import { StoreContext } from "./state/store_context";
import { Skeleton } from "./ui/states";
import { Toaster } from "./ui/toaster";

const Overview = lazy(() => import("./pages/overview/overview").then((x) => x.Overview));
const Orders = lazy(() => import("./pages/orders/orders").then((x) => x.Orders));
const OrderPage = lazy(() => import("./pages/orders/order_page").then((x) => x.OrderPage));
const Products = lazy(() => import("./pages/products/products").then((x) => x.Products));
const SyncPage = lazy(() => import("./pages/sync/sync_page").then((x) => x.SyncPage));
const SettingsPage = lazy(() => import("./pages/settings/settings_page").then((x) => x.SettingsPage));
const Keys = lazy(() => import("./pages/keys/keys").then((x) => x.Keys));
const Connect = lazy(() => import("./pages/connect").then((x) => x.Connect));

// Whoever signs out takes their figures and the live connection along.
effect(() => {
  if (session.value !== null) return;
  live.stop();
  forget_answers();
});

export function App() {
  return (
    <LocationProvider>
      <Body />
      <Toaster />
    </LocationProvider>
  );
}

function Body() {
  if (session.value === undefined)
    return (
      <main class="boot">
        <Skeleton rows={3} />
      </main>
    );
  if (session.value === null) return <SignIn />;
  return <Inside />;
}

function Inside() {
  const { path, route } = useLocation();
  const wanted = /^\/s\/([^/]+)/.exec(path)?.[1];
  const store = store_of(wanted);
  const first = first_store();
  const home = path === "/" || path === "/sign-in";

  useEffect(() => {
    if (home && first) route(`/s/${first.id}`, true);
  }, [home, first?.id]);
  useEffect(() => {
    if (store) remember_store(store.id);
  }, [store?.id]);
  useEffect(() => live.start(), []);

  if (stores.value.length === 0 || path === "/connect")
    return (
      <Shell store={store ?? first} page="connect">
        <ErrorBoundary>
          <Connect />
        </ErrorBoundary>
      </Shell>
    );
  if (home) return null;
  if (!store)
    return (
      <Shell store={first} page="">
        <Missing />
      </Shell>
    );
  return (
    <StoreContext.Provider value={store}>
      <Shell store={store} page={path.split("/")[3] ?? ""}>
        <ErrorBoundary>
          <Router key={store.id}>
            <Route path="/s/:store" component={Overview} />
            <Route path="/s/:store/orders" component={Orders} />
            <Route path="/s/:store/orders/:order" component={OrderPage} />
            <Route path="/s/:store/products" component={Products} />
            <Route path="/s/:store/sync" component={SyncPage} />
            <Route path="/s/:store/settings" component={SettingsPage} />
            <Route path="/s/:store/keys" component={Keys} />
            <Route default component={Missing} />
          </Router>
        </ErrorBoundary>
      </Shell>
    </StoreContext.Provider>
  );
}
