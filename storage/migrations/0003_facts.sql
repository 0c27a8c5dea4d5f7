-- What platforms told us of each store. `updated_at` is the source's own version: older never overwrites newer.

CREATE TABLE orders (
  store_id bigint NOT NULL,
  order_id bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  gone_at timestamptz, -- deleted at the source; kept so that a late update stays out
  name text COLLATE "C" NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  processed_at timestamptz,
  cancelled_at timestamptz,
  edited_at timestamptz,
  test boolean NOT NULL DEFAULT false,
  financial_status text NOT NULL DEFAULT '',
  fulfillment_status text NOT NULL DEFAULT '',
  source_name text NOT NULL DEFAULT '',
  currency text NOT NULL DEFAULT '',
  presentment_currency text NOT NULL DEFAULT '',
  presentment_total bigint NOT NULL DEFAULT 0,
  taxes_included boolean NOT NULL DEFAULT false,
  subtotal bigint NOT NULL DEFAULT 0,
  discounts bigint NOT NULL DEFAULT 0,
  shipping bigint NOT NULL DEFAULT 0,
  tax bigint NOT NULL DEFAULT 0,
  tips bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  current_subtotal bigint NOT NULL DEFAULT 0,
  current_discounts bigint NOT NULL DEFAULT 0,
  current_tax bigint NOT NULL DEFAULT 0,
  current_total bigint NOT NULL DEFAULT 0,
  net_sales bigint NOT NULL DEFAULT 0,  -- sum over the order's ledger
  line_count int NOT NULL DEFAULT 0,
  units bigint NOT NULL DEFAULT 0,
  customer_id bigint,
  landing_site text NOT NULL DEFAULT '',
  referring_site text NOT NULL DEFAULT '',
  discount_codes text NOT NULL DEFAULT '[]',  -- JSON, read as a whole
  note_attributes text NOT NULL DEFAULT '[]', -- JSON [[name, value]]
  lines text NOT NULL DEFAULT '[]',           -- JSON as the order page shows it
  refunds text NOT NULL DEFAULT '[]',
  PRIMARY KEY (store_id, order_id)
);
CREATE INDEX orders_by_creation ON orders (store_id, created_at, order_id);
CREATE INDEX orders_by_name ON orders (store_id, name);
SELECT clique_protect('orders');

CREATE TABLE order_edits (
  store_id bigint NOT NULL,
  edit_id bigint NOT NULL,
  order_id bigint NOT NULL,
  committed_at timestamptz NOT NULL,
  PRIMARY KEY (store_id, order_id, edit_id)
);
SELECT clique_protect('order_edits');

-- The sales ledger: signed minor units of the shop's currency on a day of the store's calendar.
CREATE TABLE ledger_entries (
  store_id bigint NOT NULL,
  order_id bigint NOT NULL,
  written_by bigint NOT NULL, -- the flush: old and new entries of an order meet within one statement
  line smallint NOT NULL,
  kind smallint NOT NULL, -- 1 sale, 2 edit, 3 refund, 4 cancellation
  source bigint NOT NULL, -- refund id, else 0
  day date NOT NULL,
  hour smallint NOT NULL,
  orders bigint NOT NULL,
  gross_sales bigint NOT NULL,
  discounts bigint NOT NULL,
  returns bigint NOT NULL,
  shipping bigint NOT NULL,
  taxes bigint NOT NULL,
  tips bigint NOT NULL,
  adjustment bigint NOT NULL, -- what the source's own total has beyond these columns
  PRIMARY KEY (store_id, order_id, written_by, line)
);
CREATE INDEX ledger_entries_by_day ON ledger_entries (store_id, day, hour);
SELECT clique_protect('ledger_entries');

-- Sums of ledger_entries, kept by deltas in the transaction that writes the entries.
CREATE TABLE sales_days (
  store_id bigint NOT NULL,
  day date NOT NULL,
  orders bigint NOT NULL,
  gross_sales bigint NOT NULL,
  discounts bigint NOT NULL,
  returns bigint NOT NULL,
  shipping bigint NOT NULL,
  taxes bigint NOT NULL,
  tips bigint NOT NULL,
  adjustment bigint NOT NULL, -- what the source's own total has beyond these columns
  PRIMARY KEY (store_id, day)
);
SELECT clique_protect('sales_days');
CREATE TABLE sales_hours (
  store_id bigint NOT NULL,
  day date NOT NULL,
  hour smallint NOT NULL,
  orders bigint NOT NULL,
  gross_sales bigint NOT NULL,
  discounts bigint NOT NULL,
  returns bigint NOT NULL,
  shipping bigint NOT NULL,
  taxes bigint NOT NULL,
  tips bigint NOT NULL,
  adjustment bigint NOT NULL, -- what the source's own total has beyond these columns
  PRIMARY KEY (store_id, day, hour)
);
SELECT clique_protect('sales_hours');

