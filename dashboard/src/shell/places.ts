import type { IconName } from "~/ui/icon";

export interface Place {
  page: string;
  text: string;
  icon: IconName;
}

/** Pages of a store in the order of the navigation; a phone's bottom bar shows the first four. */
export const places: readonly Place[] = [
  { page: "", text: "Overview", icon: "overview" },
  { page: "orders", text: "Orders", icon: "orders" },
  { page: "products", text: "Products", icon: "products" },
  { page: "sync", text: "Sync", icon: "sync" },
  { page: "settings", text: "Settings", icon: "settings" },
  { page: "keys", text: "API keys", icon: "key" },
];
export const in_bottom_bar = 4;
