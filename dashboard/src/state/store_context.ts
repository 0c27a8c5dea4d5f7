import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Store } from "~/api/client";
import { count } from "~/format/number";
import { money, type MoneyOptions, type Unit } from "~/format/money";
import { clock, moment } from "~/format/time";

export const StoreContext = createContext<Store | null>(null);

export interface StoreView {
  store: Store;
  unit: Unit;
  money: (minor: number | bigint, options?: MoneyOptions) => string;
  count: (value: number) => string;
  /** Instants in the store's own time zone. */
  clock: (instant: string) => string;
  moment: (instant: string, as_of?: string) => string;
  /** Path of a page of this store. */
  path: (page?: string) => string;
  may_operate: boolean; ///< owner or analyst
  may_own: boolean;
}

/** The store of this page, with its currency and time zone applied. */
export function use_store(): StoreView {
  const store = useContext(StoreContext);
  if (!store) throw new Error("a page without a store");
  const unit = { currency: store.currency, exponent: store.currency_exponent };
  const zone = store.timezone || "UTC";
  return {
    store,
    unit,
    money: (minor, options) => money(minor, unit, options),
    count: (value) => count(value),
    clock: (instant) => clock(instant, zone),
    moment: (instant, as_of) => moment(instant, zone, as_of),
    path: (page = "") => `/s/${store.id}${page ? `/${page}` : ""}`,
    may_operate: store.role !== "viewer",
    may_own: store.role === "owner",
  };
}
