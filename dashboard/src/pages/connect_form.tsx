import { useState } from "preact/hooks";

import { Field } from "~/ui/field";

/** "name", "name.myshopify.com" or its address in the admin, as the shop's permanent domain; null when it is none. */
export function shop_domain(text: string): string | null {
  const typed = text.trim().toLowerCase().replace(/^https?:\/\//, "").replace(/\/+$/, "");
  const name = /^admin\.shopify\.com\/store\/([a-z0-9][a-z0-9-]*)$/.exec(typed)?.[1] ?? typed.replace(/\.myshopify\.com$/, "");
  return /^[a-z0-9][a-z0-9-]{0,60}$/.test(name) ? `${name}.myshopify.com` : null;
}

/** Leads to Shopify's consent page. */
export function ConnectForm() {
  const [text, type] = useState("");
  const [fault, blame] = useState<string>();
  return (
    <form
      class="connect-form"
      onSubmit={(event) => {
        event.preventDefault();
        const shop = shop_domain(text);
        if (!shop) return blame("A shop's address looks like your-shop.myshopify.com.");
        location.assign(`/auth/shopify?shop=${encodeURIComponent(shop)}`);
      }}
    >
      <Field
        label="Shop address"
        fault={fault}
        control={(wear) => (
          <input
            {...wear}
            type="text"
            inputMode="url"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder="your-shop.myshopify.com"
            value={text}
            onInput={(event) => {
              type(event.currentTarget.value);
              blame(undefined);
            }}
          />
        )}
      />
      <button type="submit" class="button">
        Connect with Shopify
      </button>
    </form>
  );
}