CREATE TABLE products (
  store_id bigint NOT NULL,
  product_id bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  gone_at timestamptz,
  written_by bigint NOT NULL, -- the flush that has changed the row, for the variants that follow
  complete boolean NOT NULL DEFAULT true, -- the source listed all variants
  title text COLLATE "C" NOT NULL DEFAULT '',
  handle text NOT NULL DEFAULT '',
  vendor text NOT NULL DEFAULT '',
  product_type text NOT NULL DEFAULT '',
  tags text NOT NULL DEFAULT '',
  status text NOT NULL DEFAULT '',
  created_at timestamptz,
  published_at timestamptz,
  PRIMARY KEY (store_id, product_id)
);
CREATE INDEX products_by_update ON products (store_id, updated_at, product_id);
CREATE INDEX products_by_title ON products (store_id, title, product_id);
SELECT clique_protect('products');

CREATE TABLE variants (
  store_id bigint NOT NULL,
  variant_id bigint NOT NULL,
  product_id bigint NOT NULL,
  product_version timestamptz NOT NULL, -- updated_at of the product that listed it
  updated_at timestamptz NOT NULL,
  item_id bigint, -- inventory item
  title text NOT NULL,
  sku text NOT NULL,
  barcode text NOT NULL,
  price bigint NOT NULL,
  compare_at_price bigint,
  unit_cost bigint, -- newest known; only some sources say it
  cost_at timestamptz,
  available bigint, -- sum over locations as the source said
  tracked boolean NOT NULL,
  continue_selling boolean NOT NULL,
  position int NOT NULL,
  PRIMARY KEY (store_id, variant_id)
);
CREATE INDEX variants_by_product ON variants (store_id, product_id, position);
CREATE INDEX variants_by_item ON variants (store_id, item_id);
SELECT clique_protect('variants');

CREATE TABLE inventory_items (
  store_id bigint NOT NULL,
  item_id bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  sku text NOT NULL,
  tracked boolean NOT NULL,
  unit_cost bigint,
  PRIMARY KEY (store_id, item_id)
);
SELECT clique_protect('inventory_items');

CREATE TABLE stock_levels (
  store_id bigint NOT NULL,
  item_id bigint NOT NULL,
  location_id bigint NOT NULL,
  updated_at timestamptz NOT NULL,
  gone boolean NOT NULL, -- disconnected from the location
  available bigint,
  PRIMARY KEY (store_id, item_id, location_id)
);
SELECT clique_protect('stock_levels');

-- A variant as it stands: whichever source spoke last wins, per fact. `available` is empty when nobody counts it.
CREATE VIEW variant_facts WITH (security_invoker = true) AS
SELECT v.store_id, v.variant_id, v.product_id, v.product_version, v.updated_at, v.item_id, v.title,
       v.barcode, v.price, v.compare_at_price, v.continue_selling, v.position,
       v.available AS listed_available,
       CASE WHEN i.updated_at > v.updated_at AND i.sku <> '' THEN i.sku ELSE v.sku END AS sku,
       CASE WHEN i.updated_at > v.updated_at THEN i.tracked ELSE v.tracked END AS tracked,
       CASE WHEN v.cost_at IS NULL OR i.updated_at > v.cost_at THEN coalesce(i.unit_cost, v.unit_cost)
            ELSE v.unit_cost END AS unit_cost,
       CASE WHEN l.newest IS NULL OR (l.newest < v.product_version AND v.available IS NOT NULL) THEN v.available
            ELSE l.available END AS available,
       l.by_location
  FROM variants v
  LEFT JOIN inventory_items i ON i.store_id = v.store_id AND i.item_id = v.item_id
  LEFT JOIN LATERAL (SELECT sum(s.available)::bigint AS available, max(s.updated_at) AS newest,
                            jsonb_object_agg(s.location_id, s.available) FILTER (WHERE s.available IS NOT NULL) AS by_location
                       FROM stock_levels s
                      WHERE s.store_id = v.store_id AND s.item_id = v.item_id AND NOT s.gone) l ON true;
GRANT SELECT ON variant_facts TO clique_app;
