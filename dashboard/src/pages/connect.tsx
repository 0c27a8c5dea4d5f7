import { Card } from "~/ui/card";
import { Page } from "~/ui/page";
import { ConnectForm } from "./connect_form";

export function Connect() {
  return (
    <Page title="Connect a shop" note="Shopify asks you to agree, then past orders are imported, newest first. The first figures appear within a minute.">
      <div class="narrow">
        <Card title="Your Shopify shop">
          <ConnectForm />
        </Card>
        <Card title="What we ask for">
          <ul class="plain-list">
            <li>
              <b>Orders</b>: sales, refunds and discounts. Names and addresses of customers are not stored.
            </li>
            <li>
              <b>Products and inventory</b>: titles, prices, costs and stock per location.
            </li>
            <li>Nothing in your shop is changed without a click of yours.</li>
          </ul>
        </Card>
      </div>
    </Page>
  );
}
