-- What we do for each store and how far we are.

CREATE TABLE webhook_subscriptions (
  store_id bigint NOT NULL,
  topic text NOT NULL,
  state text NOT NULL, -- registered, missing, refused, foreign
  gid text NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  registered_at timestamptz, -- since when it has been registered without a break
  PRIMARY KEY (store_id, topic)
);
SELECT clique_protect('webhook_subscriptions');

-- Every version is kept; the greatest is in force.
CREATE TABLE user_settings (
  store_id bigint NOT NULL,
  version bigint NOT NULL,
  settings jsonb NOT NULL,
  user_id bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (store_id, version)
);
SELECT clique_protect('user_settings');

-- Adds a version when *expected* is in force, fails with 23505 otherwise; the same call again changes nothing.
CREATE FUNCTION clique_save_settings(of bigint, expected bigint, next jsonb, by_user bigint, at_time timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  current bigint;
BEGIN
  SELECT coalesce(max(version), 0) INTO current FROM user_settings WHERE store_id = of;
  IF current = expected THEN
    INSERT INTO user_settings VALUES (of, expected + 1, next, by_user, at_time);
  ELSIF NOT EXISTS (SELECT FROM user_settings WHERE store_id = of AND version = expected + 1 AND settings = next
                      AND user_id = by_user AND at = at_time) THEN
    RAISE EXCEPTION 'settings are at version %, not %', current, expected USING ERRCODE = 'unique_violation';
  END IF;
END $$;

CREATE TABLE sync_logs (
  store_id bigint NOT NULL,
  source text NOT NULL,
  at timestamptz NOT NULL,
  what text NOT NULL,
  outcome jsonb NOT NULL,
  PRIMARY KEY (store_id, at, source, what)
);
SELECT clique_protect('sync_logs');

-- One row per store and feature: its timer, its memory between steps, its progress for people.
CREATE TABLE job_log (
  store_id bigint NOT NULL,
  feature text NOT NULL,
  state text NOT NULL DEFAULT 'idle',
  memory jsonb NOT NULL DEFAULT '{}',
  done bigint NOT NULL DEFAULT 0,
  total bigint,
  unit text NOT NULL DEFAULT '',
  error text NOT NULL DEFAULT '',
  outcome jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  due_at timestamptz,
  PRIMARY KEY (store_id, feature)
) WITH (fillfactor = 80);
CREATE INDEX job_log_due ON job_log (due_at) WHERE due_at IS NOT NULL;
SELECT clique_protect('job_log');
SELECT clique_open_to_system('job_log');

CREATE TABLE source_state (
  store_id bigint NOT NULL,
  source text NOT NULL,
  state text NOT NULL,
  reason text NOT NULL,
  as_of timestamptz NOT NULL,
  PRIMARY KEY (store_id, source)
);
SELECT clique_protect('source_state');

CREATE TABLE import_months (
  store_id bigint NOT NULL,
  month text NOT NULL, -- "2026-03"
  theirs bigint NOT NULL,
  ours bigint NOT NULL,
  state text NOT NULL,
  verified_at timestamptz NOT NULL,
  PRIMARY KEY (store_id, month)
);
SELECT clique_protect('import_months');

CREATE TABLE reconciliation_days (
  store_id bigint NOT NULL,
  day date NOT NULL,
  orders_ours bigint NOT NULL,
  orders_theirs bigint NOT NULL,
  total_ours bigint NOT NULL,
  total_theirs bigint NOT NULL,
  state text NOT NULL,
  cause text NOT NULL,
  checked_at timestamptz NOT NULL,
  PRIMARY KEY (store_id, day)
);
SELECT clique_protect('reconciliation_days');

-- Receipts; they hold no personal data beyond the numbers in the request.
CREATE TABLE privacy_requests (
  store_id bigint NOT NULL,
  topic text NOT NULL,
  request text NOT NULL, -- the platform's id of the request
  customer_id bigint,
  orders bigint[] NOT NULL,
  at timestamptz NOT NULL,
  rows_removed bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (store_id, topic, request)
);
SELECT clique_protect('privacy_requests');

-- Calls to platforms that must survive a crash; a row lives until its answer's decision is committed.
CREATE TABLE outbox (
  store_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  feature text NOT NULL,
  call jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (store_id, id)
);
SELECT clique_protect('outbox');

-- Removes a customer's traces from the named orders, from all orders of that customer, and from parked deliveries.
CREATE FUNCTION clique_redact_customer(of bigint, customer bigint, named bigint[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
  parked bigint;
BEGIN
  UPDATE orders
     SET customer_id = NULL, landing_site = '', referring_site = '', note_attributes = '[]'
   WHERE store_id = of AND (order_id = ANY (named) OR customer_id = customer);
  GET DIAGNOSTICS touched = ROW_COUNT;
  DELETE FROM dead_letter d
   WHERE d.store_id = of
     AND EXISTS (SELECT FROM unnest(named || customer) n WHERE position(convert_to(n::text, 'UTF8') IN d.body) > 0);
  GET DIAGNOSTICS parked = ROW_COUNT;
  RETURN touched + parked;
END $$;

-- Removes every row of a store from every table that has a store_id, tokens first. The audit log stays.
CREATE FUNCTION clique_redact_store(of bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  here regclass;
  removed bigint;
  result bigint := 0;
BEGIN
  IF of <> ALL (current_setting('clique.stores')::bigint[]) THEN
    RAISE EXCEPTION 'store % is not open in this transaction', of USING ERRCODE = 'insufficient_privilege';
  END IF;
  FOR here IN
    SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE a.attname = 'store_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'audit_log'
     ORDER BY c.relname <> 'store_tokens', c.relname
  LOOP
    EXECUTE format('DELETE FROM %s WHERE store_id = $1', here) USING of;
    GET DIAGNOSTICS removed = ROW_COUNT;
    result := result + removed;
  END LOOP;
  RETURN result;
END $$;
REVOKE ALL ON FUNCTION clique_redact_store(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clique_redact_store(bigint) TO clique_app;

-- A delivery is parked once, however often its child comes back to it.
CREATE UNIQUE INDEX dead_letter_by_place ON dead_letter (store_id, part, seq);
